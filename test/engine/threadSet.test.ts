import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { Thread, ThreadSet, type ThreadSetArgs } from "pulumi-dashscope";
import { deleteThread, setMetadata } from "./outsider";
import { describeEngine, type EngineStack, catchFailure, newStack } from "./setup";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true", DASHSCOPE_MAX_RETRIES: "0" };

function declare(
  threads: ThreadSetArgs["threads"],
  args: Omit<ThreadSetArgs, "threads"> = {},
  opts?: pulumi.CustomResourceOptions,
): pulumi.automation.PulumiFn {
  return async () => {
    const set = new ThreadSet("tenants", { threads, ...args }, opts);
    return { ids: set.ids };
  };
}

async function readIds(stack: EngineStack): Promise<Record<string, string>> {
  const { ids } = await stack.outputs();
  return Object(ids?.value);
}

function takeRequests({ emulator }: EngineStack): string[] {
  const requests = emulator.requests().map(({ method, path }) => `${method} ${path}`);
  emulator.clearRequests();
  return requests.sort();
}

/** The state as it lies on the disk: an export by the Automation API shows secrets. */
function readStateFile(stack: EngineStack): Promise<string> {
  return readFile(join(stack.folder, ".pulumi/stacks/engine-test/test.json"), "utf8");
}

