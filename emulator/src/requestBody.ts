import { invalidParameter } from "./errors";
import { parseJson } from "./json";
import type { Metadata, NewMessage } from "./store";

/** The fields of a request's body. Nothing, `""`, `null` and `{}` are all what SDKs send for "no fields". */
export function readFields(body: unknown): Record<string, unknown> {
  const fields = readJson(body);
  if (fields === undefined || fields === null || fields === "") return {};
  if (!isObject(fields)) throw invalidParameter("The request body must be a JSON object.");
  return fields;
}

/** The JSON value in a body; undefined when there is no body. */
export function readJson(body: unknown): unknown {
  if (typeof body !== "string" || body.trim() === "") return undefined;
  const value = parseJson(body);
  if (value === undefined)
    throw invalidParameter("The request body is not valid JSON, or nested too deeply.");
  return value;
}

/** The metadata in a body; undefined when it is absent or null. */
export function readMetadata(metadata: unknown, where = "metadata"): Metadata | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isObject(metadata)) throw invalidParameter(`${where} must be an object.`);
  return metadata;
}

/** The messages given to create. */
export function readMessages(messages: unknown): NewMessage[] {
  if (messages === undefined || messages === null) return [];
  if (!Array.isArray(messages)) throw invalidParameter("messages must be an array.");
  return messages.map((message: unknown, index) => {
    if (!isObject(message)) throw invalidParameter(`messages[${index}] must be an object.`);
    return readMessage(message, `messages[${index}].`);
  });
}

/** One message, from the user if it does not say; `where` stands before its fields' names in an error. */
export function readMessage(message: Record<string, unknown>, where = ""): NewMessage {
  const { role = "user", content, file_ids: fileIds, metadata } = message;
  if (role !== "user" && role !== "assistant")
    throw invalidParameter(`${where}role must be "user" or "assistant".`);
  if (typeof content !== "string" || content === "")
    throw invalidParameter(`${where}content must be a string that is not empty.`);
  return {
    role,
    content,
    fileIds: readFileIds(fileIds, where),
    metadata: readMetadata(metadata, `${where}metadata`) ?? {},
  };
}

function readFileIds(fileIds: unknown, where: string): string[] {
  if (fileIds === undefined || fileIds === null) return [];
  if (!Array.isArray(fileIds) || !fileIds.every((id: unknown) => typeof id === "string"))
    throw invalidParameter(`${where}file_ids must be an array of strings.`);
  return fileIds;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
