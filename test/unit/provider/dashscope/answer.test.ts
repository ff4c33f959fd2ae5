import { describe, expect, test } from "@jest/globals";
import { type Answer, answerOf, describe as described } from "../../../../provider/src/dashscope/answer";

const requestId = "0b6f2a9c-3f3c-9d1e-8a55-2f1f0f3c9a11";

describe("an answer of DashScope's", () => {
  test("is a success with 2xx and JSON, whatever the headers say", () => {
    expect(answered(200, { id: "thread_1", request_id: requestId })).toEqual({
      kind: "success",
      status: 200,
      body: { id: "thread_1", request_id: requestId },
      requestId,
    });
    expect(answered(201, {}).kind).toBe("success");
  });

  test.each([
    [400, "InvalidParameter", "The specified thread has been deleted or does not exist.", "gone"],
    [404, "NotFound", "Not found!", "gone"],
    [400, "InvalidParameter", "Required parameter content missing.", "refused"],
    [400, "InvalidURL", "The request URL is invalid.", "refused"],
    [400, "DataInspectionFailed", "Input data may contain inappropriate content.", "refused"],
    [400, "Arrearage", "Access denied, please make sure your account is in good standing.", "billing"],
    [401, "InvalidApiKey", "Invalid API-key provided.", "authentication"],
    [403, "AccessDenied", "Access denied.", "permission"],
    [403, "Workspace.AccessDenied", "Workspace access denied.", "permission"],
    [404, "WorkSpaceNotFound", "WorkSpace can not be found.", "workspace"],
    [404, "ModelNotFound", "Model can not be found.", "refused"],
    [408, "RequestTimeOut", "Request timed out, please try again later.", "unavailable"],
    [429, "Throttling", "Requests throttling triggered.", "throttled"],
    [429, "Throttling.RateQuota", "Requests rate limit exceeded.", "throttled"],
    [429, "Throttling.BurstRate", "Request rate increased too quickly.", "throttled"],
    [429, "Throttling.Concurrency", "Too many requests at once.", "throttled"],
    [429, "Throttling.AllocationQuota", "Allocated quota exceeded.", "throttled"],
    [429, "LimitRequests", "You exceeded your current requests list.", "throttled"],
    [429, "CommodityNotPurchased", "Commodity has not purchased yet.", "billing"],
    [429, "PrepaidBillOverdue", "The prepaid bill is overdue.", "billing"],
    [429, "PostpaidBillOverdue", "The postpaid bill is overdue.", "billing"],
    [500, "InternalError", "An internal error has occurred.", "unavailable"],
    [500, "RequestTimeOut", "Request timed out.", "unavailable"],
    [503, "ModelUnavailable", "Model is unavailable.", "unavailable"],
  ])("with %d %s %j means: %s", (status, code, message, kind) => {
    expect(answered(status, { code, message, request_id: requestId })).toEqual({
      kind,
      status,
      apiCode: code,
      apiMessage: message,
      requestId,
    });
  });

  test.each([
    [404, { code: "NotFound" }],
    [404, "<html>404 Not Found</html>"],
    [404, { error: { message: "Not found", code: "NotFound" } }],
    [400, "The specified thread has been deleted or does not exist."],
    [410, { message: "gone" }],
    [404, { code: 404, message: "Not found!" }],
    [404, null],
    [404, [{ code: "NotFound", message: "Not found!" }]],
  ])("is none with %d %j: the thread is not gone", (status, body) => {
    expect(answered(status, body)).toMatchObject({ kind: "unexpected", status });
    expect(answered(status, body)).not.toHaveProperty("error");
  });

  test.each([
    [401, "InvalidParameter", "The specified thread has been deleted or does not exist."],
    [403, "InvalidParameter", "The specified thread has been deleted or does not exist."],
    [500, "InvalidParameter", "The specified thread has been deleted or does not exist."],
    [400, "NotFound", "Not found!"],
    [400, "InvalidParameter", "The specified assistant has been deleted or does not exist."],
    [404, "WorkSpaceNotFound", "The specified thread has been deleted or does not exist."],
  ])("with %d %s %j does not mean that the thread is gone", (status, code, message) => {
    expect(answered(status, { code, message }).kind).not.toBe("gone");
  });
});

describe("anything else that comes back", () => {
  test.each([
    [200, "<html>Welcome to the hotel's WLAN</html>", "HTTP 200 with a body that is not JSON"],
    [200, "", "HTTP 200 with a body that is not JSON"],
    [302, "", "HTTP 302, a redirect, which is not followed"],
    [302, { id: "thread_1" }, "HTTP 302, a redirect, which is not followed"],
    [502, "<html>Bad Gateway</html>", "HTTP 502 with a body that is not a DashScope error"],
    [407, "Proxy Authentication Required", "HTTP 407 with a body that is not a DashScope error"],
  ])("with %d %j is unexpected", (status, body, what) => {
    expect(answered(status, body)).toMatchObject({ kind: "unexpected", status, what });
    expect(answered(status, body)).not.toHaveProperty("error");
  });

  test("tells what broke when the connection broke in the middle, however good the beginning looks", () => {
    const exchange = {
      sentAt: new Date(),
      status: 200,
      headers: { "x-request-id": requestId },
      body: '{"id":"thread_1"}',
      error: new Error("other side closed"),
    };
    expect(answerOf(exchange)).toEqual({
      kind: "unexpected",
      status: 200,
      error: exchange.error,
      what: "HTTP 200, then other side closed",
      requestId,
    });
  });

  test("is a lost answer when nothing came back", () => {
    const error = new Error("other side closed");
    expect(answerOf({ headers: {}, body: "", error })).toEqual({ kind: "lost", error });
  });
});

describe("the request id of an answer", () => {
  const header = "11111111-from-the-header";
  const body = (id: unknown) => ({ code: "InternalError", message: "x", request_id: id });

  test("is the body's, then the header's", () => {
    expect(answered(500, body(requestId), header)).toHaveProperty("requestId", requestId);
    expect(answered(500, body(undefined), header)).toHaveProperty("requestId", header);
    expect(answered(200, { request_id: requestId }, header)).toHaveProperty("requestId", requestId);
    expect(answered(502, "<html>", header)).toHaveProperty("requestId", header);
  });

  test.each([null, 7, "", "two words", "line\nbreak", "x".repeat(81), "sk-0123456789", {}])(
    "is none when it is no short plain word: %j; the answer counts all the same",
    (id) => {
      expect(answered(500, body(id))).toMatchObject({ kind: "unavailable" });
      expect(answered(500, body(id))).not.toHaveProperty("requestId");
      expect(answered(500, body(id), header)).toHaveProperty("requestId", header);
    },
  );
});

describe("a broken connection", () => {
  test("is told by its message, with the code that one can look up", () => {
    expect(described(Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }))).toBe(
      "other side closed (UND_ERR_SOCKET)",
    );
    expect(
      described(Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" })),
    ).toBe("connect ECONNREFUSED 127.0.0.1:1");
    expect(described(new Error())).toBe("the connection broke");
  });

  test("to several addresses is told by the first", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED ::1:1"), { code: "ECONNREFUSED" });
    expect(described(new AggregateError([refused, new Error("other")], ""))).toBe(
      "connect ECONNREFUSED ::1:1",
    );
  });
});

function answered(status: number, body: unknown, requestIdHeader?: string): Answer {
  return answerOf({
    sentAt: new Date(),
    status,
    headers: requestIdHeader === undefined ? {} : { "x-request-id": requestIdHeader },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
