import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator, Fault } from "dashscope-emulator";
import { getThread, Provider, Thread } from "pulumi-dashscope";
import { getProviderText } from "../../provider/src/resource/providerText";
import { type Host, type Properties, provider } from "../host/dynamicHost";
import { apiKey, Fixture } from "../host/fixture";

/** A message that a user reads. */
export interface Message {
  /** The cause, as the end of "When …". */
  readonly when: string;
  readonly text: string;
  /** The exit code of a command. */
  readonly exitCode?: number;
}

/** Messages that belong together, under a heading. */
export interface Chapter {
  readonly title: string;
  readonly messages: readonly Message[];
}

type Provoked = Omit<Message, "when">;
type Provoke = () => Promise<Provoked>;

const checkout = join(__dirname, "../..");
const recorded: Properties = { metadata: { a: "1" }, __provider: provider };

/** Provokes every message in the process that prints it: the real host, a program, the commands. */
export async function provokeMessages(): Promise<Chapter[]> {
  const fixture = new Fixture();
  try {
    return await Promise.all([
      provokeChapter("Arguments of a Thread", listWrongArguments(fixture)),
      provokeChapter("Arguments of a ThreadSet", listWrongSets(fixture)),
      provokeChapter("Arguments of a Conversation", listWrongConversations(fixture)),
      provokeChapter("Configuration", listWrongConfiguration()),
      provokeChapter("Errors that DashScope returns", listRefusals(fixture)),
      provokeChapter("Other answers, and no answer", listAccidents(fixture)),
      provokeChapter("Adoption and lookups", listLookups(fixture)),
      provokeChapter("Accounts and moves", listMoves(fixture)),
      provokeChapter("Sets", listSetFailures(fixture)),
      provokeChapter("Conversations", listConversationFailures(fixture)),
      provokeChapter("The program", listPrograms()),
      provokeChapter("The command import-file", listCommands(fixture)),
      provokeChapter("The command transcript", listTranscripts(fixture)),
      provokeChapter("The command orphans", listOrphans()),
      provokeChapter("The emulator", listEmulators()),
    ]);
  } finally {
    await fixture.close();
  }
}

/** Provokes the messages of a chapter one after another, because a process has one configuration. */
async function provokeChapter(
  title: string,
  occasions: Promise<Record<string, Provoke>> | Record<string, Provoke>,
): Promise<Chapter> {
  const messages: Message[] = [];
  for (const [when, provoke] of Object.entries(await occasions))
    messages.push({ when, ...(await provoke()) });
  return { title, messages };
}

async function listWrongArguments(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  const message = { role: "user", content: "Hello" };
  const given: Record<string, Properties> = {
    "`metadata` is a string": { metadata: "team=support" },
    "a value of `metadata` is a number": { metadata: { team: 1 } },
    "`messages` is an object": { messages: message },
    "a message is a string": { messages: ["Hello"] },
    "a message has an unknown role": { messages: [{ ...message, role: "system" }] },
    "a message has no content": { messages: [{ role: "user" }] },
    "`fileIds` is a string": { messages: [{ ...message, fileIds: "file-1" }] },
    "a message has an unknown argument": { messages: [{ ...message, name: "Ada" }] },
    "a `Thread` has an unknown argument": { labels: {} },
    "`adoptId` is a URL": { adoptId: "https://example.com/thread_1" },
    "`adoptId` and `messages` are set together": { adoptId: "thread_1", messages: [message] },
  };
  return mapOccasions(given, (args) => catchCheck(host, args));
}

async function listWrongSets(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  const given: Record<string, Properties> = {
    "`threads` is missing": {},
    "`threads` is an array": { threads: [{}] },
    "a key begins with `__`": { threads: { __acme: {} } },
    "a member has an unknown argument": { threads: { acme: { workspace: "llm-1" } } },
    "two members adopt one thread": {
      threads: { acme: { adoptId: "thread_1" }, globex: { adoptId: "thread_1" } },
    },
  };
  return mapOccasions(given, (args) => catchCheck(host, args, getProviderText("ThreadSet")));
}

async function listWrongConversations(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  const item = { role: "user", content: "Hello" };
  const given: Record<string, Properties> = {
    "an item has an unknown role": { items: [{ ...item, role: "tool" }] },
    "an item has an unknown argument": { items: [{ ...item, fileIds: [] }] },
    "there are too many items": { items: Array(101).fill(item) },
    "there are too many keys in `metadata`": {
      metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`key-${index}`, ""])),
    },
    "a key of `metadata` is too long": { metadata: { ["k".repeat(65)]: "" } },
    "a value of `metadata` is too long": { metadata: { topic: "x".repeat(513) } },
    "a `Conversation` has an unknown argument": { messages: [item] },
    "`adoptId` and `items` are set together": { adoptId: "conv_1", items: [item] },
    "`fromThread` and `items` are set together": { fromThread: "thread_1", items: [item] },
    "the thread to copy doesn't exist": { fromThread: "thread_1" },
  };
  return mapOccasions(given, (args) => catchCheck(host, args, getProviderText("Conversation")));
}

