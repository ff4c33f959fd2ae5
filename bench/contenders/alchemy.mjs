// Threads in alchemy 0.94. `bench/stack.ts` runs it in a folder where alchemy is installed: node alchemy.mjs PHASE COUNT EDITION
import alchemy, { Resource } from "alchemy";

const [phase, count, edition] = process.argv.slice(2);

// As many requests at once as the provider sends. Without a limit, 10,000 sockets and files are more than a process may open.
const mostRequests = 16;
const waiting = [];
let running = 0;

async function send(...request) {
  if (running === mostRequests) await new Promise((turn) => waiting.push(turn));
  else running++;
  try {
    return await sendNow(...request);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

async function sendNow(method, path, body) {
  const response = await fetch(`${process.env.DASHSCOPE_HTTP_BASE_URL}/threads${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${process.env.DASHSCOPE_API_KEY}`,
      "Content-Type": "application/json",
    },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} /threads${path} failed: ${response.status} ${text}`);
  return JSON.parse(text);
}

const Thread = Resource("bench::Thread", { destroyStrategy: "parallel" }, async function (_name, props) {
  if (this.phase === "delete") {
    await send("DELETE", `/${this.output.id}`);
    return this.destroy();
  }
  if (this.phase === "update") {
    await send("POST", `/${this.output.id}`, { metadata: props.metadata });
    return { ...this.output, ...props };
  }
  const thread = await send("POST", "", props);
  return { ...props, id: thread.id, createdAt: thread.created_at };
});

const app = await alchemy("bench", {
  stage: "bench",
  phase,
  quiet: true,
  noTrack: true,
  destroyStrategy: "parallel",
});
if (phase === "up") {
  await Promise.all(
    Array.from({ length: Number(count) }, (_, index) =>
      Thread(`thread-${index}`, { metadata: { team: "support", edition } }),
    ),
  );
}
await app.finalize();
process.exit();
