import { afterEach } from "@jest/globals";
import { type Emulator, type EmulatorOptions, startEmulator } from "dashscope-emulator";

const running: Emulator[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

/** Starts an emulator that the test closes. */
export async function openEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}

/** Creates a thread with numbered messages, from 1 on, as an assistant's users would. Returns its ID. */
export async function createThread(
  { url }: Emulator,
  count: number,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const id = readId(await post(`${url}/threads`, { metadata }));
  await addMessages(url, id, 1, count);
  return id;
}

/** Adds the messages with these numbers. Users write the odd ones, the assistant the even ones. */
export async function addMessages(url: string, id: string, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    const role = number % 2 === 0 ? "assistant" : "user";
    await post(`${url}/threads/${id}/messages`, { role, content: `Message ${number}` });
  }
}

/** Lists the contents of the first conversation's items. */
export function listContents(emulator: Emulator): string[] {
  return (emulator.conversations()[0]?.items ?? []).map(({ content }) =>
    typeof content === "string" ? content : content.map(({ text }) => text).join(),
  );
}

/** Sends a request as another program would. */
export async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: "Bearer sk-test", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`The emulator answers ${answer.status}.`);
  return answer.json();
}

/** Deletes a thread or a conversation as another program would. */
export async function deleteRemotely(url: string): Promise<void> {
  await fetch(url, { method: "DELETE", headers: { authorization: "Bearer sk-test" } });
}

function readId(answer: unknown): string {
  if (typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string")
    return answer.id;
  throw new Error("The emulator created nothing.");
}
