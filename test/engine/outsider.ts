import type { EngineStack } from "./setup";

/** The key of the stacks in the engine tests. */
export const apiKey = "sk-engine-test";

/** Creates a thread without Pulumi, and returns its ID. */
export async function createThread(
  stack: EngineStack,
  thread: { metadata?: Record<string, string> } = {},
  workspace?: string,
): Promise<string> {
  const answer: unknown = await call(stack, "POST", "/threads", thread, workspace);
  if (typeof answer === "object" && answer && "id" in answer && typeof answer.id === "string")
    return answer.id;
  throw new Error("the emulator created no thread");
}

/** Changes the metadata of a thread without Pulumi. Default: the first thread. */
export async function setMetadata(
  stack: EngineStack,
  metadata: Record<string, string>,
  id = findFirstThread(stack),
): Promise<void> {
  await call(stack, "POST", `/threads/${id}`, { metadata });
}

/** Deletes a thread without Pulumi. Default: the first thread. */
export async function deleteThread(stack: EngineStack, id = findFirstThread(stack)): Promise<void> {
  await call(stack, "DELETE", `/threads/${id}`);
}

function findFirstThread(stack: EngineStack): string {
  const [thread] = stack.emulator.threads();
  if (thread === undefined) throw new Error("the emulator has no thread");
  return thread.id;
}

async function call(
  stack: EngineStack,
  method: string,
  path: string,
  body?: unknown,
  workspace?: string,
): Promise<unknown> {
  const answer = await fetch(stack.emulator.url + path, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(workspace !== undefined && { "X-DashScope-WorkSpace": workspace }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
