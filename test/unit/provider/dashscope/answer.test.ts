import { describe, expect, test } from "@jest/globals";
import { type Answer, parseAnswer } from "../../../../provider/src/dashscope/answer";
import { AttemptTimeout, BodyTooLarge } from "../../../../provider/src/dashscope/exchange";
import type { Api } from "../../../../provider/src/dashscope/url";

const requestId = "0b6f2a9c-3f3c-9d1e-8a55-2f1f0f3c9a11";
const goneMessage = "The specified thread has been deleted or does not exist.";

describe("a complete answer", () => {
  test("a 2xx answer with JSON is a success, whatever its headers say", () => {
    const body = { id: "thread_1", request_id: requestId };
    expect(parse(200, body)).toEqual({ kind: "success", status: 200, body, requestId });
    expect(parse(201, {}).kind).toBe("success");
  });

  test.each([
    [400, "InvalidParameter", goneMessage, "gone"],
    [400, "InvalidParameter", "Required parameter content missing.", "refused"],
    [400, "DataInspectionFailed", "Input data may contain inappropriate content.", "refused"],
    [400, "Arrearage", "Access denied, please make sure your account is in good standing.", "billing"],
    [401, "InvalidApiKey", "Invalid API-key provided.", "authentication"],
    [403, "Workspace.AccessDenied", "Workspace access denied.", "permission"],
    [404, "WorkSpaceNotFound", "WorkSpace can not be found.", "workspace"],
    [408, "RequestTimeOut", "Request timed out, please try again later.", "unavailable"],
    [429, "Throttling", "Requests throttling triggered.", "throttled"],
    [429, "Throttling.RateQuota", "Requests rate limit exceeded.", "throttled"],
    [429, "Throttling.AllocationQuota", "Allocated quota exceeded.", "throttled"],
    [429, "LimitRequests", "You exceeded your current requests list.", "throttled"],
    [429, "limit_requests", "You exceeded your current requests list.", "throttled"],
    [429, "ThrottlingOfAnotherKind", "no", "refused"],
    [429, "CommodityNotPurchased", "Commodity has not purchased yet.", "billing"],
    [429, "PrepaidBillOverdue", "The prepaid bill is overdue.", "billing"],
    [429, "PostpaidBillOverdue", "The postpaid bill is overdue.", "billing"],
    [500, "InternalError", "An internal error has occurred.", "unavailable"],
    [503, "ModelUnavailable", "Model is unavailable.", "unavailable"],
  ])("the answer %d %s %j has the outcome `%s`", (status, code, message, outcome) => {
    const answer = parse(status, { code, message, request_id: requestId });
    expect(answer).toMatchObject({ kind: "failed", outcome, status, apiCode: code, requestId });
    expect(answer).toHaveProperty("reason", `HTTP ${status} ${code} "${message}"`);
  });

  test.each([
    [404, { code: "NotFound", message: "Not found!" }],
    [404, { code: "NotFound", message: goneMessage }],
    [404, { code: "InvalidParameter", message: goneMessage }],
    [404, "<html>404 Not Found</html>"],
    [400, goneMessage],
    [410, { message: "gone" }],
    [400, { code: 400, message: goneMessage }],
    [404, null],
    [404, [{ code: "NotFound", message: "Not found!" }]],
  ])("the answer %d %j isn't DashScope's word that something is gone", (status, body) => {
    expect(parse(status, body)).toMatchObject({ outcome: "foreign", status });
  });

  test.each([
    [401, "InvalidParameter", goneMessage],
    [403, "InvalidParameter", goneMessage],
    [500, "InvalidParameter", goneMessage],
    [400, "NotFound", goneMessage],
    [400, "InvalidParameter", "The specified assistant has been deleted or does not exist."],
  ])("the refusal %d %s %j doesn't mean that the thread is gone", (status, code, message) => {
    expect(parse(status, { code, message })).not.toHaveProperty("outcome", "gone");
  });

  test("an error inside `error`, as the Conversations API answers it, is read like a flat one", () => {
    const error = { code: null, type: "limit_requests", message: "Slow down." };
    expect(parse(429, { error, request_id: requestId })).toMatchObject({
      outcome: "throttled",
      apiCode: "limit_requests",
      requestId,
    });
    expect(parse(400, { error: { message: "no" } })).toMatchObject({ outcome: "refused" });
  });

  const noConversation = "Conversation with id 'conv_1' not found.";

  test.each([
    [404, { error: { message: noConversation, type: "invalid_request_error", code: null } }],
    [400, { error: { message: noConversation, code: "invalid_parameter_error" } }],
    [400, { error: { message: "The specified conversation has been deleted or does not exist." } }],
  ])("the answer %d %j says that a conversation is gone, and nothing about a thread", (status, body) => {
    expect(parse(status, body, [], undefined, "compatible")).toHaveProperty("outcome", "gone");
    expect(parse(status, body, [], undefined, "native")).not.toHaveProperty("outcome", "gone");
  });

  test.each([
    [404, ""],
    [404, { code: "NotFound", message: "Not found!" }],
    [404, { error: { message: "no", code: "WorkSpaceNotFound" } }],
    [404, { error: { message: "no", code: "model_not_found" } }],
    [400, { error: { message: "`metadata` is required.", code: "invalid_parameter_error" } }],
    [400, { code: "InvalidParameter", message: goneMessage }],
    [401, { error: { message: noConversation, code: "invalid_api_key" } }],
  ])("the answer %d %j doesn't say that a conversation is gone", (status, body) => {
    expect(parse(status, body, [], undefined, "compatible")).not.toHaveProperty("outcome", "gone");
  });

  test.each([
    [200, "<html>Welcome to the hotel's WLAN</html>", "foreign"],
    [200, "", "foreign"],
    [302, { id: "thread_1" }, "foreign"],
    [407, "Proxy Authentication Required", "foreign"],
    [408, "<html>", "foreignTemporary"],
    [429, "<html>", "foreignTemporary"],
    [502, "<html>Bad Gateway</html>", "foreignTemporary"],
  ])("the answer %d %j of another server has the outcome `%s`", (status, body, outcome) => {
    expect(parse(status, body)).toMatchObject({ kind: "failed", outcome, status, apiCode: undefined });
  });
});

