import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { inCopyOf, npmRun, root, run } from "./project";
import { describeEngine } from "./setup";

interface Run {
  /** The stack's configuration. */
  config?(): Promise<Readonly<Record<string, string>>>;
  /** Looks at what is there after the first `up`. */
  check(folder: string): Promise<void>;
  /** How many threads `destroy` leaves. Default: none. */
  readonly left?: number;
}

const apiKey = "sk-examples";
let emulator: Emulator;

const labels = () => emulator.threads().map(({ metadata }) => metadata);

const runs: Record<string, Run> = {
  quickstart: {
    check: async () => expect(labels()).toEqual([{ team: "support", env: "dev" }]),
  },
  accounts: {
    config: async () => ({
      "dashscope-accounts:beijingKey": "sk-beijing",
      "dashscope-accounts:singaporeKey": "sk-singapore",
      "dashscope-accounts:singaporeWorkspace": "ws-singapore",
      "dashscope-accounts:beijingBaseUrl": emulator.url,
      "dashscope-accounts:singaporeBaseUrl": emulator.url,
    }),
    check: async () => {
      const workspaces = emulator.threads().map(({ workspace }) => workspace);
      expect(workspaces.sort()).toEqual(["ws-singapore", undefined]);
    },
  },
  component: {
    check: async () =>
      expect(labels().map(({ tenant, plan }) => [tenant, plan])).toEqual(
        expect.arrayContaining([
          ["acme", "standard"],
          ["globex", "standard"],
        ]),
      ),
  },
  "thread-set": {
    config: async () => ({ "dashscope-thread-set:count": "20" }),
    check: async () =>
      expect(
        labels()
          .map(({ tenant }) => tenant)
          .sort(),
      ).toEqual(Array.from({ length: 20 }, (_, index) => `tenant-${index + 1}`).sort()),
  },
  adoption: {
    config: async () => ({ "dashscope-adoption:threadId": (await call("POST", "/threads")).id }),
    check: async () => expect(labels()).toEqual([{ team: "support", managedBy: "pulumi" }]),
    left: 1,
  },
  conversation: {
    check: async () => {
      const [conversation] = emulator.conversations();
      expect(conversation?.metadata).toEqual({ team: "support", env: "dev" });
      expect(conversation?.items).toHaveLength(1);
    },
  },
  "output-to-file": {
    check: async (folder) => {
      const file = await readFile(join(folder, "assistant.json"), "utf8");
      expect(JSON.parse(file)).toEqual({ threadId: emulator.threads()[0]?.id });
    },
  },
};

describeEngine("each example", () => {
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  test("is run here", () => {
    const there = readdirSync(join(root, "examples")).filter((name) =>
      existsSync(join(root, "examples", name, "index.ts")),
    );
    expect(there.sort()).toEqual([...Object.keys(runs), "automation-api"].sort());
  });

  test.each(Object.entries(runs))("%s comes up, stays as it is, and goes", async (name, example) => {
    const { config = async () => ({}), check, left = 0 } = example;
    const project = name === "quickstart" ? ["Pulumi.yaml", "examples/quickstart"] : [`examples/${name}`];
    await inCopyOf(project, async (copy) => {
      const folder = name === "quickstart" ? copy : join(copy, "examples", name);
      const values = Object.entries(await config()).map(([key, value]) => `  ${key}: ${value}\n`);
      if (values.length > 0)
        await writeFile(join(folder, "Pulumi.dashscope.yaml"), `config:\n${values.join("")}`);
      const env = { DASHSCOPE_API_KEY: apiKey, DASHSCOPE_HTTP_BASE_URL: emulator.url };

      expect(await npmRun("start", folder, env)).toMatch(/\+ \d+ created/);
      await check(folder);
      expect(await npmRun("start", folder, env)).toMatch(/Resources:\n {4}\d+ unchanged/);
      expect(await npmRun("destroy", folder, env)).toMatch(/- \d+ deleted/);
      expect(emulator.threads()).toHaveLength(left);
      expect(emulator.conversations()).toEqual([]);
    });
    for (const { id } of emulator.threads()) await call("DELETE", `/threads/${id}`);
  });

  test("automation-api makes a thread and removes it", async () => {
    const { command } = await ensurePulumi();
    await inCopyOf(["examples/automation-api"], async (copy) => {
      const folder = join(copy, "examples/automation-api");
      const output = await run(process.execPath, ["--require", "tsx/cjs", "index.ts"], folder, {
        PATH: `${dirname(command)}${delimiter}${process.env["PATH"]}`,
        PULUMI_HOME: join(copy, "home"),
        PULUMI_BACKEND_URL: `file://${copy}`,
        PULUMI_CONFIG_PASSPHRASE: "examples",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        DASHSCOPE_API_KEY: apiKey,
        DASHSCOPE_HTTP_BASE_URL: emulator.url,
      });
      expect(output).toMatch(/The conversation's thread is thread_[0-9a-f-]{36}\./);
      expect(output).toContain("The conversation is over.");
      expect(emulator.threads()).toEqual([]);
    });
  });
});

async function call(method: string, path: string): Promise<{ id: string }> {
  const answer = await fetch(emulator.url + path, { method, headers: { authorization: `Bearer ${apiKey}` } });
  const body: unknown = await answer.json();
  if (typeof body === "object" && body && "id" in body && typeof body.id === "string") return { id: body.id };
  throw new Error(`${method} ${path}: ${answer.status}`);
}
