import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Browser, chromium, type Page } from "playwright-core";
import { html } from "../../../emulator/src/html";
import type { Emulator } from "../../../emulator/src/index";
import { call, create, emulator, say } from "./requests";

const browserPath = findBrowser();

function findBrowser(): string | undefined {
  for (const name of ["chromium", "chromium-browser", "google-chrome"])
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {}
  const reason = "No chromium on PATH (Debian: apt-get install chromium): the emulator's page is not tested.";
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`${reason}\n`);
  return undefined;
}

test("HTML is made of escaped text, also in attributes", () => {
  expect(html`<b title="${`"'<&>`}">${html`<i>`}</b>`.text).toBe(
    '<b title="&#34;&#39;&#60;&#38;&#62;"><i></b>',
  );
});

test("the page is HTML that may load nothing from elsewhere", async () => {
  const { origin } = await emulator();
  const answer = await fetch(`${origin}/_emulator`);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("content-security-policy")).toMatch(/^default-src 'none'; connect-src 'self'; /);
  expect(await answer.text()).toMatch(
    new RegExp(`${origin}/api/v1</code>.*${origin}/compatible-mode/v1</code>`, "s"),
  );
});

(browserPath === undefined ? describe.skip : describe)("in a browser, the page", () => {
  let browser: Browser;
  let page: Page;
  let target: Emulator;
  let errors: string[];

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(browserPath !== undefined && { executablePath: browserPath }),
      args: ["--no-sandbox"],
    });
  }, 30_000);

  afterAll(() => browser?.close());

  beforeEach(async () => {
    target = await emulator();
    page = await browser.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  });

  afterEach(() => page.close());

  const open = () => page.goto(`${target.origin}/_emulator`);
  const shown = async (selector: string): Promise<string> =>
    ((await page.locator(selector).textContent()) ?? "").replace(/\s+/g, " ").trim();

  test("the page shows threads with their messages, and the last requests", async () => {
    const id = await create(target, { metadata: { team: "support" } }, "llm-a");
    const quiet = await create(target);
    for (let index = 0; index < 25; index++) await say(target, quiet, `message ${index}`);
    await call(target, "GET", "/threads/x", { workspace: "llm-b" });
    target.setFaults([{ kind: "html", status: 502, times: 3 }]);
    await open();

    expect(await shown("#threads h2")).toBe("Threads 2");
    expect(await shown(`#${id} summary`)).toMatch(
      new RegExp(`^${id} [-0-9]{10} [:0-9]{8} llm-a 0 messages \\{"team":"support"\\}$`),
    );
    await page.locator(`#${quiet} summary`).click();
    expect(await page.locator(`#${quiet} li`).count()).toBe(20);
    expect(await shown(`#${quiet}`)).toMatch(/25 messages .*The last 20: .* message 5 .* message 24$/);
    expect(await shown("#requests details:first-of-type")).toMatch(
      / 400 GET \/api\/v1\/threads\/x InvalidParameter llm-b Request id \S+ No body\.$/,
    );
    expect(await shown("#faults")).toContain('{"kind":"html","status":502,"times":3}');
    expect(errors).toEqual([]);
  });

  test("the page shows conversations with their items", async () => {
    const item = { type: "message", role: "user", content: "Hello" };
    const compatible = { ...target, url: target.compatibleUrl };
    const workspace = "llm-a";
    const body = { items: [item], metadata: { team: "support" } };
    const created = await call(compatible, "POST", "/conversations", { body, workspace });
    const { id } = created.body;
    const more = { items: Array.from({ length: 20 }, () => ({ ...item, content: "More" })) };
    const path = `/conversations/${id}`;
    await open();
    expect(await shown("#conversations h2")).toBe("Conversations 1");
    expect(await shown(`#${id} summary`)).toMatch(
      new RegExp(`^${id} [-0-9]{10} [:0-9]{8} llm-a 1 item \\{"team":"support"\\}$`),
    );
    await page.locator(`#${id} summary`).click();
    expect(await shown(`#${id} .content`)).toBe("Hello");
    await call(compatible, "POST", `${path}/items`, { body: more, workspace });
    await page.getByText("The last 20:").waitFor();
    expect(await shown(`#${id} ol`)).not.toContain("Hello");
    expect(errors).toEqual([]);
  });

  test("the page updates without a reload, and keeps open what was opened", async () => {
    const id = await create(target);
    await open();
    expect(await shown("#threads h2")).toBe("Threads 1");
    await page.locator(`#${id} summary`).click();
    await say(target, id, "Are you there?");
    const second = await create(target);
    await page.locator(`#${id} .content`, { hasText: "Are you there?" }).waitFor({ state: "visible" });
    await page.locator(`#${second}`).waitFor();
    expect(await shown("#threads h2")).toBe("Threads 2");
    await call(target, "DELETE", `/threads/${second}`);
    await page.locator(`#${second}`).waitFor({ state: "detached" });
    expect(errors).toEqual([]);
  });

  test("the page says when the emulator has stopped", async () => {
    const id = await create(target);
    await open();
    await target.close();
    await page.locator("#stopped").waitFor({ state: "visible" });
    expect(await page.locator(`#${id}`).count()).toBe(1);
  });

  test("the page shows hostile text as text", async () => {
    const hostile = `</summary><script>document.title="broken"</script><img src=x onerror='document.title="broken"'>"&amp;`;
    const id = await create(target, {
      metadata: { [hostile]: hostile },
      messages: [{ role: "user", content: hostile, file_ids: [hostile], metadata: { a: hostile } }],
    });
    await fetch(`${target.url}/threads?<script>alert(1)</script>`, {
      method: "POST",
      headers: { authorization: "Bearer k", "x-dashscope-workspace": '"><img src=x onerror=alert(1)>' },
      body: hostile,
    });
    await open();
    await page.locator(`#${id} summary`).click();
    expect(await page.locator(`#${id} .content`).textContent()).toBe(hostile);
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).toBe("DashScope emulator");
    expect(errors).toEqual([]);
  });
});