function listWrongConfiguration(): Record<string, Provoke> {
  const environments: Record<string, Record<string, string>> = {
    "the region is invalid": { DASHSCOPE_API_REGION: "Beijing" },
    "the region needs a workspace": { DASHSCOPE_API_REGION: "eu-central-1" },
    "the workspace can't begin a host name": {
      DASHSCOPE_API_REGION: "eu-central-1",
      DASHSCOPE_WORKSPACE_ID: "my.team",
    },
    "the workspace contains a space": { DASHSCOPE_WORKSPACE_ID: "my team" },
    "the base URL isn't a URL": { DASHSCOPE_HTTP_BASE_URL: "dashscope.aliyuncs.com" },
    "the base URL isn't encrypted": { DASHSCOPE_HTTP_BASE_URL: "http://dashscope.aliyuncs.com/api/v1" },
    "the base URL contains a password": {
      DASHSCOPE_HTTP_BASE_URL: "https://me:secret@dashscope.aliyuncs.com/api/v1",
    },
    "a timeout isn't a number": { DASHSCOPE_REQUEST_TIMEOUT: "1 minute" },
    "a number is out of range": { DASHSCOPE_MAX_CONCURRENCY: "0" },
    "a proxy isn't a URL": { HTTPS_PROXY: "proxy.example:8080" },
    "no key is set": { DASHSCOPE_API_KEY: "" },
    "the key file can't be read": {
      DASHSCOPE_API_KEY: "",
      DASHSCOPE_API_KEY_FILE_PATH: "/run/secrets/no-such-key",
    },
    "the key file is empty": { DASHSCOPE_API_KEY: "", DASHSCOPE_API_KEY_FILE_PATH: "/dev/null" },
    "the key contains a space": { DASHSCOPE_API_KEY: "sk 1" },
  };
  // The command prints the same message as a hook, and starts faster than the host.
  return mapOccasions(environments, async (env) => {
    const { text } = await runCommand("import-file", ["thread_1"], env);
    return { text };
  });
}

async function listRefusals(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await startImpatientHost(fixture, emulator);
  const refuse = (status: number, code: string, message: string) => () =>
    whileFaulty(emulator, { kind: "error", status, code, message }, () =>
      catchFailure(host.create({ __provider: provider })),
    );
  return {
    "the key is wrong": refuse(401, "InvalidApiKey", "Invalid API-key provided."),
    "the key has no permission": refuse(403, "AccessDenied", "Access denied."),
    "the workspace doesn't exist": refuse(404, "WorkSpaceNotFound", "WorkSpace can not be found."),
    "DashScope rejects the content": refuse(
      400,
      "DataInspectionFailed",
      "Input data may contain inappropriate content.",
    ),
    "the account is in arrears": refuse(
      400,
      "Arrearage",
      "Access denied, please make sure your account is in good standing.",
    ),
    "DashScope throttles the account for too long": refuse(
      429,
      "Throttling.RateQuota",
      "Requests rate limit exceeded.",
    ),
    "a thread is gone before its update": () =>
      catchFailure(host.update("thread_1", recorded, { ...recorded, metadata: { a: "2" } })),
    "an update doesn't remove a metadata key": async () => {
      const merging = await fixture.startEmulator({ metadataUpdate: "merge" });
      const mergingHost = await startImpatientHost(fixture, merging);
      const metadata = { a: "1", b: "2" };
      const id = await createThread(merging, metadata);
      return catchFailure(mergingHost.update(id, { ...recorded, metadata }, recorded));
    },
  };
}

