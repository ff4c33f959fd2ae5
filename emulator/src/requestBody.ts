import { z } from "zod";
import { InvalidParameter } from "./errors";
import { parseJson } from "./json";
import { metadataSchema } from "./metadata";
import { describeFirstIssue } from "./validation";

/** Nothing, `""` and `null` are what SDKs send for "no fields". */
function defaultToNoFields(value: unknown): unknown {
  return value === undefined || value === null || value === "" ? {} : value;
}

/** What an API says about a body that is no object. */
export const BODY_ERROR = { error: "The request body must be a JSON object." };

/** Parses a request's body. */
export function parseBody<Body>(body: unknown, schema: z.ZodType<Body>): Body {
  return checkInput(defaultToNoFields(parseBodyJson(body)), schema);
}

/** Parses a request's query. */
export function parseQuery<Query>(query: unknown, schema: z.ZodType<Query>): Query {
  return checkInput(query, schema);
}

/** Parses the JSON of a body; undefined if there is no body. */
export function parseBodyJson(body: unknown): unknown {
  if (typeof body !== "string" || body.trim() === "") return undefined;
  const value = parseJson(body);
  if (value === undefined)
    throw new InvalidParameter("The request body is not valid JSON, or nested too deeply.");
  return value;
}

function checkInput<Output>(value: unknown, schema: z.ZodType<Output>): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidParameter(describeFirstIssue(result.error, ""));
}

/** The body of an update: the metadata, or nothing. */
export const updateBodySchema = z.object({ metadata: metadataSchema.nullish() }, BODY_ERROR);

const messageFields = {
  role: z.enum(["user", "assistant"], { error: 'must be "user" or "assistant".' }).default("user"),
  content: z
    .string({ error: "must be a string that is not empty." })
    .min(1, "must be a string that is not empty."),
  file_ids: z
    .array(z.string({ error: "must be a string." }), { error: "must be an array of strings." })
    .nullish(),
  metadata: metadataSchema.nullish(),
};

const messageError = { error: "must be an object." };

function toNewMessage({ file_ids, metadata, ...message }: z.infer<z.ZodObject<typeof messageFields>>) {
  return { ...message, fileIds: file_ids ?? [], metadata: metadata ?? {} };
}

/** The body that creates a message; the role is `user` by default. */
export const messageBodySchema = z.object(messageFields, BODY_ERROR).transform(toNewMessage);

/** The body that creates a thread. */
export const threadBodySchema = z.object(
  {
    messages: z
      .array(z.object(messageFields, messageError).transform(toNewMessage), { error: "must be an array." })
      .nullish(),
    metadata: metadataSchema.nullish(),
  },
  BODY_ERROR,
);
