import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isolateEngine } from "../../../scripts/engine/environment";
import { ensurePulumi } from "../../../scripts/pulumi-cli";
import { describeEngine } from "../setup";

const plugin = join(__dirname, "../../../provider/dist/plugin/pulumi-resource-dashscope");

describeEngine("the schema of the plugin", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dashscope-schema-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function pulumi(...args: string[]): Promise<string> {
    const { command } = await ensurePulumi();
    const env = { ...process.env, ...isolateEngine(folder) };
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd: folder, env });
    return stdout + stderr;
  }

  test("the schema is valid and contains the doc comments", async () => {
    const text = await pulumi("package", "get-schema", plugin);
    await writeFile(join(folder, "schema.json"), text);
    // The command fails if the schema isn't valid.
    expect(await pulumi("schema", "check", "schema.json")).not.toMatch(/warning|error/i);
    const { resources, functions, provider } = JSON.parse(text);
    const { inputProperties, properties, required, aliases } = resources["dashscope:index:Thread"];
    expect(properties.createdAt).toEqual({
      type: "number",
      description:
        "When the thread was created, in milliseconds since the epoch. Absent if DashScope didn't say.",
    });
    expect(Object.keys(inputProperties).sort()).toEqual(["adoptId", "messages", "metadata", "workspace"]);
    expect(required).toEqual(["metadata", "baseUrl"]);
    expect(aliases).toEqual([{ type: "pulumi-nodejs:dynamic/dashscope:Thread" }]);
    expect(resources["dashscope:index:ThreadSet"].requiredInputs).toEqual(["threads"]);
    expect(functions["dashscope:index:getThread"].inputs.required).toEqual(["id"]);
    expect(provider.inputProperties.apiKey.secret).toBe(true);
    // Defaults from the environment would put the shell's key into the state.
    expect(text).not.toContain("defaultInfo");
  });

  test("`pulumi plugin install` accepts the one file of the plugin", async () => {
    await pulumi("plugin", "install", "resource", "dashscope", "0.1.0", "--file", plugin);
    const [installed] = JSON.parse(await pulumi("plugin", "ls", "--json"));
    expect(installed).toMatchObject({ name: "dashscope", kind: "resource", version: "0.1.0" });
    expect(JSON.parse(await pulumi("package", "get-schema", "dashscope@0.1.0")).name).toBe("dashscope");
  });
});