async function listAccidents(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await startImpatientHost(fixture, emulator);
  const id = await createThread(emulator, { a: "1" });
  const provoke = (fault: Fault, verb: () => Promise<unknown>) => () =>
    whileFaulty(emulator, fault, () => catchFailure(verb()));
  const read = () => host.read(id, { properties: recorded });
  const create = () => host.create(recorded);
  return {
    "DashScope fails": provoke(
      { kind: "error", status: 500, code: "InternalError", message: "Internal error." },
      read,
    ),
    "a proxy answers instead of DashScope": provoke({ kind: "html", status: 502 }, read),
    "the answer is a redirect": provoke({ kind: "body", status: 302, body: "" }, read),
    "the connection drops": provoke({ kind: "dropBefore" }, read),
    "the connection is refused": () =>
      catchFailure(host.create({ ...recorded, baseUrl: "http://127.0.0.1:1/api/v1" })),
    "no answer arrives": provoke({ kind: "hang" }, read),
    "no answer to a create arrives": provoke({ kind: "hang", work: true }, create),
    "the connection drops during a create": provoke({ kind: "dropAfter" }, create),
    "DashScope fails during a create": provoke(
      { kind: "error", status: 500, code: "InternalError", message: "Internal error." },
      create,
    ),
    "the answer to a create breaks off": provoke({ kind: "truncate" }, create),
  };
}

async function listLookups(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  return {
    "the thread to adopt doesn't exist": () =>
      catchFailure(host.create({ adoptId: "thread_1", __provider: provider })),
    "two resources adopt one thread": async () => {
      const { id } = await host.create(recorded);
      const adopting = { adoptId: id, __provider: provider };
      await host.create(adopting);
      return catchFailure(host.create(adopting));
    },
    "`Thread.get` finds no thread": () =>
      catchFailure(host.read("thread_1", { inputs: { __provider: provider } })),
    "an ID is invalid": () => catchFailure(host.read("../models", { inputs: { __provider: provider } })),
    "`getThread` finds no thread": async () => {
      const emulator = await fixture.startEmulator();
      process.env["DASHSCOPE_API_KEY"] = apiKey;
      process.env["DASHSCOPE_HTTP_BASE_URL"] = emulator.url;
      try {
        return await catchFailure(getThread({ id: "thread_1" }));
      } finally {
        delete process.env["DASHSCOPE_API_KEY"];
        delete process.env["DASHSCOPE_HTTP_BASE_URL"];
      }
    },
  };
}

async function listMoves(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await fixture.startHostOn(emulator);
  const state = { ...recorded, baseUrl: emulator.url, __instance: "instance", __keys: ["0123456789"] };
  const elsewhere = await fixture.startHost({
    env: { DASHSCOPE_API_KEY: apiKey, DASHSCOPE_HTTP_BASE_URL: "http://127.0.0.1:2/api/v1" },
  });
  const isMoved = "http://127.0.0.1:1/api/v1";
  return {
    "a thread is gone under another key": () => catchFailure(host.delete("thread_1", state)),
    "the key is configured for another endpoint": () =>
      catchFailure(host.delete("thread_1", { ...state, baseUrl: isMoved })),
    "a replacement would be created where only the environment points": async () => {
      const messages = [{ role: "user", content: "Hello" }];
      const olds = { baseUrl: emulator.url, __provider: provider };
      const { failures } = await elsewhere.check({ messages, __provider: provider }, olds);
      return { text: failures.join("\n") };
    },
    "a setting moves a thread": async () => {
      await host.check({ __provider: provider }, { baseUrl: isMoved, __provider: provider });
      return { text: await waitForLine(host, /^dashscope: warning: This replaces.*$/m) };
    },
    "an adoption removes metadata": async () => {
      const adoptId = await createThread(emulator, { team: "support", env: "dev" });
      await host.check({ adoptId, metadata: { env: "prod" }, __provider: provider });
      return { text: await waitForLine(host, /^dashscope: This adopts.*$/m) };
    },
  };
}

