/** A thread as a dynamic provider after the examples in Pulumi's documentation, whose hooks are serialized. */
import * as pulumi from "@pulumi/pulumi";
import type { ThreadShape } from ".";

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(`${process.env["DASHSCOPE_HTTP_BASE_URL"]}/threads${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${process.env["DASHSCOPE_API_KEY"]}`,
      "Content-Type": "application/json",
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} /threads${path} failed: ${response.status} ${text}`);
  return JSON.parse(text);
}

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const thread = await send("POST", "", { messages: inputs.messages, metadata: inputs.metadata });
    return { id: thread.id, outs: { ...inputs, createdAt: thread.created_at } };
  },

  async diff(_id, olds, news) {
    const replaces = JSON.stringify(olds.messages) === JSON.stringify(news.messages) ? [] : ["messages"];
    const updated = JSON.stringify(olds.metadata) !== JSON.stringify(news.metadata);
    return { changes: updated || replaces.length > 0, replaces };
  },

  async read(id, props) {
    const thread = await send("GET", `/${id}`);
    return { id, props: { ...props, metadata: thread.metadata } };
  },

  async update(id, olds, news) {
    await send("POST", `/${id}`, { metadata: news.metadata });
    return { outs: { ...olds, ...news } };
  },

  async delete(id) {
    await send("DELETE", `/${id}`);
  },
};

export class Thread extends pulumi.dynamic.Resource {
  declare readonly createdAt: pulumi.Output<number>;
  declare readonly metadata: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ThreadShape) {
    super(provider, name, { createdAt: undefined, ...args });
  }
}
