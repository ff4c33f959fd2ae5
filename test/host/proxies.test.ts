import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { type Host, provider } from "../../scripts/host/dynamicHost";
import { apiKey, Fixture } from "../../scripts/host/fixture";

// A host takes a second to start, and longer on a busy machine.
jest.setTimeout(60_000);

// Self-signed, for localhost and dashscope.test, and used only by these tests.
const certificate = join(__dirname, "tls", "certificate.pem");
const key = join(__dirname, "tls", "key.pem");
const trusted = { NODE_EXTRA_CA_CERTS: certificate };
const quick = { "dashscope:maxRetries": "1", "dashscope:operationTimeout": "20" };

const fixture = new Fixture();
let emulator: Emulator;
let secureUrl: string;
/** The same server, by a name that only the proxy knows. */
let remoteUrl: string;
let proxyUrl: string;
/** The targets that the proxy was asked for. */
let asked: string[];
/** The credentials that the proxy requires. */
let wanted: string | undefined;

beforeAll(async () => {
  emulator = await fixture.startEmulator();
  const tls = createHttpsServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (incoming, outgoing) => {
      const { method } = incoming;
      // The emulator refuses other host names.
      const headers = { ...incoming.headers, host: new URL(emulator.url).host };
      const onward = httpRequest(`${emulator.origin}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    },
  );
  secureUrl = `https://localhost:${await listen(tls)}/api/v1`;
  remoteUrl = secureUrl.replace("localhost", "dashscope.test");

  const proxy = createHttpServer((_, response) => response.writeHead(501).end());
  proxy.on("connect", ({ url = "", headers }, socket: Socket) => {
    asked.push(url);
    if (wanted !== headers["proxy-authorization"]) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const target = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    for (const one of [socket, target]) one.on("error", () => {});
  });
  proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
});

beforeEach(() => {
  asked = [];
  wanted = undefined;
  emulator.clearRequests();
});

afterAll(() => fixture.close());

test("a self-signed certificate is trusted if `NODE_EXTRA_CA_CERTS` names it", async () => {
  await createThread(await startHostWith(trusted));
  expect(emulator.requests()).toHaveLength(1);
});

test("with an untrusted certificate, one attempt sends nothing, and the error names `NODE_EXTRA_CA_CERTS`", async () => {
  const { message, stderr } = await catchCreate(await startHostWith({ DASHSCOPE_REQUEST_LOG: "1" }));
  expect(message).toMatch(/self-signed certificate .*NODE_EXTRA_CA_CERTS.*\[DASHSCOPE_ERR_NETWORK\]$/);
  expect(message).not.toMatch(/may have created|attempts/);
  expect(stderr.match(/attempt \d/g)).toEqual(["attempt 1"]);
  expect(emulator.requests()).toEqual([]);
});

test.each(["HTTPS_PROXY", "https_proxy"])("requests go through the proxy that `%s` names", async (name) => {
  await createThread(await startHostWith({ ...trusted, [name]: proxyUrl }, remoteUrl));
  expect(asked).toEqual([new URL(remoteUrl).host]);
  expect(emulator.requests()).toHaveLength(1);
});

test("requests to a host that `NO_PROXY` names don't go through the proxy", async () => {
  await catchCreate(
    await startHostWith(
      { ...trusted, HTTPS_PROXY: proxyUrl, NO_PROXY: "example.com,dashscope.test" },
      remoteUrl,
    ),
  );
  expect(asked).toEqual([]);
});

test("the URL of a proxy may contain a name and a password", async () => {
  wanted = `Basic ${Buffer.from("me:secret-value").toString("base64")}`;
  const HTTPS_PROXY = proxyUrl.replace("//", "//me:secret-value@");
  await createThread(await startHostWith({ ...trusted, HTTPS_PROXY }, remoteUrl));
  expect(asked).toHaveLength(1);
});

test("the error for a proxy that refuses doesn't contain its password, and nothing is sent", async () => {
  wanted = "another";
  const HTTPS_PROXY = proxyUrl.replace("//", "//me:secret-value@");
  const { message } = await catchCreate(await startHostWith({ ...trusted, HTTPS_PROXY }, remoteUrl));
  expect(message).toMatch(/407.*any proxy \(`HTTPS_PROXY`, `NO_PROXY`\)/);
  expect(message).not.toMatch(/secret-value|may have created/);
  expect(emulator.requests()).toEqual([]);
});

test("the error for a proxy that isn't a URL doesn't contain its password", async () => {
  const host = await startHostWith({ HTTPS_PROXY: "me:secret-value@proxy.example:8080" }, remoteUrl);
  const { message, stderr } = await catchCreate(host);
  expect(message).toMatch(/^`HTTPS_PROXY` must be the URL of a proxy/);
  expect(message + stderr).not.toContain("secret-value");
});

test("no request to a loopback address goes through `HTTP_PROXY`", async () => {
  await createThread(await startHostWith({ HTTP_PROXY: proxyUrl, http_proxy: proxyUrl }, emulator.url));
  expect(asked).toEqual([]);
  expect(emulator.requests()).toHaveLength(1);
});

function startHostWith(env: NodeJS.ProcessEnv, baseUrl = secureUrl): Promise<Host> {
  return fixture.startHost({
    env: { DASHSCOPE_API_KEY: apiKey, ...env },
    config: { "dashscope:baseUrl": baseUrl, ...quick },
  });
}

async function createThread(host: Host): Promise<void> {
  const { inputs } = await host.check({ metadata: { a: "1" }, __provider: provider });
  await host.create(inputs);
  await host.close();
}

async function catchCreate(host: Host): Promise<{ message: string; stderr: string }> {
  const error: unknown = await host.create({ __provider: provider }).catch((reason: unknown) => reason);
  await host.close();
  return { message: error instanceof Error ? error.message : "It didn't fail.", stderr: host.stderr };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  fixture.add({
    async close() {
      server.close();
      server.closeAllConnections();
    },
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return address.port;
}
