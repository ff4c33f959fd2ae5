import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isolateEngine } from "../../scripts/engine/environment";
import { ensurePulumi } from "../../scripts/pulumi-cli";
import { describeEngine } from "../engine/setup";

const run = promisify(execFile);
const root = join(__dirname, "../..");

/** A server with the four documented calls only, written from Alibaba Cloud's page. It isn't our emulator. */
const threads = new Map<string, { id: string; object: "thread"; created_at: number; metadata: unknown }>();
const server = createServer((request, response) => {
  const answer = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    const request_id = `request-${Date.now()}`;
    if (request.headers.authorization !== "Bearer sk-somewhere-else") {
      return answer(401, { code: "InvalidApiKey", message: "Invalid API-key provided.", request_id });
    }
    const [, id] = /^\/api\/v1\/threads(?:\/(.+))?$/.exec(request.url ?? "") ?? [];
    const body = text === "" ? {} : JSON.parse(text);
    if (request.method === "POST" && id === undefined) {
      const thread = {
        id: `thread_${threads.size + 1}`,
        object: "thread" as const,
        created_at: Date.now(),
        metadata: body.metadata ?? {},
      };
      threads.set(thread.id, thread);
      return answer(200, { ...thread, request_id, account_id: "sk-of-the-account" });
    }
    const thread = threads.get(id ?? "");
    if (thread === undefined) {
      const message = "The specified thread has been deleted or does not exist.";
      return answer(400, { code: "InvalidParameter", message, request_id });
    }
    if (request.method === "DELETE") {
      threads.delete(thread.id);
      return answer(200, { id, object: "thread.deleted", deleted: true, request_id });
    }
    if (request.method === "POST") thread.metadata = body.metadata;
    return answer(200, { ...thread, request_id });
  });
});

/** An ES module that imports names from our CommonJS build. */
const program = `
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { getThread, Provider, Thread } from "pulumi-dashscope";

const pulumiCommand = await PulumiCommand.get({ root: process.env.PULUMI_ROOT });
let env = "dev";
const stack = await LocalWorkspace.createOrSelectStack(
  {
    projectName: "elsewhere",
    stackName: "dev",
    program: async () => {
      const provider = new Provider("account", { apiKey: "sk-somewhere-else" });
      const thread = new Thread("support", { messages: [{ role: "user", content: "Hello" }], metadata: { env } }, { provider });
      return { id: thread.id, metadata: thread.metadata, isThread: Thread.isInstance(thread), lookup: typeof getThread };
    },
  },
  { workDir: process.cwd(), pulumiCommand, projectSettings: { name: "elsewhere", runtime: "nodejs", main: process.cwd() } },
);
const changes = [];
const record = ({ summary }) => changes.push(summary.resourceChanges);
const first = await stack.up();
record(first);
env = "prod";
const second = await stack.up();
record(second);
record(await stack.destroy());
console.log(JSON.stringify({ changes, first: first.outputs, second: second.outputs }));
`;

describeEngine("the packed package", () => {
  let project: string;

  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    project = await mkdtemp(join(tmpdir(), "pulumi-dashscope-package-"));
    await run("npm", ["pack", "--workspace", "provider", "--pack-destination", project], { cwd: root });
  });

  afterAll(async () => {
    server.close();
    await rm(project, { recursive: true, force: true });
  });

  test("the packed package works in a new project, from an ES module, with a server that isn't our emulator", async () => {
    const [tarball] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
    const { version } = require("@pulumi/pulumi/package.json");
    const manifest = {
      name: "elsewhere",
      private: true,
      type: "module",
      dependencies: { "pulumi-dashscope": `file:${tarball}`, "@pulumi/pulumi": version },
    };
    await writeFile(join(project, "package.json"), JSON.stringify(manifest));
    await writeFile(join(project, "run.js"), program);
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: project });

    const { command } = await ensurePulumi();
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The server doesn't listen.");
    const { stdout } = await run(process.execPath, ["run.js"], {
      cwd: project,
      env: {
        PATH: process.env["PATH"],
        HOME: project,
        PULUMI_ROOT: join(command, "../.."),
        ...isolateEngine(project),
        DASHSCOPE_HTTP_BASE_URL: `http://127.0.0.1:${address.port}/api/v1`,
      },
    });
    const { changes, first, second } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(changes).toEqual([{ create: 3 }, { same: 2, update: 1 }, { delete: 3 }]);
    expect(first).toMatchObject({
      id: { value: "thread_1" },
      metadata: { value: { env: "dev" } },
      isThread: { value: true },
      lookup: { value: "function" },
    });
    expect(second).toMatchObject({ id: { value: "thread_1" }, metadata: { value: { env: "prod" } } });
    expect(threads.size).toBe(0);
  });
});
