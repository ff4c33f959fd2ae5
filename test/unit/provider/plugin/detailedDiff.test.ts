import { expect, test } from "@jest/globals";
import { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { compareInputs } from "../../../../provider/src/plugin/server/detailedDiff";

const { Kind } = PropertyDiff;

function compare(...[olds, news, replaces]: Parameters<typeof compareInputs>) {
  return Object.fromEntries(
    [...compareInputs(olds, news, replaces)].map(([path, diff]) => [
      path,
      [diff.getKind(), diff.getInputdiff()],
    ]),
  );
}

test("a difference is told by the path of its smallest part", () => {
  const olds = {
    metadata: { env: "dev", team: "support", gone: "1" },
    messages: [{ role: "user", content: "a" }],
  };
  const news = {
    metadata: { env: "prod", team: "support", "a.b": "2" },
    messages: [{ role: "user", content: "a" }],
  };
  expect(compare(olds, news, [])).toEqual({
    "metadata.env": [Kind.UPDATE, true],
    "metadata.gone": [Kind.DELETE, true],
    'metadata["a.b"]': [Kind.ADD, true],
  });
});

test("a change that needs another resource is told as one", () => {
  const olds = { messages: [{ content: "a" }], workspace: "one" };
  const news = { messages: [{ content: "b" }, { content: "c" }] };
  expect(compare(olds, news, ["messages", "workspace"])).toEqual({
    "messages[0].content": [Kind.UPDATE_REPLACE, true],
    "messages[1]": [Kind.ADD_REPLACE, true],
    workspace: [Kind.DELETE_REPLACE, true],
  });
});

test("a property that only the record has is told as a difference of an output", () => {
  expect(compare({}, {}, ["baseUrl"])).toEqual({ baseUrl: [Kind.UPDATE_REPLACE, false] });
});

test("what Pulumi hides isn't compared", () => {
  expect(compare({ __provider: "a" }, {}, [])).toEqual({});
});
