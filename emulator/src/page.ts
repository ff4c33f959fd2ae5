import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { ActiveFaults } from "./activeFaults";
import type { ConversationStore, StoredConversation, StoredItem } from "./conversationStore";
import { COMPATIBLE_PREFIX, NATIVE_PREFIX } from "./dialect";
import type { Fault } from "./faults";
import { Html, html } from "./html";
import type { OwnedRow } from "./owner";
import type { LoggedRequest, RequestLog } from "./requestLog";
import type { StoredMessage, ThreadRecord, ThreadStore, ThreadSummary } from "./threadStore";

const SHOWN_THREADS = 50;
const SHOWN_MESSAGES = 20;
const SHOWN_REQUESTS = 50;
const SHOWN_CHARACTERS = 10_000;

/** The parts of an emulator that the page shows. */
export interface ShownParts {
  threads: ThreadStore;
  conversations: ConversationStore;
  faults: ActiveFaults;
  requestLog: RequestLog;
}

/** Adds `/_emulator`: a page of what the emulator holds and of its last requests. */
export function addPageRoute(
  app: FastifyInstance,
  { threads, conversations, faults, requestLog }: ShownParts,
): void {
  app.get("/_emulator", async (_request, reply) => {
    reply.type("text/html; charset=utf-8").header("content-security-policy", CONTENT_SECURITY_POLICY);
    const main = html`
      ${renderFaults(faults.list())}
      ${renderThreads(threads.summarizeThreads(SHOWN_THREADS, SHOWN_MESSAGES), threads.countThreads())}
      ${renderConversations(conversations.summarizeConversations(SHOWN_THREADS), conversations.countConversations())}
      ${renderRequests(requestLog.last(SHOWN_REQUESTS).reverse())}`;
    return renderPage(app.listeningOrigin, main).text;
  });
}

