import { expect, test } from "@jest/globals";
import { Thread, ThreadSet } from "pulumi-dashscope/plugin";
import { describeEngine, newStack } from "../setup";
import * as pulumi from "@pulumi/pulumi";

const env = { DASHSCOPE_SILENCE_DEPRECATION: "true" };
describeEngine("plugin", () => {
  test("works", async () => {
    const program = (value: string) => async () => {
      const t = new Thread("support", { metadata: { env: value }, messages: [{role: "user", content: pulumi.secret("hush-hush")}] });
      new Thread("dep", { metadata: { created: t.createdAt.apply(String), ws: t.workspace.apply(String), m: t.metadata.apply(JSON.stringify) } });
      const s = new ThreadSet("set", { threads: { a: { metadata: {env: value} }, ...(value === "prod" && {c: {}}) } });
      new Thread("dep2", { metadata: { id: s.ids["a"]! } });
      return { id: t.id };
    };
    const stack = await newStack({ env }, program("dev"));
    const log = (o: any) => console.log(o.output, o.changes);
    log(await stack.preview({ diff: true }));
    log(await stack.up());
    log(await stack.up());
    console.log(JSON.stringify((await stack.exportState()).deployment.resources, null, 1));
    stack.program = program("prod");
    log(await stack.preview({ diff: true }));
    log(await stack.up());
    log(await stack.refresh());
    log(await stack.up());
    log(await stack.destroy());
  });
});
