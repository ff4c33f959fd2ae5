import { afterEach, expect, jest } from "@jest/globals";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../emulator/src/index";

// A busy machine must not fail what is only slow.
jest.setTimeout(30_000);

const running: Emulator[] = [];

/** An emulator that is closed when the test is over. */
export async function emulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const started = await startEmulator(options);
  running.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((started) => started.close()));
});

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON. */
  body: Record<string, unknown>;
}

export interface Call {
  body?: unknown;
  workspace?: string;
  headers?: Record<string, string>;
}

/** One request with a key; a string as body is sent as it is. */
export async function call(
  { url }: Emulator,
  method: string,
  path: string,
  { body, workspace, headers }: Call = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: "Bearer sk-test",
      ...(workspace !== undefined && { "x-dashscope-workspace": workspace }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: record(await response.json()) };
}

/** Creates a thread and gives its id. */
export async function create(target: Emulator, body: unknown = {}, workspace?: string): Promise<string> {
  const answer = await call(target, "POST", "/threads", {
    body,
    ...(workspace !== undefined && { workspace }),
  });
  return String(answer.body["id"]);
}

/** Adds a message and gives its id. */
export async function say(target: Emulator, threadId: string, content: string): Promise<string> {
  const { body } = await call(target, "POST", `/threads/${threadId}/messages`, { body: { content } });
  return String(body["id"]);
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new Error(`Not an object: ${JSON.stringify(value)}`);
  return Object.fromEntries(Object.entries(value));
}

/** The documented answer for a thread that is not there, whatever its request id. */
export const gone = {
  code: "InvalidParameter",
  message: "The specified thread has been deleted or does not exist.",
};

/** Well-formed, and of no thread. */
export const strangeThread = "thread_00000000-0000-4000-8000-000000000000";

/** Makes every call on a thread and its messages, and expects that none finds the thread. */
export async function expectMissing(target: Emulator, id: string, who: Call = {}, messageId = "message_1") {
  for (const [method, path] of [
    ["GET", ""],
    ["POST", ""],
    ["DELETE", ""],
    ["GET", "/messages"],
    ["POST", "/messages"],
    ["GET", `/messages/${messageId}`],
    ["POST", `/messages/${messageId}`],
    ["GET", `/messages/${messageId}/files`],
  ] as const) {
    const body = method === "POST" ? { content: "x", metadata: { a: "b" } } : undefined;
    const answer = await call(target, method, `/threads/${id}${path}`, { ...who, body });
    expect(answer).toMatchObject({ status: 400, body: gone });
  }
}
