import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import {
  Conversation,
  getThread,
  getThreadOutput,
  Provider,
  Thread,
  ThreadSet,
} from "pulumi-dashscope/plugin";
import { getJournal, signal, waitForEnd } from "../../../scripts/faults/kills";
import { accounts, ownKey, rotatedKey } from "../accountKeys";
import { declareSupport, failIfRun } from "../declarations";
import { listThreadIds } from "../observer";
import { Other } from "../otherResource";
import { apiKey, createThread } from "../outsider";
import { catchFailure, describeEngine, type EngineStack, newStack } from "../setup";

const languageHost = join(__dirname, "../../../scripts/engine/languageHost");

/** Runs `up` until the emulator has got a request. */
async function waitForRequest({ emulator }: EngineStack): Promise<void> {
  while (emulator.requests().length === 0) await sleep(20);
}

/** Creates a conversation as someone would who doesn't use Pulumi. */
async function createConversation({ emulator }: EngineStack, metadata: object): Promise<string> {
  const answer = await fetch(`${emulator.compatibleUrl}/conversations`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ metadata }),
  });
  const body: unknown = await answer.json();
  if (typeof body === "object" && body && "id" in body && typeof body.id === "string") return body.id;
  throw new Error(`The emulator created no conversation: ${answer.status}`);
}

async function listRecordedIds(stack: EngineStack): Promise<string[]> {
  const { deployment } = await stack.exportState();
  return deployment.resources.flatMap(({ type, id }: { type: string; id: string }) =>
    type === "dashscope:index:Thread" ? [id] : [],
  );
}

/** A resource that the plugin doesn't have. */
class Assistant extends pulumi.CustomResource {}

