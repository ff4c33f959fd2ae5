import type { RemoteMessage } from "../thread/endpoints";
import type { ConversationItemInput } from "./schema";

/** An item before it's added. */
export interface Item {
  readonly role: ConversationItemInput["role"];
  /** The text of each part. */
  readonly parts: readonly string[];
}

const roles: readonly string[] = ["user", "assistant", "system", "developer"] satisfies Item["role"][];

/** Returns the item that a program declares. */
export function fromInput({ role, content }: ConversationItemInput): Item {
  return { role, parts: [content] };
}

/** Returns the item with the text of a message. Returns `undefined` if the message has no text, or has a role that no item has. */
export function fromMessage({ role, content }: RemoteMessage): Item | undefined {
  const parts = content.flatMap(({ text = "" }) => (text === "" ? [] : [text]));
  return isRole(role) && parts.length > 0 ? { role, parts } : undefined;
}

/** Formats an item as the API takes it. */
export function formatItem({ role, parts }: Item) {
  const type = role === "assistant" ? "output_text" : "input_text";
  return { type: "message", role, content: parts.map((text) => ({ type, text })) };
}

function isRole(role: string): role is Item["role"] {
  return roles.includes(role);
}
