import type { z } from "zod";
import { InvalidParameter } from "./errors";
import { parseJson } from "./json";
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
