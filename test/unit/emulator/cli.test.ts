import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { version } from "../../../emulator/package.json";
import { emulator } from "./requests";
import { Command } from "./runningCommand";

const authorization = { authorization: "Bearer sk-test" };

async function create(url: string, headers: Record<string, string> = authorization): Promise<Response> {
  return fetch(`${url}/threads`, { method: "POST", headers });
}

describe("the command", () => {
  test("the command prints what to set in a shell, and serves those addresses", async () => {
    const command = new Command("--port", "0", "--api-key", "sk-one=acme", "sk-two", "--api-key", "sk-four");
    const url = await command.url();
    expect(command.output.split("\n")).toEqual([
      `export DASHSCOPE_HTTP_BASE_URL=${url}`,
      `export DASHSCOPE_COMPATIBLE_BASE_URL=${url.replace("/api/v1", "/compatible-mode/v1")}`,
      "export DASHSCOPE_API_KEY=sk-one",
      `# Contents and requests: ${url.replace("/api/v1", "/_emulator")}`,
      "",
    ]);
    expect((await create(url, { authorization: "Bearer sk-one" })).status).toBe(200);
    expect((await create(url, { authorization: "Bearer sk-two" })).status).toBe(200);
    expect((await create(url, { authorization: "Bearer sk-four" })).status).toBe(200);
    const threads: unknown = await (await fetch(new URL("/_emulator/threads", url))).json();
    expect(threads).toMatchObject([{ account: "acme" }, {}, {}]);
    expect((await create(url, { authorization: "Bearer sk-three" })).status).toBe(401);
  });

  test.each([["SIGINT"], ["SIGTERM"]] as const)(
    "the command ends cleanly on %s during a request",
    async (signal) => {
      const command = new Command("--port", "0", "--fault", '{"kind":"hang"}');
      const url = await command.url();
      expect(command.output).toContain("export DASHSCOPE_API_KEY=sk-emulator\n");
      const hanging = create(url).catch(() => "cut");
      while ((await (await fetch(new URL("/_emulator/requests", url))).text()) === "[]");
      command.kill(signal);
      expect(await command.ended()).toBe(0);
      expect(await hanging).toBe("cut");
      expect(command.errors).toBe("");
    },
  );

  test("the command passes all its options to the emulator", async () => {
    const command = new Command(
      ...["--port", "0", "--workspace", "llm-a", "--metadata-update", "merge", "--metadata-limits"],
      ...["--empty-metadata", "null", "--sort-metadata", "--account-id", "sk-account", "--untyped-401"],
      ...["--rate-limit", "0.01", "--rate-burst", "5", "--retry-after", "--latency", "50", "--seed", "7"],
      ...["--fault", '{"kind":"error","status":503,"times":1}'],
      ...["--fault", '{"kind":"error","status":502,"times":1}'],
    );
    const url = await command.url();
    const send = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { ...authorization, ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.text() };
    };
    const before = performance.now();
    expect((await send("/threads")).status).toBe(503);
    expect(performance.now() - before).toBeGreaterThanOrEqual(48);
    expect((await send("/threads")).status).toBe(502);
    const empty = await send("/threads");
    expect(empty.body).toContain('"metadata":null,"account_id":"sk-account"');
    const id: unknown = JSON.parse(empty.body).id;
    expect((await send(`/threads/${id}`, { metadata: { b: "1" } })).status).toBe(200);
    expect((await send(`/threads/${id}`, { metadata: { a: "2" } })).body).toContain('{"a":"2","b":"1"}');
    expect((await send("/threads", { metadata: { a: 1 } })).status).toBe(400);
    expect((await send("/threads", {}, { "x-dashscope-workspace": "llm-b" })).status).toBe(404);
    const throttled = await send("/threads");
    expect(throttled.status).toBe(429);
    expect(Number(throttled.headers.get("retry-after"))).toBeGreaterThan(50);
    const untyped = await send("/threads", {}, { authorization: "" });
    expect(untyped.status).toBe(401);
    expect(untyped.headers.get("content-type")).toBeNull();
  });

  test("the command says in one line that its port is in use", async () => {
    const { port } = await emulator();
    const second = new Command("--port", String(port));
    expect(await second.ended()).toBe(1);
    expect(second.errors).toBe(
      `dashscope-emulator: Port ${port} is in use: choose another, or 0 for a free one.\n`,
    );
  });

  test("the command prints its version, and the options that the README names", async () => {
    const [versioned, helped] = [new Command("--version"), new Command("--help")];
    expect(await Promise.all([versioned.ended(), helped.ended()])).toEqual([0, 0]);
    expect(versioned.output).toBe(`${version}\n`);
    const findOptions = (text: string) => [...new Set(text.match(/--[a-z][a-z0-9-]+/g))].sort();
    const readme = readFileSync(join(__dirname, "../../../emulator/README.md"), "utf8");
    expect(findOptions(readme)).toEqual(
      findOptions(helped.output).filter((option) => option !== "--version"),
    );
    expect(helped.output).toContain("/_emulator/faults");
  });

  test("the command refuses a wrong option in one sentence", async () => {
    const wrong: [string[], string][] = [
      [["--port", "70000"], "argument '70000' is invalid. It must be a whole number from 0 to 65535."],
      [["--rate-limit", "0"], "argument '0' is invalid. It must be a number above 0."],
      [["--rate-burst", "5"], "--rate-burst and --retry-after require --rate-limit."],
      [["--retry-after"], "--rate-burst and --retry-after require --rate-limit."],
      [["--fault", '{"kind":"x"}'], "`faults[0].kind` must be one of error, "],
      [
        ["--data", __dirname],
        `The data file ${__dirname} can't be opened: it's a folder. Name a file in it.`,
      ],
    ];
    await Promise.all(
      wrong.map(async ([args, sentence]) => {
        const command = new Command(...args);
        expect(await command.ended()).toBe(1);
        expect(command.errors).toContain(sentence);
        expect(command.errors.trim().split("\n")).toHaveLength(1);
        expect(command.output).toBe("");
      }),
    );
  });
});