const renderPage = (origin: string, main: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>DashScope emulator</title>
    <style>${new Html(STYLE)}</style>
  </head>
  <body>
    <header>
      <h1>DashScope emulator</h1>
      <p>Threads are at <code>${origin}${NATIVE_PREFIX}</code>, conversations at
        <code>${origin}${COMPATIBLE_PREFIX}/v1</code>. Times are in UTC.</p>
      <p id="stopped" role="status" hidden>The emulator has stopped: this is what it held last.</p>
    </header>
    <main>${main}</main>
    <script>${new Html(SCRIPT)}</script>
  </body>
</html>
`;

function renderFaults(faults: Fault[]): Html {
  if (faults.length === 0) return html``;
  const items = faults.map((fault) => html`<li><code>${JSON.stringify(fault)}</code></li>`);
  return html`<section id="faults"><h2>Faults in force</h2><ul>${items}</ul></section>`;
}

function renderThreads(threads: ThreadSummary[], count: number): Html {
  return renderSection("Threads", threads.map(renderThread), count);
}

function renderConversations(conversations: StoredConversation[], count: number): Html {
  return renderSection("Conversations", conversations.map(renderConversation), count);
}

const renderSection = (
  title: string,
  shown: Html[],
  count: number,
): Html => html`<section id="${title.toLowerCase()}">
  <h2>${title} <small>${formatCount(shown.length, count)}</small></h2>
  ${shown.length === 0 ? html`<p>There are none yet.</p>` : shown}
</section>`;

const renderThread = (thread: ThreadSummary): Html =>
  renderObject(thread, formatPlural(thread.messageCount, "message"), {
    entries: thread.newestMessages.map(renderMessage),
    isCut: thread.messageCount > thread.newestMessages.length,
  });

const renderConversation = (conversation: StoredConversation): Html =>
  renderObject(conversation, formatPlural(conversation.items.length, "item"), {
    entries: conversation.items.slice(-SHOWN_MESSAGES).map(renderItem),
    isCut: conversation.items.length > SHOWN_MESSAGES,
  });

/** Shows a thread or a conversation with its newest messages or items. */
const renderObject = (
  object: ThreadRecord | StoredConversation,
  size: string,
  { entries, isCut }: { entries: Html[]; isCut: boolean },
): Html => html`<details id="${object.id}">
  <summary>
    <code>${object.id}</code>
    ${renderTime(object.createdAt)}
    ${renderOwner(object)}
    <span>${size}</span>
    <code class="metadata">${JSON.stringify(object.metadata)}</code>
  </summary>
  ${isCut ? html`<p>The last ${entries.length}:</p>` : html``}
  <ol>${entries}</ol>
</details>`;

const renderItem = (item: StoredItem): Html => html`<li>
  <p class="said"><b>${item.role}</b> ${renderTime(item.createdAt)} <code>${item.id}</code></p>
  <p class="content">${clip(formatContent(item))}</p>
</li>`;

/** Keeps the page small, because it's sent again every second. */
function clip(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

const formatContent = ({ content }: StoredItem): string =>
  typeof content === "string" ? content : content.map(({ text }) => text).join("\n");

/** Shows an account and a workspace, where one is named. */
const renderOwner = ({ account, workspace }: OwnedRow): Html =>
  html`${account === undefined ? html`` : html`<span class="tag">account: ${account}</span>`}
    ${workspace === undefined ? html`` : html`<span class="tag">${workspace}</span>`}`;

const renderMessage = (message: StoredMessage): Html => html`<li>
  <p class="said"><b>${message.role}</b> ${renderTime(message.createdAt)} <code>${message.id}</code></p>
  <p class="content">${clip(message.content)}</p>
  ${
    Object.keys(message.metadata).length === 0
      ? html``
      : html`<p><code>${JSON.stringify(message.metadata)}</code></p>`
  }
  ${message.fileIds.length === 0 ? html`` : html`<p>Files: <code>${message.fileIds.join(", ")}</code></p>`}
</li>`;

function renderRequests(requests: LoggedRequest[]): Html {
  return html`<section id="requests">
    <h2>Last requests</h2>
    ${requests.length === 0 ? html`<p>There were none yet.</p>` : requests.map(renderRequest)}
  </section>`;
}

const renderRequest = (request: LoggedRequest): Html => html`<details id="request-${request.requestId}">
  <summary>
    ${renderTime(request.at)}
    ${renderStatus(request.status)}
    <code>${request.method} ${request.path}</code>
    ${request.code === undefined ? html`` : html`<span>${request.code}</span>`}
    ${request.fault === undefined ? html`` : html`<span class="tag">fault: ${request.fault}</span>`}
    ${renderOwner(request)}
  </summary>
  <p>Request id <code>${request.requestId}</code></p>
  ${request.body === undefined ? html`<p>No body.</p>` : html`<pre>${formatBody(request.body)}</pre>`}
</details>`;

const renderStatus = (status: number | undefined): Html =>
  status === undefined
    ? html`<b class="bad">no answer</b>`
    : html`<b class="${status < 400 ? "good" : "bad"}">${status}</b>`;

const formatBody = (body: unknown): string =>
  typeof body === "string" ? body : JSON.stringify(body, null, 2);

function renderTime(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace("T", " ")}</time>`;
}

const formatCount = (shown: number, count: number): string =>
  shown < count ? `the newest ${shown} of ${count}` : String(count);

const formatPlural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h2 small { font-weight: normal; opacity: .7; }
code, pre { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
pre, .content { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0; }
details { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .35rem 0; }
details > :not(summary) { margin-left: 1.1rem; }
summary { cursor: pointer; }
summary > * { margin-right: .6rem; }
time, .metadata, .said { opacity: .75; font-variant-numeric: tabular-nums; }
.said { margin: .75rem 0 0; }
.tag { border: 1px solid currentColor; border-radius: .3rem; padding: 0 .35rem; font-size: 12px; }
.good { color: light-dark(#176f2c, #6fdc8c); }
.bad, #stopped { color: light-dark(#b00020, #ff8a80); }
`;

const SCRIPT = `
async function refresh() {
  try {
    const answer = await fetch("/_emulator");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    for (const { id } of document.querySelectorAll("details[open]"))
      fresh.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
    const shown = document.querySelector("main");
    if (fresh.innerHTML !== shown.innerHTML) {
      const focused = document.activeElement?.closest("details")?.id;
      shown.replaceWith(fresh);
      if (focused) document.getElementById(focused)?.querySelector("summary").focus();
    }
    document.getElementById("stopped").hidden = true;
  } catch {
    document.getElementById("stopped").hidden = false;
  }
  setTimeout(refresh, 1000);
}
setTimeout(refresh, 1000);
`;

const formatHash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const CONTENT_SECURITY_POLICY = `default-src 'none'; connect-src 'self'; style-src ${formatHash(STYLE)}; script-src ${formatHash(SCRIPT)}`;
