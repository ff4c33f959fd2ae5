import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer, request as httpRequest, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Emulator } from "dashscope-emulator";
import { apiKey, Fixture } from "../../scripts/host/fixture";
import { type Host, provider } from "../../scripts/host/host";

// A host takes a second to start, and several on a busy machine.
jest.setTimeout(60_000);

// For localhost, and signed by itself; made for these tests and used nowhere else.
const certificate = join(__dirname, "tls", "certificate.pem");
const key = join(__dirname, "tls", "key.pem");
const trusted = { NODE_EXTRA_CA_CERTS: certificate };
const quick = { "dashscope:maxRetries": "1", "dashscope:operationTimeout": "20" };

const fixture = new Fixture();
let emulator: Emulator;
let secureUrl: string;
let proxyUrl: string;
/** What the proxy was asked to connect to. */
let asked: string[];
/** What it asks for itself: the credentials of whoever may use it. */
let wanted: string | undefined;

beforeAll(async () => {
  emulator = await fixture.startEmulator();
  const tls = createHttpsServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (incoming, outgoing) => {
      const { method, headers } = incoming;
      const onward = httpRequest(`${emulator.origin}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(onward);
    },
  );
  secureUrl = `https://localhost:${await port(tls)}/api/v1`;

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
  proxyUrl = `http://127.0.0.1:${await port(proxy)}`;
});

beforeEach(() => {
  asked = [];
  wanted = undefined;
  emulator.clearRequests();
});

afterAll(() => fixture.close());

describe("a certificate that is signed by itself", () => {
  test("is trusted when NODE_EXTRA_CA_CERTS names it", async () => {
    await created(await hostWith(trusted));
    expect(emulator.requests()).toHaveLength(1);
  });

  test("is not trusted otherwise: nothing is sent, once, and the message says what is wrong and what helps", async () => {
    const { message, stderr } = await failed(await hostWith({ DASHSCOPE_REQUEST_LOG: "1" }));
    expect(message).toMatch(
      /^Could not create a thread at https:\S+: self-signed certificate .*NODE_EXTRA_CA_CERTS/,
    );
    expect(message).not.toMatch(/may have been created|attempts/);
    expect(stderr.match(/attempt \d/g)).toEqual(["attempt 1"]);
    expect(emulator.requests()).toEqual([]);
  });
});

describe("HTTPS_PROXY", () => {
  test("is used, and sees nothing but where to connect to", async () => {
    await created(await hostWith({ ...trusted, HTTPS_PROXY: proxyUrl }));
    expect(asked).toEqual([new URL(secureUrl).host]);
    expect(emulator.requests()).toHaveLength(1);
  });

  test("may be written in lower case", async () => {
    await created(await hostWith({ ...trusted, https_proxy: proxyUrl }));
    expect(asked).toHaveLength(1);
  });

  test("is not used for what NO_PROXY names", async () => {
    await created(await hostWith({ ...trusted, HTTPS_PROXY: proxyUrl, NO_PROXY: "example.com,localhost" }));
    expect(asked).toEqual([]);
    expect(emulator.requests()).toHaveLength(1);
  });

  test("may hold a name and a password for the proxy", async () => {
    wanted = `Basic ${Buffer.from("me:geheim").toString("base64")}`;
    await created(await hostWith({ ...trusted, HTTPS_PROXY: proxyUrl.replace("//", "//me:geheim@") }));
    expect(asked).toHaveLength(1);
  });

  test("that does not let through is told, without its password, and nothing is sent", async () => {
    wanted = "another";
    const { message } = await failed(
      await hostWith({ ...trusted, HTTPS_PROXY: proxyUrl.replace("//", "//me:geheim@") }),
    );
    expect(message).toMatch(/407.*any proxy \(HTTPS_PROXY, NO_PROXY\)/);
    expect(message).not.toMatch(/geheim|may have been created/);
    expect(emulator.requests()).toEqual([]);
  });

  test("that is no URL is told in one sentence, without its password, by whoever would send", async () => {
    const host = await hostWith({ HTTPS_PROXY: "me:geheim@proxy.example:8080" });
    const { message, stderr } = await failed(host);
    expect(message).toMatch(
      /^HTTPS_PROXY must be the URL of a proxy, such as http:\/\/proxy\.example:8080, but is not\./,
    );
    expect(message + stderr).not.toContain("geheim");
  });
});

test("HTTP_PROXY is used for an emulator elsewhere on the machine, unless NO_PROXY names it", async () => {
  await created(await hostWith({ HTTP_PROXY: proxyUrl }, emulator.url));
  expect(asked).toEqual([new URL(emulator.url).host]);
  await created(await hostWith({ HTTP_PROXY: proxyUrl, NO_PROXY: "127.0.0.1" }, emulator.url));
  expect(asked).toHaveLength(1);
});

function hostWith(env: NodeJS.ProcessEnv, baseUrl = secureUrl): Promise<Host> {
  return fixture.startHost({
    env: { DASHSCOPE_API_KEY: apiKey, ...env },
    config: { "dashscope:baseUrl": baseUrl, ...quick },
  });
}

async function created(host: Host): Promise<void> {
  const { inputs } = await host.check({ metadata: { a: "1" }, __provider: provider });
  await host.create(inputs);
  await host.close();
}

async function failed(host: Host): Promise<{ message: string; stderr: string }> {
  const error: unknown = await host.create({ __provider: provider }).catch((reason: unknown) => reason);
  await host.close();
  return { message: error instanceof Error ? error.message : "It did not fail.", stderr: host.stderr };
}

async function port(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  fixture.add({
    async close() {
      server.close();
      server.closeAllConnections();
    },
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port.");
  return address.port;
}