async function listSetFailures(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await startImpatientHost(fixture, emulator);
  const base = { baseUrl: emulator.url, __provider: getProviderText("ThreadSet") };
  const create = (threads: object) => catchFailure(host.create({ ...base, threads }));
  const message = { role: "user", content: "Hello" };
  const acme = { metadata: { plan: "gold" }, messages: [message] };
  const state = {
    ...base,
    ids: { acme: "thread_1" },
    threads: { acme: { id: "thread_1", ...acme } },
    __instance: "instance",
  };
  const diff = (news: Properties) => catchFailure(host.diff("threadset_1", state, { ...base, ...news }));
  const notice = async (news: Properties, line: RegExp, recorded: Properties = state) => {
    await host.diff("threadset_1", recorded, { ...base, ...news });
    return { text: await waitForLine(host, line) };
  };
  return {
    "members fail": () =>
      whileFaulty(
        emulator,
        { kind: "error", status: 400, code: "InvalidParameter", message: "No.", times: 1 },
        // One after another, so that it's known which one fails.
        () => create({ acme: { adoptId: "thread_9" }, globex: {} }),
      ),
    "creates of members get no answer": () =>
      whileFaulty(emulator, { kind: "dropAfter" }, () => create({ acme: {} })),
    "the key of a set is wrong": () =>
      whileFaulty(
        emulator,
        { kind: "error", status: 401, code: "InvalidApiKey", message: "Invalid API-key provided." },
        () => create({ acme: {} }),
      ),
    "the messages of a member change": () => diff({ threads: { acme: { ...acme, messages: [] } } }),
    "the `adoptId` of a member changes": () => diff({ threads: { acme: { ...acme, adoptId: "thread_2" } } }),
    "a protected member is removed": () => diff({ threads: {}, protectMembers: true }),
    "protected members are replaced": () =>
      diff({ threads: { acme }, workspace: "llm-2", protectMembers: true }),
    "a set is too large": () =>
      catchCheck(
        host,
        { threads: { acme: { messages: [{ ...message, content: "x".repeat(8_000_000) }] } } },
        base.__provider,
      ),
    "a member adopts a thread that doesn't exist": () =>
      catchCheck(host, { threads: { acme: { adoptId: "thread_2" } } }, base.__provider),
    "members are removed": () => notice({ threads: {} }, /^dashscope: warning: This deletes.*$/m),
    "members are removed, but retained": () =>
      notice({ threads: {}, retain: true }, /^dashscope: The threads of.*$/m),
    "an update continues": () =>
      notice({ threads: { acme, globex: {} } }, /^dashscope: This continues.*$/m, {
        ...state,
        __unfinished: [],
      }),
    "members adopt threads": async () => {
      const adoptId = await createThread(emulator, { team: "support" });
      const threads = { acme: { adoptId, metadata: {} } };
      await host.check({ threads, __provider: base.__provider });
      return { text: await waitForLine(host, /^dashscope: This adopts.*\n.*$/m) };
    },
  };
}

async function listConversationFailures(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await fixture.startHostOn(emulator);
  const __provider = getProviderText("Conversation");
  const baseUrl = emulator.compatibleUrl;
  const items = Array(30).fill({ role: "user", content: "Hello" });
  return {
    "a batch of items gets no answer": () =>
      whileFaulty(emulator, { kind: "dropAfter", verb: "createItems" }, () =>
        catchFailure(host.create({ items, baseUrl, __provider })),
      ),
    "a conversation is gone before its update": () =>
      catchFailure(
        host.update("conv_1", { baseUrl, __provider }, { baseUrl, metadata: { a: "1" }, __provider }),
      ),
    "the base URL is wrong": () =>
      catchFailure(
        host.read("conv_1", { properties: { baseUrl: `${baseUrl}/v2`, metadata: {}, __provider } }),
      ),
    "a thread is copied": async () => {
      const fromThread = await createThread(emulator, { team: "support" });
      await host.check({ fromThread, __provider });
      return { text: await waitForLine(host, /^dashscope: This copies.*$/m) };
    },
    "an interrupted creation continues": async () => {
      const state = { baseUrl, __unfinished: { confirmed: 0 }, __provider };
      await host.diff("conv_1", state, { baseUrl, __provider });
      return { text: await waitForLine(host, /^dashscope: This completes.*$/m) };
    },
  };
}

async function listTranscripts(fixture: Fixture): Promise<Record<string, Provoke>> {
  const { url } = await fixture.startEmulator();
  const occasions: Record<string, string[]> = {
    "the command has no arguments": [],
    "an ID is invalid": ["https://example.com"],
    "the thread doesn't exist": ["thread_1"],
    "the folder can't be created": ["thread_1", "--out", "/dev/null/transcripts"],
  };
  return mapOccasions(occasions, (args) => runCommand("transcript", args, { DASHSCOPE_HTTP_BASE_URL: url }));
}

function listOrphans(): Record<string, Provoke> {
  return {
    "the journal is off": () => runCommand("orphans", ["state.json"], { DASHSCOPE_JOURNAL: "off" }),
    "a state can't be read": () => runCommand("orphans", ["no-such-state.json"], {}),
    "a state isn't JSON": () => runCommand("orphans", ["/dev/null"], {}),
  };
}

function listPrograms(): Record<string, Provoke> {
  const mistaken: object = { key: "sk-1" };
  const hooksInReach = join(checkout, "provider/dist/program/hooksInReach");
  return {
    "the option `import` is set": () =>
      catchFailure(async () => new Thread("support", {}, { import: "thread_1" })),
    "a `Provider` has an unknown argument": () =>
      catchFailure(async () => new Provider("singapore", mistaken)),
    "only another package installs this one": () =>
      inFolder(async (folder) => {
        const program = `try { require(${JSON.stringify(hooksInReach)}).assertHooksInReach("pulumi-dashscope/hooks/thread", process.cwd()) }
          catch (error) { console.error(error.message); process.exit(1) }`;
        const { text } = await runAndCatch(["--eval", program], {}, folder);
        return { text };
      }),
  };
}