describeEngine("the provider plugin", () => {
  test("a preview of an update keeps the outputs known that the update doesn't change", async () => {
    const program = (value: string) => async () => {
      const thread = new Thread("support", { metadata: { env: value } });
      const set = new ThreadSet("tenants", { threads: { acme: { metadata: { env: value } } } });
      new Thread("dependent", {
        metadata: { at: thread.createdAt.apply(String), url: thread.baseUrl, acme: set.ids["acme"] ?? "" },
      });
    };
    const stack = await newStack({}, program("dev"));
    await stack.up();
    const sent = stack.emulator.requests().length;

    stack.program = program("prod");
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ same: 2, update: 2 });
    expect(preview.output).toContain('~ env: "dev" => "prod"');
    expect(preview.output).not.toContain("[unknown]");
    expect(stack.emulator.requests()).toHaveLength(sent);
  });

  test("^C ends what waits as not sent, and records the create that was sent", async () => {
    const stack = await newStack(
      { env: { DASHSCOPE_MAX_CONCURRENCY: "1" }, emulator: { latency: 1_500 } },
      async () => {
        for (const name of ["a", "b", "c"]) new Thread(name);
      },
    );
    const interruption = new AbortController();
    const failure = catchFailure(stack.up({ signal: interruption.signal }));
    await waitForRequest(stack);
    interruption.abort();
    const output = await failure;
    expect(output).toContain("the request wasn't sent, because the command was interrupted");
    expect(output).toContain("[DASHSCOPE_ERR_INTERRUPTED]");
    expect(stack.emulator.requests()).toHaveLength(1);
    expect(await listRecordedIds(stack)).toEqual(stack.emulator.threads().map(({ id }) => id));
    // The run ended by itself, so its journal is closed.
    expect(await readdir(getJournal(stack))).toEqual([expect.not.stringContaining("open")]);
  });

  test("^C ends the cooldown of a throttled account at once", async () => {
    const stack = await newStack({}, async () => {
      new Thread("support");
    });
    stack.emulator.setFaults([
      { kind: "error", status: 429, code: "Throttling", message: "Slow down.", retryAfter: "60" },
    ]);
    const interruption = new AbortController();
    const failure = catchFailure(stack.up({ signal: interruption.signal }));
    await waitForRequest(stack);
    const started = performance.now();
    interruption.abort();
    expect(await failure).toContain("[DASHSCOPE_ERR_INTERRUPTED]");
    // The cooldown takes a minute.
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(stack.emulator.requests()).toHaveLength(1);
  });

  test("`customTimeouts` bounds an operation, also while the account is throttled", async () => {
    const stack = await newStack({}, async () => {
      new Thread("support", {}, { customTimeouts: { create: "2s" } });
    });
    stack.emulator.setFaults([{ kind: "error", status: 429, code: "Throttling", message: "Slow down." }]);
    const output = await catchFailure(stack.up());
    expect(output).toContain("within the operation's 2 s");
    expect(output).toContain("[DASHSCOPE_ERR_THROTTLED]");
  });

  test("the option `import` and `pulumi import` record live threads and conversations, and nothing is written", async () => {
    // `pulumi import` asks the language host of the project, even if it generates no code.
    const PATH = `${languageHost}${delimiter}${process.env["PATH"]}`;
    const stack = await newStack({ env: { PATH } }, async () => undefined);
    const metadata = { team: "support" };
    const [first, second] = [
      await createThread(stack, { metadata }),
      await createThread(stack, { metadata: { team: "sales" } }),
    ];
    const conversations = [
      await createConversation(stack, metadata),
      await createConversation(stack, { team: "sales" }),
    ] as const;
    stack.emulator.clearRequests();
    await stack.import({
      resources: [
        { type: "dashscope:index:Thread", name: "sales", id: second },
        { type: "dashscope:index:Conversation", name: "chat", id: conversations[0] },
      ],
      generateCode: false,
      protect: false,
    });
    stack.program = async () => {
      new Thread("support", { metadata }, { import: first });
      new Thread("sales", { metadata: { team: "sales" } });
      new Conversation("chat", { metadata });
      new Conversation("sales-chat", { metadata: { team: "sales" } }, { import: conversations[1] });
    };
    expect((await stack.up()).changes).toEqual({ same: 3, import: 2 });
    expect((await listRecordedIds(stack)).sort()).toEqual([first, second].sort());
    expect((await stack.readResources()).get("sales-chat")?.id).toBe(conversations[1]);
    expect(new Set(stack.emulator.requests().map(({ method }) => method))).toEqual(new Set(["GET"]));
    await stack.destroy();
    expect([...stack.emulator.threads(), ...stack.emulator.conversations()]).toEqual([]);
  });

  test("a `Provider` in a component's `providers` hosts the threads below it, and no resource of another package", async () => {
    const stack = await newStack({ config: { "other:region": { value: "moon" } } }, async () => {
      const account = new Provider("account", { apiKey, workspace: "ws-account" });
      const group = new pulumi.ComponentResource("test:Group", "group", {}, { providers: [account] });
      new Thread("support", {}, { parent: group });
      return { seen: new Other("other", group).seen };
    });
    await stack.up();
    expect(stack.emulator.threads().map(({ workspace }) => workspace)).toEqual(["ws-account"]);
    expect(await stack.readOutputs()).toEqual({ seen: "moon" });
  });

  test("`refresh` and `destroy` use the key that the stack has now, without the program", async () => {
    const stack = await newStack({ emulator: accounts }, declareSupport(Thread));
    const setKey = (value: string) => stack.configure({ "dashscope:apiKey": { value, secret: true } });
    await setKey("sk-dead");
    expect(await catchFailure(stack.up())).toContain("[DASHSCOPE_ERR_AUTHENTICATION]");
    await setKey(ownKey);
    await stack.up();
    stack.program = failIfRun;
    await setKey("sk-dead");
    expect(await catchFailure(stack.refresh())).toContain("[DASHSCOPE_ERR_AUTHENTICATION]");
    await setKey(rotatedKey);
    await stack.refresh({ expectNoChanges: true });
    await stack.destroy();
    expect(listThreadIds(stack)).toEqual([]);
  });

  test("an error that the plugin doesn't expect is reported once", async () => {
    const stack = await newStack({}, async () => {
      new Assistant("dashscope:index:Assistant", "support");
    });
    const [, diagnostics = ""] = (await catchFailure(stack.preview())).split("Diagnostics:");
    expect(
      diagnostics.match(/The plugin has no resource of the type dashscope:index:Assistant/g),
    ).toHaveLength(1);
  });

  test("an explicit provider uses its own arguments, also for lookups, so that it finds no thread of another account", async () => {
    const apiKeys = ["sk-engine-test=ours", "sk-other=theirs"];
    const stack = await newStack({ emulator: { apiKeys } }, async () => {
      const provider = new Provider("other", { apiKey: "sk-other", requestTimeout: 30 });
      const own = new Thread("own");
      const other = new Thread("other", { metadata: { of: "other" } }, { provider });
      const found = getThreadOutput({ id: other.id }, { provider });
      const missing = own.id.apply((id) =>
        getThread({ id }, { provider }).then(
          () => "found",
          (error: unknown) => String(error),
        ),
      );
      return { of: found.metadata["of"], missing };
    });
    await stack.up();
    const outputs = await stack.readOutputs();
    expect(outputs["of"]).toBe("other");
    expect(outputs["missing"]).toMatch(/\[DASHSCOPE_ERR_MISSING]$/);

    stack.program = async () => {
      throw new Error("destroy must not run the program");
    };
    await stack.destroy();
    expect(stack.emulator.threads()).toEqual([]);
  });

  test("the plugin ends when the engine is killed", async () => {
    const stack = await newStack({ emulator: { latency: 1_000 } }, async () => {
      new Thread("support");
    });
    const failure = catchFailure(stack.up());
    await waitForRequest(stack);
    await signal(stack, "CLI", "SIGKILL");
    await failure;
    expect(await waitForEnd(stack)).toBe(true);
    // What was sent is in the journal, which stays open because nothing recorded it.
    expect(await readdir(getJournal(stack))).toEqual([expect.stringContaining("open")]);
  });
});
