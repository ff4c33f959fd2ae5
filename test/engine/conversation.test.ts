import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "dashscope-emulator";
import type { ConversationArgs } from "pulumi-dashscope";
import * as dynamic from "pulumi-dashscope";
import * as typescript from "typescript";
import { root } from "../../scripts/run";
import { apiKey } from "./outsider";
import {
  catchFailure,
  describeEngine,
  describeFrontEnds,
  type EngineStack,
  type FrontEnd,
  newStack,
} from "./setup";

const command = join(root, "provider/dist/cli/main.js");

function declare(Conversation: FrontEnd["Conversation"], args: ConversationArgs): pulumi.automation.PulumiFn {
  return async () => ({ conversationId: new Conversation("support", args).id });
}

/** Sends a request without Pulumi. */
async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The emulator answers ${answer.status}: ${await answer.text()}`);
}

async function addMessages({ url }: Emulator, id: string, count: number): Promise<string[]> {
  const contents = Array.from({ length: count }, (_, index) => `Message ${index + 1}`);
  for (const content of contents) await post(`${url}/threads/${id}/messages`, { role: "user", content });
  return contents;
}

function listContents(emulator: Emulator): string[] {
  return (emulator.conversations()[0]?.items ?? []).map(({ content }) =>
    typeof content === "string" ? content : content.map(({ text }) => text).join(),
  );
}

function runTranscript(stack: EngineStack, ...args: string[]) {
  return promisify(execFile)(process.execPath, [command, "transcript", ...args], {
    cwd: stack.folder,
    env: { ...process.env, ...stack.env },
  });
}

/** Reads the programs of a page of the documentation. */
async function readPrograms(page: string): Promise<pulumi.automation.PulumiFn[]> {
  const text = await readFile(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = ""]) => async () => {
    const module = typescript.ModuleKind.CommonJS;
    const code = typescript.transpileModule(block, { compilerOptions: { module } }).outputText;
    const exported: Record<string, unknown> = {};
    new Function("require", "exports", code)(require, exported);
    return exported;
  });
}

describeFrontEnds("a conversation", ({ Conversation, getConversation, Provider }) => {
  test("a conversation is created, updated, refreshed and deleted", async () => {
    const items = [
      { role: "system" as const, content: "You are the support desk." },
      { role: "user" as const, content: pulumi.secret("secret-value") },
    ];
    const stack = await newStack({}, declare(Conversation, { items, metadata: { env: "dev" } }));
    expect((await stack.up()).output).not.toContain("deprecated");
    const [created] = stack.emulator.conversations();
    expect(created).toMatchObject({ metadata: { env: "dev" } });
    expect(listContents(stack.emulator)).toEqual(["You are the support desk.", "secret-value"]);
    expect(await stack.readOutputs()).toEqual({ conversationId: created?.id });
    const state = await stack.readState();
    expect(state).toContain(created?.id);
    expect(state).not.toContain("secret-value");

    stack.program = declare(Conversation, { items, metadata: { env: "prod" } });
    const preview = await stack.preview({ diff: true });
    expect(preview.changes).toEqual({ same: 1, update: 1 });
    expect(preview.output).toContain('~ env: "dev" => "prod"');
    await stack.up();
    await post(`${stack.emulator.compatibleUrl}/conversations/${created?.id}`, { metadata: {} });
    expect((await stack.refresh()).changes).toEqual({ same: 1, update: 1 });
    expect((await stack.up()).changes).toEqual({ same: 1, update: 1 });
    expect(stack.emulator.conversations()).toMatchObject([{ id: created?.id, metadata: { env: "prod" } }]);
    expect((await stack.up()).changes).toEqual({ same: 2 });

    await stack.destroy();
    expect(stack.emulator.conversations()).toEqual([]);
  });

  test("a conversation is adopted, looked up and read through a Provider", async () => {
    const stack = await newStack({ env: { DASHSCOPE_API_KEY: "sk-unknown" } }, async () => {});
    await post(`${stack.emulator.compatibleUrl}/conversations`, { metadata: { env: "dev" } });
    const id = stack.emulator.conversations()[0]?.id ?? "";
    stack.program = async () => {
      const provider = new Provider("own", { apiKey });
      return {
        adopted: new Conversation("adopted", { adoptId: id }, { provider, retainOnDelete: true }).metadata,
        looked: (await getConversation({ id }, { provider })).metadata,
        read: Conversation.get("read", id, {}, { provider }).baseUrl,
        missing: await getConversation({ id: "conv_none" }, { provider }).catch(String),
      };
    };
    await stack.up();
    expect(await stack.readOutputs()).toEqual({
      adopted: { env: "dev" },
      looked: { env: "dev" },
      read: stack.emulator.compatibleUrl,
      missing: expect.stringContaining("[DASHSCOPE_ERR_MISSING]"),
    });
    await stack.destroy();
    expect(stack.emulator.conversations()).toHaveLength(1);
  });
});

describeEngine("a conversation", () => {
  test("a lost batch is recorded, and the next update completes it after a refresh, without duplicates", async () => {
    const contents = Array.from({ length: 50 }, (_, index) => `Item ${index + 1}`);
    const items = contents.map((content) => ({ role: "user" as const, content }));
    const stack = await newStack({}, declare(dynamic.Conversation, { items }));
    stack.emulator.setFaults([{ kind: "dropAfter", verb: "createItems", times: 1 }]);
    expect(await catchFailure(stack.up())).toMatch(/only 20 of its 50 items.*\[DASHSCOPE_ERR_INCOMPLETE]/);
    await stack.refresh();
    const up = await stack.up();
    expect(up.changes).toEqual({ same: 1, update: 1 });
    expect(up.output).toContain("This completes the conversation");
    expect(listContents(stack.emulator)).toEqual(contents);
    expect((await stack.up()).changes).toEqual({ same: 2 });
  });
});

describeEngine("the guide from threads to conversations", () => {
  test("the guide's steps lead from a thread with 250 messages to a conversation and an archive, and delete the thread", async () => {
    const [before, both, , after] = await readPrograms("docs/from-threads-to-conversations.md");
    if (!before || !both || !after) throw new Error("The guide lacks a step.");
    const stack = await newStack({}, before);
    const { emulator } = stack;
    await stack.up();
    const threadId = emulator.threads()[0]?.id ?? "";
    const contents = await addMessages(emulator, threadId, 250);

    stack.program = both;
    const preview = await stack.preview();
    expect(preview.output).toContain(`This copies the newest 100 messages of the thread ${threadId}.`);
    expect(preview.output).toContain("the older messages");
    emulator.setFaults([{ kind: "dropAfter", verb: "createItems", times: 1 }]);
    expect(await catchFailure(stack.up())).toContain("only 20 of its 100 items");
    await stack.refresh();
    await stack.up();
    expect(listContents(emulator)).toEqual(contents.slice(-100));
    const [conversation] = emulator.conversations();
    expect(conversation?.metadata).toEqual({ team: "support" });

    const { stdout } = await runTranscript(stack, threadId, "--out", "transcripts");
    expect(stdout).toContain("Wrote 250 messages");
    const file = join(stack.folder, "transcripts", `${threadId}.jsonl`);
    const archived = (await readFile(file, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(archived.map(({ content }) => content[0].text.value)).toEqual(contents);
    await expect(runTranscript(stack, threadId, "--out", "transcripts")).rejects.toMatchObject({ code: 1 });

    stack.program = after;
    expect((await stack.preview()).changes).toEqual({ delete: 1, same: 2 });
    await stack.up();
    expect(emulator.threads()).toEqual([]);
    expect(emulator.conversations()).toMatchObject([{ id: conversation?.id }]);
    expect(listContents(emulator)).toEqual(contents.slice(-100));
  });

  test("the guide's program for a fleet copies each member's thread", async () => {
    const fleet = (await readPrograms("docs/from-threads-to-conversations.md")).at(-1);
    if (!fleet) throw new Error("The guide lacks the fleet.");
    const stack = await newStack({}, fleet);
    await stack.up();
    expect(
      stack.emulator
        .conversations()
        .map(({ metadata }) => metadata["plan"])
        .sort(),
    ).toEqual(["free", "gold"]);
    expect((await stack.up()).changes).toEqual({ same: 4 });
  });
});