async function listCommands(fixture: Fixture): Promise<Record<string, Provoke>> {
  const { url } = await fixture.startEmulator();
  const occasions: Record<string, string[]> = {
    "the command has no arguments": [],
    "an ID is invalid": ["support=https://example.com"],
    "the thread doesn't exist": ["support=thread_1"],
    "the list of IDs can't be read": ["--ids", "no-such-file.txt"],
    "an option is unknown": ["--region", "cn-beijing", "thread_1"],
    "an option has no value": ["thread_1", "--out"],
  };
  return mapOccasions(occasions, (args) => runCommand("import-file", args, { DASHSCOPE_HTTP_BASE_URL: url }));
}

function runCommand(name: string, args: readonly string[], env: Record<string, string>): Promise<Provoked> {
  return runAndCatch([join(checkout, "provider/dist/cli/main.js"), name, ...args], {
    HOME: "/missing",
    DASHSCOPE_API_KEY: apiKey,
    ...env,
  });
}

function listEmulators(): Record<string, Provoke> {
  const start =
    (...args: string[]) =>
    () =>
      runAndCatch([join(checkout, "emulator/dist/cli.js"), "--port", "0", ...args]);
  return {
    "a fault isn't JSON": start("--fault", "{"),
    "a fault has an unknown kind": start("--fault", '{"kind":"explode"}'),
    "a number is invalid": start("--latency", "slow"),
    "the data file has another format": () =>
      inFolder(async (folder) => {
        const file = join(folder, "data.jsonl");
        await writeFile(file, "not a data file");
        return start("--data", file)();
      }),
  };
}

/** Starts a host with short timeouts. */
function startImpatientHost(fixture: Fixture, emulator: Emulator): Promise<Host> {
  return fixture.startHostOn(emulator, {
    config: {
      "dashscope:requestTimeout": "2",
      "dashscope:operationTimeout": "5",
      "dashscope:maxRetries": "1",
    },
  });
}

/** Creates a thread without a host, which could time out on a busy machine. */
async function createThread({ url }: Emulator, metadata: Record<string, string>): Promise<string> {
  const answer = await fetch(`${url}/threads`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ metadata }),
  });
  const { id }: { id: string } = JSON.parse(await answer.text());
  return id;
}

async function whileFaulty(emulator: Emulator, fault: Fault, work: Provoke): Promise<Provoked> {
  emulator.setFaults([fault]);
  try {
    return await work();
  } finally {
    emulator.setFaults([]);
  }
}

async function catchCheck(host: Host, args: Properties, __provider = provider): Promise<Provoked> {
  const { failures } = await host.check({ ...args, __provider });
  if (failures.length === 0) throw new Error(`The check accepted ${JSON.stringify(args)}.`);
  return { text: failures.join("\n") };
}

/** Returns a line that a host prints for the user. It may arrive after the answer. */
async function waitForLine(host: Host, line: RegExp): Promise<string> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    const [found] = line.exec(host.stderr) ?? [];
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`The host didn't print ${line}. It printed:\n${host.stderr}`);
}

async function catchFailure(doing: Promise<unknown> | (() => Promise<unknown>)): Promise<Provoked> {
  try {
    await (typeof doing === "function" ? doing() : doing);
  } catch (error) {
    if (error instanceof Error) return { text: error.message };
    throw error;
  }
  throw new Error("The call didn't fail.");
}

/** Runs a program that fails, and returns what it prints on standard error. */
function runAndCatch(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = checkout,
): Promise<Provoked> {
  return new Promise((done, ended) => {
    const options = { cwd, env: { PATH: process.env["PATH"], ...env }, timeout: 20_000 };
    execFile(process.execPath, args, options, (error, _, stderr) => {
      if (typeof error?.code === "number") done({ text: stderr.trim(), exitCode: error.code });
      else ended(error ?? new Error(`The program didn't fail: ${args.join(" ")}`));
    });
  });
}

/** Does something in a temporary folder, which the page shows as `/infra`. */
async function inFolder(work: (folder: string) => Promise<Provoked>): Promise<Provoked> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "messages-")));
  try {
    const { text, ...rest } = await work(folder);
    return { text: text.replaceAll(folder, "/infra"), ...rest };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function mapOccasions<T>(
  given: Readonly<Record<string, T>>,
  provoke: (given: T) => Promise<Provoked>,
): Record<string, Provoke> {
  return Object.fromEntries(Object.entries(given).map(([when, one]) => [when, () => provoke(one)]));
}
