import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import type { ThreadSetArgs } from "pulumi-dashscope";
import * as dynamic from "pulumi-dashscope";
import { failIfRun } from "./declarations";
import { listThreadIds, takeRequests } from "./observer";
import { deleteThread, setMetadata } from "./outsider";
import {
  catchFailure,
  describeEngine,
  describeFrontEnds,
  type EngineStack,
  type FrontEnd,
  newStack,
} from "./setup";

const env = { DASHSCOPE_MAX_RETRIES: "0" };

function declareSet(
  ThreadSet: FrontEnd["ThreadSet"],
  threads: ThreadSetArgs["threads"],
  args: Omit<ThreadSetArgs, "threads"> = {},
  name = "tenants",
): pulumi.automation.PulumiFn {
  return async () => ({ ids: new ThreadSet(name, { threads, ...args }).ids });
}

async function readIds(stack: EngineStack): Promise<Record<string, string>> {
  return Object(await stack.readOutputs())["ids"];
}

describeFrontEnds("a thread set", ({ Thread, ThreadSet }) => {
  test("a set is created once, changes only the members that differ, repairs drift, and is destroyed", async () => {
    const messages = [{ role: "user" as const, content: "secret-value" }];
    const first = {
      same: { metadata: { plan: "gold" } },
      acme: { metadata: { plan: "free", team: "support" } },
      initech: { metadata: { plan: "old" } },
      greeted: { messages },
    };
    const stack = await newStack({ env }, declareSet(ThreadSet, first));
    expect((await stack.preview()).changes).toEqual({ create: 2 });
    expect(takeRequests(stack)).toEqual([]);
    await stack.up();
    const ids = await readIds(stack);
    expect(Object.keys(ids).sort()).toEqual(["acme", "greeted", "initech", "same"]);
    expect(takeRequests(stack)).toHaveLength(4);
    expect((await stack.up()).changes).toEqual({ same: 2 });
    expect(takeRequests(stack)).toEqual([]);

    const { initech: _, ...kept } = first;
    const second = {
      ...kept,
      acme: { metadata: { plan: "gold", team: "support" } },
      globex: { metadata: { plan: "new" } },
    };
    stack.program = declareSet(ThreadSet, second);
    const { output, changes } = await stack.preview({ diff: true });
    expect(changes).toEqual({ update: 1, same: 1 });
    expect(output).toMatch(/~ acme +: \{\s+~ metadata: \{\s+~ plan: "free" => "gold"/);
    expect(output).toMatch(/\+ globex +: \{\s+\+ metadata: \{\s+\+ plan: "new"/);
    expect(output).toMatch(/- initech *: \{\s+- metadata: \{\s+- plan: "old"/);
    expect(output).toContain('This deletes the threads of "initech", and their conversations.');
    expect(output).not.toMatch(/[~+-] (same|greeted)/);
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(takeRequests(stack)).toEqual(
      [
        `DELETE /api/v1/threads/${ids["initech"]}`,
        "POST /api/v1/threads",
        `POST /api/v1/threads/${ids["acme"]}`,
      ].sort(),
    );
    const { globex = "", ...others } = await readIds(stack);
    expect(others).toEqual({ same: ids["same"], acme: ids["acme"], greeted: ids["greeted"] });

    await setMetadata(stack, { plan: "silver" }, ids["same"]);
    await setMetadata(stack, { owner: "someone" }, ids["greeted"]);
    await deleteThread(stack, globex);
    expect((await stack.refresh()).output).toContain("[diff: ~threads]");
    takeRequests(stack);
    const repair = await stack.up({ diff: true });
    expect(repair.output).toMatch(/~ same *: \{\s+~ metadata: \{\s+~ plan: "silver" => "gold"/);
    expect(repair.output).toMatch(/\+ globex *: \{/);
    expect(takeRequests(stack)).toEqual(["POST /api/v1/threads", `POST /api/v1/threads/${ids["same"]}`]);
    await stack.refresh({ expectNoChanges: true });

    stack.program = declareSet(ThreadSet, { ...second, greeted: { messages: [...messages, ...messages] } });
    takeRequests(stack);
    const refusal = await catchFailure(stack.preview());
    expect(refusal).toMatch(/"greeted".*\[DASHSCOPE_ERR_CONFIGURATION]/);
    expect(refusal).not.toContain("secret-value");
    expect(takeRequests(stack)).toEqual([]);

    stack.program = failIfRun;
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("an `up` continues after a partial failure, also after a refresh in between", async () => {
    const stack = await newStack(
      { env },
      declareSet(ThreadSet, { old: {}, changed: { metadata: { a: "1" } } }),
    );
    await stack.up();
    const before = await readIds(stack);
    stack.emulator.setFaults([
      { kind: "error", status: 400, code: "InvalidParameter", verb: "create", times: 2 },
      { kind: "error", status: 500, verb: "update", times: 1 },
      { kind: "error", status: 500, verb: "delete", times: 1 },
    ]);
    stack.program = declareSet(ThreadSet, {
      changed: { metadata: { a: "2" } },
      one: {},
      two: {},
      three: { metadata: { b: "1" } },
    });
    expect(await catchFailure(stack.up())).toMatch(/4 of 5 threads.*\[DASHSCOPE_ERR_INCOMPLETE]/);
    expect(stack.emulator.threads()).toHaveLength(3);

    await stack.refresh();
    const next = await stack.up();
    expect(next.changes).toEqual({ update: 1, same: 1 });
    expect(next.output).toMatch(
      /This continues the last update: it creates ("\w+"(, )?){2}, changes "changed", deletes "old"\./,
    );
    const ids = await readIds(stack);
    expect(Object.keys(ids).sort()).toEqual(["changed", "one", "three", "two"]);
    expect(ids["changed"]).toBe(before["changed"]);
    expect(stack.emulator.threads()).toHaveLength(4);
    await stack.refresh({ expectNoChanges: true });
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });

  test("a set of almost 8 MB loses nothing if a member fails, and names the create whose answer is lost", async () => {
    const content = "x".repeat(30_800);
    const names = Array.from({ length: 250 }, (_, at) => `tenant-${at}`);
    const threads = Object.fromEntries(
      names.map((name) => [name, { messages: [{ role: "user" as const, content }] }]),
    );
    const stack = await newStack({ env }, declareSet(ThreadSet, threads));
    stack.emulator.setFaults([
      { kind: "error", status: 400, verb: "create", times: 1 },
      { kind: "dropAfter", verb: "create", times: 1 },
    ]);
    const failure = await catchFailure(stack.up());
    expect(failure).toMatch(/2 of 250 threads.*"tenant-\d+" \(sent at 20\S+Z\)/);
    expect(stack.emulator.threads()).toHaveLength(249);
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    expect(stack.emulator.threads()).toHaveLength(251);
    expect(Object.keys(await readIds(stack)).sort()).toEqual(names.sort());
  });

  test("secrets of a member stay out of the state, the output and the errors, and nothing else becomes one", async () => {
    const declare = (pin: string) =>
      declareSet(ThreadSet, {
        acme: {
          metadata: { plan: "visible-plan", pin: pulumi.secret(pin) },
          messages: pulumi.secret([{ role: "user" as const, content: "a secret-value of a message" }]),
        },
        globex: { metadata: { plan: "gold" } },
      });
    const stack = await newStack({ env }, declare("4711-0815"));
    const seen = [(await stack.preview({ diff: true })).output, (await stack.up()).output];
    seen.push((await stack.refresh()).output, await stack.readState());
    stack.program = declare("4711-0816");
    stack.emulator.setFaults([
      { kind: "error", status: 400, message: "The value 4711-0816 isn't allowed.", verb: "update" },
    ]);
    seen.push(await catchFailure(stack.up({ diff: true })), await stack.readState());
    expect(seen.join("\n")).not.toMatch(/4711-08|secret-value/);
    expect(seen.join("\n")).toContain("visible-plan");
    expect(Object.keys(await readIds(stack))).toEqual(["acme", "globex"]);
  });

  test("a preview accepts unknown values at any depth, and another workspace replaces the set", async () => {
    const declare = (workspace: string) => async () => {
      const source = new Thread("source");
      const set = new ThreadSet("tenants", {
        threads: {
          acme: { metadata: { of: source.id }, messages: [{ role: "user", content: source.baseUrl }] },
          globex: source.baseUrl.apply((of) => ({ metadata: { of } })),
        },
        workspace: source.workspace.apply(() => workspace),
      });
      const whole = new ThreadSet("whole", {
        threads: source.baseUrl.apply((of) => ({ one: { metadata: { of } } })),
      });
      return {
        ids: set.ids,
        log: new Thread("log", { metadata: { of: whole.ids.apply(({ one }) => one ?? "") } }).metadata,
        created: set.threads.apply((all) => all["globex"]?.createdAt),
      };
    };
    const stack = await newStack({ env }, declare("ws-one"));
    expect((await stack.preview()).changes).toEqual({ create: 5 });
    await stack.up();
    expect(await stack.readOutputs()).toEqual({
      ids: { acme: expect.stringMatching(/^thread_/), globex: expect.stringMatching(/^thread_/) },
      log: { of: expect.stringMatching(/^thread_/) },
      created: expect.any(Number),
    });
    expect((await stack.up()).changes).toEqual({ same: 5 });

    stack.program = declare("ws-two");
    const { changes, output } = await stack.up();
    expect(changes).toEqual({ replace: 1, same: 4 });
    expect(output).toContain(
      "This replaces a thread set: `workspace` moves it from workspace ws-one to ws-two.",
    );
    expect(stack.emulator.threads().filter(({ workspace }) => workspace === "ws-two")).toHaveLength(2);
    expect(stack.emulator.threads()).toHaveLength(5);
  });
});

describeEngine("a thread set", () => {
  const { Thread, ThreadSet } = dynamic;
  test("a set takes over the threads of many resources, survives a rename, and gives them back", async () => {
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

    const plain = Object.fromEntries(names.map((name) => [name, { metadata: { tenant: name } }]));
    const adopting = Object.fromEntries(
      names.map((name) => [name, { ...plain[name], adoptId: ids[name] ?? "" }]),
    );
    stack.program = declareSet(ThreadSet, adopting);
    expect((await stack.up()).output).toContain("This adopts 2 threads.");
    expect(await readIds(stack)).toEqual(ids);
    stack.program = declareSet(ThreadSet, adopting, {}, "customers");
    await stack.up();
    expect(await readIds(stack)).toEqual(ids);

    stack.program = declareSet(ThreadSet, plain, { retain: true }, "customers");
    expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
    stack.program = async () => {
      new Thread("acme", { adoptId: ids["acme"], metadata: { tenant: "acme" } });
      const set = new ThreadSet("customers", { threads: { globex: plain["globex"] ?? {} }, retain: true });
      return { ids: set.ids };
    };
    await stack.up();
    expect(await readIds(stack)).toEqual({ globex: ids["globex"] });
    expect(listThreadIds(stack).sort()).toEqual(Object.values(ids).sort());
    await stack.refresh({ expectNoChanges: true });
  });
});
