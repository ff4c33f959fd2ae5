import { describe, expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { getConversation, getConversationOutput } from "../../../../provider/src/conversation/lookup";
import { RequestError } from "../../../../provider/src/dashscope/errors";
import { LookupError } from "../../../../provider/src/program/lookup";
import { MissingError } from "../../../../provider/src/resource/errors";
import { getThread, getThreadOutput } from "../../../../provider/src/thread/lookup";
import { readOutput, runProgram } from "./runProgram";

describe("lookups under mocks", () => {
  test.each([
    { token: "dashscope:index:getThread", get: getThread, getOutput: getThreadOutput },
    {
      token: "dashscope:index:getConversation",
      get: getConversation,
      getOutput: getConversationOutput,
    },
  ])("$token calls the mocks, and never the network", async ({ token, get, getOutput }) => {
    const found = { id: "id_1", metadata: { a: "b" } };
    const { calls } = await runProgram(
      { "dashscope:baseUrl": "https://unreachable.invalid" },
      async () => {
        await expect(get({ id: "id_1", workspace: "llm-1" })).resolves.toEqual(found);
        const { value } = await readOutput(getOutput({ id: pulumi.output("id_1") }));
        expect(value).toEqual(found);
      },
      found,
    );
    expect(calls).toMatchObject([
      { token, inputs: { id: "id_1", workspace: "llm-1" } },
      { token, inputs: { id: "id_1" } },
    ]);
  });
});

describe("LookupError", () => {
  const answer = new RequestError("gone", {
    action: "read thread thread_1",
    baseUrl: "https://a.example",
    reason: "HTTP 400",
    status: 400,
    requestId: "r-1",
  });

  test("a lookup error carries the code, and the status and the request ID of the answer", () => {
    const error = new LookupError(new MissingError("thread thread_1", "at https://a.example", answer));
    expect(error).toBeInstanceOf(pulumi.RunError);
    expect(error).toMatchObject({ code: "DASHSCOPE_ERR_MISSING", status: 400, requestId: "r-1" });
    expect(new LookupError(answer)).toMatchObject({ code: "DASHSCOPE_ERR_MISSING", status: 400 });
    const withoutAnswer = new LookupError(new MissingError("thread thread_1", "at https://a.example"));
    expect(withoutAnswer).toMatchObject({ status: undefined, requestId: undefined });
  });
});
