/** Makes every call on conversations and items with the official client, and prints the result of each as a line of JSON. */
import OpenAI, { APIError } from "openai";

// The base URL and the key come from the environment.
const client = new OpenAI({ maxRetries: 0 });

async function report<T extends object>(call: string, result: Promise<T>): Promise<T | undefined> {
  const reported = await result.then(
    (value) => {
      // The client hides this property from JSON.
      const _request_id = "_request_id" in value ? value._request_id : undefined;
      return { value, text: JSON.stringify({ call, result: { ...value, _request_id } }) };
    },
    (error: unknown) => {
      if (!(error instanceof APIError)) throw error;
      const { status, code, type, error: body, requestID } = error;
      const message =
        typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
      const described = { status, code, type, message, _request_id: requestID };
      return { value: undefined, text: JSON.stringify({ call, result: described }) };
    },
  );
  console.log(reported.text);
  return reported.value;
}

async function main(): Promise<void> {
  await report("create empty", client.conversations.create());
  const conversation = await report(
    "create",
    client.conversations.create({
      items: [
        { type: "message", role: "system", content: "Be brief." },
        { type: "message", role: "user", content: "Hello" },
      ],
      metadata: { team: "support", env: "test" },
    }),
  );
  const id = conversation?.id ?? "";
  await report("retrieve", client.conversations.retrieve(id));
  await report("update", client.conversations.update(id, { metadata: { team: "sales" } }));
  await report("update nothing", client.conversations.update(id, { metadata: null }));

  const { items } = client.conversations;
  const added = await report(
    "create items",
    items.create(id, {
      items: [
        {
          type: "message",
          role: "assistant",
          id: "msg_given",
          status: "completed",
          content: [{ type: "output_text", text: "How can I help?", annotations: [] }],
        },
        { type: "message", role: "user", content: [{ type: "input_text", text: "A question" }] },
      ],
    }),
  );
  const itemId = added?.last_id ?? "";
  await report("list items", listPage(id));
  await report("list all items", listAll(id));
  await report("retrieve item", items.retrieve(itemId, { conversation_id: id }));
  await report("delete item", items.delete(itemId, { conversation_id: id }));
  await report("retrieve deleted item", items.retrieve(itemId, { conversation_id: id }));
  await report("list with a wrong limit", listPage(id, 101));
  await report("wrong key", client.withOptions({ apiKey: "sk-wrong" }).conversations.retrieve(id));
  const baseURL = client.baseURL.replace(/v1$/, "v2");
  await report("wrong base URL", client.withOptions({ baseURL }).conversations.retrieve(id));
  await report("delete", client.conversations.delete(id));
  await report("delete again", client.conversations.delete(id));
  await report("retrieve deleted", client.conversations.retrieve(id));
  await report("update deleted", client.conversations.update(id, { metadata: {} }));
}

async function listPage(id: string, limit = 20) {
  const { data, last_id, has_more } = await client.conversations.items.list(id, { limit });
  return { data, last_id, has_more };
}

async function listAll(id: string) {
  const data: unknown[] = [];
  for await (const item of client.conversations.items.list(id, { order: "asc", limit: 3 })) data.push(item);
  return { data };
}

void main();