describe("a broken exchange", () => {
  test("an answer that broke off is lost, however good its beginning looks", () => {
    const headers = { "x-request-id": requestId };
    const error = new Error("other side closed");
    expect(
      parseAnswer({ status: 200, headers, body: '{"id":"thread_1"}', error }, "native", []),
    ).toMatchObject({
      outcome: "connection",
      reason: "HTTP 200, then other side closed",
      requestId,
    });
  });

  test.each([
    [new AttemptTimeout("late"), "timeout"],
    [new BodyTooLarge("large"), "foreignTemporary"],
    [withCode("other side closed", "UND_ERR_SOCKET"), "connection"],
    [withCode("certificate has expired", "CERT_HAS_EXPIRED"), "connectionPermanent"],
    [withCode("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"), "connectionPermanent"],
    [withCode("unable to verify", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "connectionPermanent"],
    [withCode("invalid header", "UND_ERR_INVALID_ARG"), "connectionPermanent"],
  ])("the error %s has the outcome `%s`", (error, outcome) => {
    expect(parseAnswer({ headers: {}, body: "", error }, "native", [])).toMatchObject({
      outcome,
      status: undefined,
    });
  });

  test.each([
    [withCode("other side closed", "UND_ERR_SOCKET"), "other side closed (UND_ERR_SOCKET)"],
    [withCode("connect ECONNREFUSED ::1:1", "ECONNREFUSED"), "connect ECONNREFUSED ::1:1"],
    [
      new AggregateError([withCode("connect ECONNREFUSED ::1:1", "ECONNREFUSED")]),
      "connect ECONNREFUSED ::1:1",
    ],
    [new Error(), "the connection broke"],
  ])("the error %s is described by its message and its code", (error, reason) => {
    expect(parseAnswer({ headers: {}, body: "", error }, "native", [])).toHaveProperty("reason", reason);
  });
});

describe("secrets", () => {
  const secret = "Tell nobody about this";

  test.each([
    ["message", { code: "InvalidParameter", message: `no: ${secret}` }],
    ["code", { code: secret, message: "no" }],
    ["message after a long code", { code: "x".repeat(3_000), message: secret }],
  ])("a %s that repeats a secret is withheld", (_, body) => {
    const answer = parse(400, body, [secret]);
    expect(answer).toMatchObject({ outcome: "refused", apiCode: undefined });
    expect(JSON.stringify(answer)).not.toContain("Tell nobody");
  });

  test("a request ID that repeats a secret isn't shown", () => {
    expect(
      parse(500, { code: "x", message: "y", request_id: "a-secret-word" }, ["a-secret-word"]),
    ).toHaveProperty("requestId", undefined);
    expect(
      parse(500, { code: "x", message: "y", request_id: requestId }, [secret, "prod", "4711"]),
    ).toHaveProperty("requestId", requestId);
  });
});

describe("the request ID", () => {
  const header = "11111111-from-the-header";

  test("the request ID in the body wins over the one in the header", () => {
    expect(parse(500, { request_id: requestId }, [], header)).toHaveProperty("requestId", requestId);
    expect(parse(502, "<html>", [], header)).toHaveProperty("requestId", header);
  });

  test.each([null, 7, "", "two words", "line\nbreak", "x".repeat(81), "sk-0123456789", {}])(
    "a request ID that isn't a short plain word is ignored: %j",
    (id) => {
      const body = { code: "InternalError", message: "x", request_id: id };
      expect(parse(500, body)).toMatchObject({ outcome: "unavailable", requestId: undefined });
      expect(parse(500, body, [], header)).toHaveProperty("requestId", header);
    },
  );
});

function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

function parse(
  status: number,
  body: unknown,
  secrets: readonly string[] = [],
  requestIdHeader?: string,
  api: Api = "native",
): Answer {
  return parseAnswer(
    {
      sentAt: new Date(),
      status,
      headers: requestIdHeader === undefined ? {} : { "x-request-id": requestIdHeader },
      body: typeof body === "string" ? body : JSON.stringify(body),
    },
    api,
    secrets,
  );
}
