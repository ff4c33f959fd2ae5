import { expect } from "@jest/globals";
import fc from "fast-check";
import { runHook } from "../../../provider/src/host/hookError";
import { assertStorable } from "./stack";
import { startHttpServer } from "./testServer";

/** The key of the account. */
export const key = "sk-0a1b2c3d4e5f60718293";
/** The content of a message or an item. */
export const content = 'Tell nobody that the vault opens with 4711 "and" the <red> key, 你好.';
/** A metadata value that the program sets. */
export const label = "value-of-a-label";
/** A metadata value that is recorded. */
export const old = "value-of-an-older-label";
/** Parts of {@link content}. No error may show one. */
export const contentParts = [content.slice(0, 10), content.slice(-16, -4)];

/** A string that repeats secrets in all the ways that servers do. */
const repetition = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        key,
        content,
        label,
        old,
        "Bearer ",
        "sk-account-secret",
        " no: ",
        "\ud800",
        "\u001b[31m",
        "\n",
      ),
      fc.constantFrom<(said: string) => string>(
        (said) => said,
        (said) => JSON.stringify(JSON.stringify(said)),
        (said) => encodeURIComponent(said.toWellFormed()),
        (said) => said.replace(/[<>"&]/g, (sign) => `&#${sign.charCodeAt(0)};`),
        (said) => `${said.slice(0, 14)}…`,
        (said) => Buffer.from(said).toString("base64"),
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([said, write]) => write(said)).join(" "));

const field = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  repetition,
  fc.constantFrom(1711338305153, "1711338305153", "", null, "\udc00"),
);

/** A body that is more or less one of the API's. */
function buildJson(id: string, gone: { readonly code: string | null; readonly message: string }) {
  const code = fc.oneof(fc.constantFrom(gone.code, "InternalError", "Arrearage", "InvalidApiKey"), field);
  const message = fc.oneof(fc.constant(gone.message), repetition, field);
  const item = fc.record({ id: field, role: field, content: field }, { requiredKeys: [] });
  return fc.record(
    {
      id: fc.oneof({ weight: 4, arbitrary: fc.constant(id) }, field),
      created_at: field,
      metadata: fc.oneof(
        fc.constant({ a: label }),
        fc.dictionary(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "a", "")), field),
        field,
      ),
      request_id: field,
      account_id: fc.constant("sk-account-secret"),
      deleted: fc.constantFrom<unknown>(true, true, false, 1),
      code,
      message,
      // The dialect of conversations.
      error: fc.record({ code, message, type: code }, { requiredKeys: ["message"] }),
      data: fc.array(item, { maxLength: 3 }),
      has_more: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}

/**
 * Builds the answers of a server that may answer anything.
 *
 * @param id the ID that most answers contain
 * @param gone the error for a missing object
 */
export function buildAnswers(id: string, gone: { readonly code: string | null; readonly message: string }) {
  // The host's own reading of protobuf loses a key of this name.
  const json = buildJson(id, gone).map((body) => JSON.stringify(body).replaceAll("__proto__", "proto"));
  return fc.record({
    status: fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 407, 408, 418, 500, 503, 599),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { "x-request-id": "a-request" },
      { "x-request-id": `${key} x` },
      { "retry-after": "soon" },
    ),
    body: fc.oneof(
      { weight: 6, arbitrary: json },
      repetition.map((said) => said.toWellFormed()),
      fc.json(),
      fc.string(),
    ),
  });
}

/** Starts a server whose answer the test sets. */
export async function startAnswering() {
  let answer = { status: 200, headers: {}, body: "" };
  const { url } = await startHttpServer((request, response) => {
    request.resume();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return {
    url,
    answerWith(next: typeof answer) {
      answer = next;
    },
  };
}

/** Runs a hook, and checks its result or its error. */
export async function assertWellEnded(
  providerText: string,
  secrets: readonly string[],
  hook: () => Promise<{ readonly state: object } | undefined>,
): Promise<void> {
  try {
    const result = await runHook(providerText, hook);
    if (result !== undefined) assertStorable(result.state);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!/^\W?\w[^\p{Cc}]* \[DASHSCOPE_ERR_\w+\]$/u.test(error.message)) throw error;
    expect(secrets.filter((secret) => error.message.includes(secret))).toEqual([]);
    expect(() => encodeURI(error.message)).not.toThrow();
    if ("properties" in error) assertStorable(error.properties);
  }
}
