import { execFile } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emulator, Fault } from "dashscope-emulator";
import { getThread, Provider, Thread } from "pulumi-dashscope";
import { apiKey, Fixture } from "../host/fixture";
import { type Host, type Properties, provider } from "../host/host";

/** A message as a person meets it. */
export interface Message {
  /** What that person did, or what went wrong, as the end of "When …". */
  readonly when: string;
  readonly text: string;
  /** Of a command. */
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

/** Provokes every message, where it comes from: Pulumi's real host, a program, the commands. */
export async function chapters(): Promise<Chapter[]> {
  const fixture = new Fixture();
  try {
    return await Promise.all([
      chapter("Arguments of a Thread", wrongArguments(fixture)),
      chapter("Configuration", wrongConfiguration()),
      chapter("What DashScope says", refusals(fixture)),
      chapter("What else comes back, or nothing", accidents(fixture)),
      chapter("Adoption and lookups", lookups(fixture)),
      chapter("The program", programs()),
      chapter("The command import-file", commands(fixture)),
      chapter("The emulator", emulators()),
    ]);
  } finally {
    await fixture.close();
  }
}

/** One after another, since what is configured holds for a whole process. */
async function chapter(
  title: string,
  occasions: Promise<Record<string, Provoke>> | Record<string, Provoke>,
): Promise<Chapter> {
  const messages: Message[] = [];
  for (const [when, provoke] of Object.entries(await occasions))
    messages.push({ when, ...(await provoke()) });
  return { title, messages };
}

async function wrongArguments(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  const message = { role: "user", content: "Hello" };
  const given: Record<string, Properties> = {
    "metadata is a text": { metadata: "team=support" },
    "a value of metadata is a number": { metadata: { team: 1 } },
    "messages is one message": { messages: message },
    "a message is a text": { messages: ["Hello"] },
    "a message has a role that there is not": { messages: [{ ...message, role: "system" }] },
    "a message has no content": { messages: [{ role: "user" }] },
    "fileIds is a text": { messages: [{ ...message, fileIds: "file-1" }] },
    "a message has an argument too many": { messages: [{ ...message, name: "Ada" }] },
    "a Thread has an argument too many": { labels: {} },
    "adoptId is a URL": { adoptId: "https://example.com/thread_1" },
    "adoptId stands beside messages": { adoptId: "thread_1", messages: [message] },
  };
  return mapped(given, (args) => checkFailure(host, args));
}

function wrongConfiguration(): Record<string, Provoke> {
  const environments: Record<string, Record<string, string>> = {
    "the region is no region": { DASHSCOPE_API_REGION: "Beijing" },
    "the region needs a workspace": { DASHSCOPE_API_REGION: "eu-central-1" },
    "the workspace cannot begin an address": {
      DASHSCOPE_API_REGION: "eu-central-1",
      DASHSCOPE_WORKSPACE_ID: "my.team",
    },
    "the workspace has a space": { DASHSCOPE_WORKSPACE_ID: "my team" },
    "the base URL is no URL": { DASHSCOPE_HTTP_BASE_URL: "dashscope.aliyuncs.com" },
    "the base URL is not encrypted": { DASHSCOPE_HTTP_BASE_URL: "http://dashscope.aliyuncs.com/api/v1" },
    "the base URL has a password": {
      DASHSCOPE_HTTP_BASE_URL: "https://me:secret@dashscope.aliyuncs.com/api/v1",
    },
    "a time-out is a text": { DASHSCOPE_REQUEST_TIMEOUT: "1 minute" },
    "a number is out of its range": { DASHSCOPE_MAX_CONCURRENCY: "0" },
    "a proxy is not a URL": { HTTPS_PROXY: "proxy.example:8080" },
    "there is no key": { DASHSCOPE_API_KEY: "" },
    "the key's file cannot be read": {
      DASHSCOPE_API_KEY: "",
      DASHSCOPE_API_KEY_FILE_PATH: "/run/secrets/no-such-key",
    },
    "the key's file is empty": { DASHSCOPE_API_KEY: "", DASHSCOPE_API_KEY_FILE_PATH: "/dev/null" },
    "the key cannot be one": { DASHSCOPE_API_KEY: "sk 1" },
  };
  // The command says the same as a hook, and is quicker to start than Pulumi's host.
  return mapped(environments, async (env) => {
    const { text } = await importFile(["thread_1"], env);
    return { text };
  });
}

async function refusals(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await impatientHost(fixture, emulator);
  const said = (status: number, code: string, message: string) => () =>
    whileFaulty(emulator, { kind: "error", status, code, message }, () =>
      failure(host.create({ __provider: provider })),
    );
  return {
    "the key is wrong": said(401, "InvalidApiKey", "Invalid API-key provided."),
    "the key may not do this": said(403, "AccessDenied", "Access denied."),
    "there is no such workspace": said(404, "WorkSpaceNotFound", "WorkSpace can not be found."),
    "the content is not allowed": said(
      400,
      "DataInspectionFailed",
      "Input data may contain inappropriate content.",
    ),
    "the account is in arrears": said(
      400,
      "Arrearage",
      "Access denied, please make sure your account is in good standing.",
    ),
    "the account stays throttled": said(429, "Throttling.RateQuota", "Requests rate limit exceeded."),
    "a thread to be updated is gone": () =>
      failure(host.update("thread_1", recorded, { ...recorded, metadata: { a: "2" } })),
    "an update left a key behind": async () => {
      const merging = await fixture.startEmulator({ metadataUpdate: "merge" });
      const patient = await impatientHost(fixture, merging);
      const { id, properties } = await patient.create({ ...recorded, metadata: { a: "1", b: "2" } });
      return failure(patient.update(id, properties, recorded));
    },
  };
}

async function accidents(fixture: Fixture): Promise<Record<string, Provoke>> {
  const emulator = await fixture.startEmulator();
  const host = await impatientHost(fixture, emulator);
  const id = (await host.create(recorded)).id;
  const of = (fault: Fault, verb: () => Promise<unknown>) => () =>
    whileFaulty(emulator, fault, () => failure(verb()));
  const read = () => host.read(id, { properties: recorded });
  const create = () => host.create(recorded);
  return {
    "DashScope fails": of(
      { kind: "error", status: 500, code: "InternalError", message: "Internal error." },
      read,
    ),
    "a proxy answers": of({ kind: "html", status: 502 }, read),
    "the answer redirects": of({ kind: "body", status: 302, body: "" }, read),
    "the connection is dropped": of({ kind: "dropBefore" }, read),
    "nobody listens": () => failure(host.create({ ...recorded, baseUrl: "http://127.0.0.1:1/api/v1" })),
    "nothing comes back": of({ kind: "hang" }, read),
    "nothing comes back of a create": of({ kind: "hang", work: true }, create),
    "the connection is dropped in a create": of({ kind: "dropAfter" }, create),
    "DashScope fails in a create": of(
      { kind: "error", status: 500, code: "InternalError", message: "Internal error." },
      create,
    ),
    "the answer to a create breaks off": of({ kind: "truncate" }, create),
  };
}

async function lookups(fixture: Fixture): Promise<Record<string, Provoke>> {
  const host = await fixture.startHostOn(await fixture.startEmulator());
  return {
    "there is no thread to adopt": () => failure(host.create({ adoptId: "thread_1", __provider: provider })),
    "two resources adopt one thread": async () => {
      const { id } = await host.create(recorded);
      const adopting = { adoptId: id, __provider: provider };
      await host.create(adopting);
      return failure(host.create(adopting));
    },
    "`Thread.get` finds none": () => failure(host.read("thread_1", { inputs: { __provider: provider } })),
    "an id is no id": () => failure(host.read("../models", { inputs: { __provider: provider } })),
    "`getThread` finds none": async () => {
      const emulator = await fixture.startEmulator();
      process.env["DASHSCOPE_API_KEY"] = apiKey;
      process.env["DASHSCOPE_HTTP_BASE_URL"] = emulator.url;
      try {
        return await failure(getThread({ id: "thread_1" }));
      } finally {
        delete process.env["DASHSCOPE_API_KEY"];
        delete process.env["DASHSCOPE_HTTP_BASE_URL"];
      }
    },
  };
}

function programs(): Record<string, Provoke> {
  const mistaken: object = { key: "sk-1" };
  const hooksInReach = join(checkout, "provider/dist/program/hooksInReach");
  return {
    "the option import is given": () =>
      failure(async () => new Thread("support", {}, { import: "thread_1" })),
    "a Provider has an argument too many": () => failure(async () => new Provider("singapore", mistaken)),
    "only a component of another package has installed this one": () =>
      inFolder(async (folder) => {
        const program = `try { require(${JSON.stringify(hooksInReach)}).assertHooksInReach("pulumi-dashscope/hooks/thread", process.cwd()) }
          catch (error) { console.error(error.message); process.exit(1) }`;
        const { text } = await printedBy(["--eval", program], {}, folder);
        return { text };
      }),
  };
}

async function commands(fixture: Fixture): Promise<Record<string, Provoke>> {
  const { url } = await fixture.startEmulator();
  const occasions: Record<string, string[]> = {
    "no thread is named": [],
    "an id is no id": ["support=https://example.com"],
    "there is no such thread": ["support=thread_1"],
    "the list cannot be read": ["--ids", "no-such-file.txt"],
    "an option is unknown": ["--region", "cn-beijing", "thread_1"],
    "an option has no value": ["thread_1", "--out"],
  };
  return mapped(occasions, (args) => importFile(args, { DASHSCOPE_HTTP_BASE_URL: url }));
}

function importFile(args: readonly string[], env: Record<string, string>): Promise<Provoked> {
  return printedBy([join(checkout, "provider/dist/cli/main.js"), "import-file", ...args], {
    HOME: "/nobody",
    DASHSCOPE_API_KEY: apiKey,
    ...env,
  });
}

function emulators(): Record<string, Provoke> {
  const start =
    (...args: string[]) =>
    () =>
      printedBy([join(checkout, "emulator/dist/cli.js"), "--port", "0", ...args]);
  return {
    "a fault is not JSON": start("--fault", "{"),
    "a fault is of no kind": start("--fault", '{"kind":"explode"}'),
    "a number is a text": start("--latency", "slow"),
    "its data file holds something else": () =>
      inFolder(async (folder) => {
        const file = join(folder, "data.jsonl");
        await writeFile(file, "not a database, whatever its name says");
        return start("--data", file)();
      }),
  };
}

/** A host that gives up soon. */
function impatientHost(fixture: Fixture, emulator: Emulator): Promise<Host> {
  return fixture.startHostOn(emulator, {
    config: {
      "dashscope:requestTimeout": "0.5",
      "dashscope:operationTimeout": "2",
      "dashscope:maxRetries": "1",
    },
  });
}

async function whileFaulty(emulator: Emulator, fault: Fault, work: Provoke): Promise<Provoked> {
  emulator.setFaults([fault]);
  try {
    return await work();
  } finally {
    emulator.setFaults([]);
  }
}

async function checkFailure(host: Host, args: Properties): Promise<Provoked> {
  const { failures } = await host.check({ ...args, __provider: provider });
  if (failures.length === 0) throw new Error(`There is nothing wrong with ${JSON.stringify(args)}.`);
  return { text: failures.join("\n") };
}

async function failure(doing: Promise<unknown> | (() => Promise<unknown>)): Promise<Provoked> {
  try {
    await (typeof doing === "function" ? doing() : doing);
  } catch (error) {
    if (error instanceof Error) return { text: error.message };
    throw error;
  }
  throw new Error("That went well.");
}

/** What a program that fails says at the end. */
function printedBy(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = checkout,
): Promise<Provoked> {
  return new Promise((done, ended) => {
    const options = { cwd, env: { PATH: process.env["PATH"], ...env }, timeout: 20_000 };
    execFile(process.execPath, args, options, (error, _, stderr) => {
      if (typeof error?.code === "number") done({ text: stderr.trim(), exitCode: error.code });
      else ended(error ?? new Error(`This went well: ${args.join(" ")}`));
    });
  });
}

/** Does something in a temporary folder, which the page calls /infra. */
async function inFolder(work: (folder: string) => Promise<Provoked>): Promise<Provoked> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "messages-")));
  try {
    const { text, ...rest } = await work(folder);
    return { text: text.replaceAll(folder, "/infra"), ...rest };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function mapped<T>(
  given: Readonly<Record<string, T>>,
  provoke: (given: T) => Promise<Provoked>,
): Record<string, Provoke> {
  return Object.fromEntries(Object.entries(given).map(([when, one]) => [when, () => provoke(one)]));
}