describeEngine("a thread set on the real engine", () => {
  test("is created once, doesn't change after that, and is destroyed without the program", async () => {
    const threads = {
      acme: { metadata: { plan: "gold" } },
      globex: { messages: [{ role: "user" as const, content: "Hello" }] },
    };
    const stack = await newStack({ env }, async () => {
      const set = new ThreadSet("tenants", { threads });
      const log = new Thread("log", { metadata: { of: set.ids.apply((ids) => ids["acme"] ?? "") } });
      return {
        ids: set.ids,
        of: log.metadata,
        created: set.threads.apply((all) => all["globex"]?.createdAt),
      };
    });
    expect((await stack.preview()).changes).toEqual({ create: 3 });
    expect(takeRequests(stack)).toEqual([]);

    await stack.up();
    const ids = await readIds(stack);
    expect(Object.keys(ids).sort()).toEqual(["acme", "globex"]);
    expect(await stack.outputs()).toMatchObject({
      of: { value: { of: ids["acme"] } },
      created: { value: expect.any(Number) },
    });
    expect(takeRequests(stack)).toHaveLength(3);

    expect((await stack.up()).changes).toEqual({ same: 3 });
    expect(takeRequests(stack)).toEqual([]);
    await stack.refresh({ expectNoChanges: true });

    stack.program = async () => {
      throw new Error("`destroy` must not run the program.");
    };
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("shows each member that changes by its key, and touches no other", async () => {
    const stack = await newStack(
      { env },
      declare({
        same: { metadata: { plan: "gold" } },
        acme: { metadata: { plan: "free", team: "support" } },
        initech: { metadata: { plan: "old" } },
      }),
    );
    await stack.up();
    takeRequests(stack);
    const ids = await readIds(stack);

    stack.program = declare({
      same: { metadata: { plan: "gold" } },
      acme: { metadata: { plan: "gold", team: "support" } },
      globex: { metadata: { plan: "new" } },
    });
    const { output, changes } = await stack.preview({ diff: true });
    expect(changes).toEqual({ update: 1, same: 1 });
    for (const line of [
      /~ acme +: \{\s+~ metadata: \{\s+~ plan: "free" => "gold"/,
      /\+ globex +: \{\s+\+ metadata: \{\s+\+ plan: "new"/,
      /- initech *: \{\s+- metadata: \{\s+- plan: "old"/,
    ]) {
      expect(output).toMatch(line);
    }
    expect(output).toContain('This deletes the threads of "initech", and their conversations.');
    expect(output).not.toMatch(/[~+-] same/);

    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(takeRequests(stack)).toEqual(
      [
        `DELETE /api/v1/threads/${ids["initech"]}`,
        "POST /api/v1/threads",
        `POST /api/v1/threads/${ids["acme"]}`,
      ].sort(),
    );
    const after = await readIds(stack);
    expect(after).toEqual({
      same: ids["same"],
      acme: ids["acme"],
      globex: expect.stringMatching(/^thread_/),
    });
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("refuses other messages of a member, and removals under `protectMembers`, in the preview", async () => {
    const hello = [{ role: "user" as const, content: "secret-value" }];
    const stack = await newStack({ env }, declare({ acme: { messages: hello } }, { protectMembers: true }));
    await stack.up();
    takeRequests(stack);
    stack.program = declare({ acme: { messages: [...hello, ...hello] } }, { protectMembers: true });
    const failure = await catchFailure(stack.preview());
    expect(failure).toContain(
      'The `messages` of the member "acme" differ from those that its thread was created with',
    );
    expect(failure).toContain("Declare the member under another key to create another thread.");
    expect(failure).not.toContain("secret-value");

    stack.program = declare({}, { protectMembers: true });
    expect(await catchFailure(stack.up())).toContain('`protectMembers` is set, but this update removes "acme".');
    expect(takeRequests(stack)).toEqual([]);
  });

  test.each(["", "refresh"])(
    "continues after a partial failure, and after a %p in between",
    async (between) => {
      const stack = await newStack({ env }, declare({ old: {}, changed: { metadata: { a: "1" } } }));
      await stack.up();
      const before = await readIds(stack);
      stack.emulator.setFaults([
        { kind: "error", status: 400, code: "InvalidParameter", verb: "create", times: 2 },
        { kind: "error", status: 500, verb: "update", times: 1 },
        { kind: "error", status: 500, verb: "delete", times: 1 },
      ]);
      stack.program = declare({
        changed: { metadata: { a: "2" } },
        one: {},
        two: {},
        three: { metadata: { b: "1" } },
      });
      const failure = await catchFailure(stack.up());
      expect(failure).toContain("4 of 5 threads of the set failed.");
      expect(failure).toContain(
        "What was done is recorded. Run `pulumi up` again to continue with the rest.",
      );
      expect(stack.emulator.threads()).toHaveLength(3);

      if (between === "refresh") await stack.refresh();
      const preview = await stack.preview({ diff: true });
      expect(preview.changes).toEqual({ update: 1, same: 1 });
      expect(preview.output).toMatch(
        /This continues the last update: it creates ("\w+"(, )?){2}, changes "changed", deletes "old"\./,
      );
      expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
      const ids = await readIds(stack);
      expect(Object.keys(ids).sort()).toEqual(["changed", "one", "three", "two"]);
      expect(ids["changed"]).toBe(before["changed"]);
      expect(stack.emulator.threads()).toHaveLength(4);
      expect((await stack.up()).changes).toEqual({ same: 2 });
      await stack.refresh({ expectNoChanges: true });
    },
  );

  test("names each create whose answer is lost, and records the set even if nothing else exists", async () => {
    const stack = await newStack({ env }, declare({ acme: {}, globex: {} }));
    stack.emulator.setFaults([{ kind: "dropAfter", verb: "create", times: 2 }]);
    const failure = await catchFailure(stack.up());
    for (const key of ["acme", "globex"])
      expect(failure).toMatch(new RegExp(`"${key}" \\(sent at 20\\S+Z\\)`));
    expect(failure).toContain("DashScope may have created a thread that nothing refers to");
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toHaveLength(4);
    expect(Object.keys(await readIds(stack))).toHaveLength(2);
  });

  test("loses nothing if a member fails in a set of almost 8 MB", async () => {
    const content = "x".repeat(7_700);
    const threads = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, at) => [
        `tenant-${at}`,
        { messages: [{ role: "user" as const, content }] },
      ]),
    );
    const stack = await newStack({ env }, declare(threads));
    stack.emulator.setFaults([{ kind: "error", status: 400, verb: "create", times: 1 }]);
    expect(await catchFailure(stack.up())).toContain("1 of 1000 threads of the set failed.");
    expect(stack.emulator.threads()).toHaveLength(999);
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toHaveLength(1_000);
    await stack.destroy();
    expect(stack.emulator.threads()).toHaveLength(0);
  });

  test("shows drift of each member in a refresh, and creates a member again that's gone", async () => {
    const threads = { drifted: { metadata: { a: "1" } }, gone: { metadata: { a: "1" } }, plain: {} };
    const stack = await newStack({ env }, declare(threads));
    await stack.up();
    const ids = await readIds(stack);
    await setMetadata(stack, { a: "2" }, ids["drifted"]);
    await setMetadata(stack, { owner: "someone" }, ids["plain"]);
    await deleteThread(stack, ids["gone"]);

    const { output } = await stack.refresh();
    expect(output).toContain("[diff: ~threads]");
    const preview = await stack.preview({ diff: true });
    expect(preview.output).toMatch(/~ drifted *: \{\s+~ metadata: \{\s+~ a: "2" => "1"/);
    expect(preview.output).toMatch(/\+ gone *: \{/);
    takeRequests(stack);
    await stack.up();
    expect(takeRequests(stack)).toEqual(["POST /api/v1/threads", `POST /api/v1/threads/${ids["drifted"]}`]);
    await stack.refresh({ expectNoChanges: true });
    expect(await readIds(stack)).toMatchObject({ drifted: ids["drifted"], plain: ids["plain"] });
  });

  test("takes over the threads of many resources, and gives them back in two updates", async () => {
    const names = ["acme", "globex"];
    const declareThreads = (opts?: pulumi.CustomResourceOptions) => async () => {
      const threads = names.map((name) => new Thread(name, { metadata: { tenant: name } }, opts));
      return { ids: pulumi.all(threads.map(({ id }) => id)).apply(([acme, globex]) => ({ acme, globex })) };
    };
    const stack = await newStack({ env }, declareThreads());
    await stack.up();
    const ids = await readIds(stack);
    stack.program = declareThreads({ retainOnDelete: true });
    await stack.up();

    const members = Object.fromEntries(
      Object.entries(ids).map(([name, adoptId]) => [name, { adoptId, metadata: { tenant: name } }]),
    );
    stack.program = declare(members);
    const preview = await stack.preview();
    expect(preview.output).toContain("This adopts 2 threads.");
    await stack.up();
    expect(await readIds(stack)).toEqual(ids);

    const plain = Object.fromEntries(names.map((name) => [name, { metadata: { tenant: name } }]));
    stack.program = declare(plain);
    expect((await stack.up()).changes).toEqual({ same: 2 });

    stack.program = declare(plain, { retain: true });
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    stack.program = async () => {
      const set = new ThreadSet("tenants", {
        threads: { globex: { metadata: { tenant: "globex" } } },
        retain: true,
      });
      new Thread("acme", { adoptId: ids["acme"], metadata: { tenant: "acme" } });
      return { ids: set.ids };
    };
    await stack.up();
    expect(await readIds(stack)).toEqual({ globex: ids["globex"] });
    expect(
      stack.emulator
        .threads()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(Object.values(ids).sort());
    expect((await stack.up()).changes).toEqual({ same: 3 });
    await stack.refresh({ expectNoChanges: true });
  });

  test("keeps a thread that another set adopts while the old set is destroyed", async () => {
    const stack = await newStack({ env }, declare({ acme: {} }));
    await stack.up();
    const ids = await readIds(stack);
    stack.program = async () => {
      const set = new ThreadSet("customers", { threads: { acme: { adoptId: ids["acme"] } } });
      return { ids: set.ids };
    };
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ id: ids["acme"] }]);
    await stack.refresh({ expectNoChanges: true });
  });

  test("keeps secrets out of the state, the output and the errors, and only marks what you mark", async () => {
    const program = (value: string) =>
      declare({
        acme: {
          metadata: { plan: "visible-plan", pin: pulumi.secret(value) },
          messages: pulumi.secret([{ role: "user" as const, content: "a secret-value of a message" }]),
        },
        globex: { metadata: { plan: "gold" } },
      });
    const stack = await newStack({ env }, program("4711-0815"));
    const seen = [(await stack.preview({ diff: true })).output, (await stack.up()).output];
    seen.push((await stack.refresh()).output, await readStateFile(stack));
    stack.program = program("4711-0816");
    seen.push((await stack.preview({ diff: true })).output);
    stack.emulator.setFaults([
      { kind: "error", status: 400, message: "The value 4711-0816 isn't allowed.", verb: "update" },
    ]);
    seen.push(await catchFailure(stack.up()), await readStateFile(stack));
    const text = seen.join("\n");
    expect(text).not.toMatch(/4711|secret-value/);
    expect(text).toContain("visible-plan");
    expect(Object.keys(await readIds(stack))).toHaveLength(2);
  });

  test("accepts unknown values at any depth in a preview", async () => {
    const stack = await newStack({ env }, async () => {
      const source = new Thread("source");
      const set = new ThreadSet("tenants", {
        threads: {
          acme: { metadata: { of: source.id }, messages: [{ role: "user", content: source.baseUrl }] },
          globex: source.baseUrl.apply((of) => ({ metadata: { of } })),
        },
        workspace: source.workspace.apply((one) => one ?? ""),
      });
      const whole = new ThreadSet("whole", {
        threads: source.baseUrl.apply((of) => ({ one: { metadata: { of } } })),
      });
      return { ids: set.ids, whole: whole.ids };
    });
    expect((await stack.preview()).changes).toEqual({ create: 4 });
    await stack.up();
    expect(Object.keys(await readIds(stack)).sort()).toEqual(["acme", "globex"]);
    expect((await stack.up()).changes).toEqual({ same: 4 });
  });

  test("replaces the set if the workspace changes, and says that threads are deleted", async () => {
    const stack = await newStack({ env }, declare({ acme: {} }, { workspace: "ws-one" }));
    await stack.up();
    stack.program = declare({ acme: {} }, { workspace: "ws-two" });
    const preview = await stack.preview();
    expect(preview.changes).toEqual({ replace: 1, same: 1 });
    expect(preview.output).toContain(
      "This replaces a thread set: `workspace` moves it from workspace ws-one to ws-two.",
    );
    await stack.up();
    expect(stack.emulator.threads()).toMatchObject([{ workspace: "ws-two" }]);
  });

  test("reports its progress every few seconds", async () => {
    const threads = Object.fromEntries(Array.from({ length: 35 }, (_, at) => [`t${at}`, {}]));
    const stack = await newStack(
      { env: { ...env, DASHSCOPE_MAX_CONCURRENCY: "1" }, emulator: { latency: 200 } },
      declare(threads),
    );
    expect((await stack.up()).output).toMatch(/ThreadSet: 2\d of 35 threads done, 0 failed\./);
  });
});
