import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Emulator, startEmulator } from "dashscope-emulator";
import { isolateEngine } from "../../scripts/engine/environment";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { inCopyOf, npmRun, root, run } from "./exampleCopy";
import { describeEngine } from "./setup";

/** How one example is run. */
interface ExampleRun {
  /** Returns the stack's configuration. */
  readonly configure?: () => Promise<Readonly<Record<string, string>>>;
  /** Checks what exists after the `up`. */
  readonly check: (folder: string) => unknown;
  /** The number of threads that `destroy` leaves. Default: none. */
  readonly kept?: number;
}

const apiKey = "sk-examples";
let emulator: Emulator;

const listMetadata = () => emulator.threads().map(({ metadata }) => metadata);

const runs: Record<string, ExampleRun> = {
  accounts: {
    configure: async () => ({
      "dashscope-accounts:beijingKey": "sk-beijing",
      "dashscope-accounts:singaporeKey": "sk-singapore",
      "dashscope-accounts:singaporeWorkspace": "ws-singapore",
      "dashscope-accounts:beijingBaseUrl": emulator.url,
      "dashscope-accounts:singaporeBaseUrl": emulator.url,
    }),
    check: () => {
      const workspaces = emulator.threads().map(({ workspace }) => workspace);
      expect(workspaces.sort()).toEqual(["ws-singapore", undefined]);
    },
  },
  component: {
    check: () =>
      expect(listMetadata().map(({ tenant, plan }) => [tenant, plan])).toEqual(
        expect.arrayContaining([
          ["acme", "standard"],
          ["globex", "standard"],
        ]),
      ),
  },
  "thread-set": {
    configure: async () => ({ "dashscope-thread-set:count": "20" }),
    check: () =>
      expect(
        listMetadata()
          .map(({ tenant }) => tenant)
          .sort(),
      ).toEqual(Array.from({ length: 20 }, (_, index) => `tenant-${index + 1}`).sort()),
  },
  adoption: {
    configure: async () => ({ "dashscope-adoption:threadId": (await call("POST", "/threads")).id }),
    check: () => expect(listMetadata()).toEqual([{ team: "support", managedBy: "pulumi" }]),
    kept: 1,
  },
  conversation: {
    check: () => {
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

describeEngine("the examples", () => {
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  test("every example has a test", () => {
    const existing = readdirSync(join(root, "examples")).filter((name) =>
      existsSync(join(root, "examples", name, "index.ts")),
    );
    // The test of the README runs the quickstart.
    expect(existing.sort()).toEqual([...Object.keys(runs), "automation-api", "quickstart"].sort());
  });

  test.each(Object.entries(runs))("the example `%s` comes up and can be destroyed", async (name, example) => {
    const { configure = async () => ({}), check, kept = 0 } = example;
    await inCopyOf([`examples/${name}`], async (copy) => {
      const folder = join(copy, "examples", name);
      const values = Object.entries(await configure()).map(([key, value]) => `  ${key}: ${value}\n`);
      if (values.length > 0)
        await writeFile(join(folder, "Pulumi.dashscope.yaml"), `config:\n${values.join("")}`);
      const env = { DASHSCOPE_API_KEY: apiKey, DASHSCOPE_HTTP_BASE_URL: emulator.url };

      expect(await npmRun("start", folder, env)).toMatch(/\+ \d+ created/);
      await check(folder);
      expect(await npmRun("destroy", folder, env)).toMatch(/- \d+ deleted/);
      expect(emulator.threads()).toHaveLength(kept);
      expect(emulator.conversations()).toEqual([]);
    });
    for (const { id } of emulator.threads()) await call("DELETE", `/threads/${id}`);
  });

  test("the example `automation-api` creates a thread and deletes it", async () => {
    const { command } = await ensurePulumi();
    await inCopyOf(["examples/automation-api"], async (copy) => {
      const folder = join(copy, "examples/automation-api");
      const output = await run(process.execPath, ["--require", "tsx/cjs", "index.ts"], folder, {
        PATH: `${dirname(command)}${delimiter}${process.env["PATH"]}`,
        ...isolateEngine(copy),
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
