import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import { expect, jest, test } from "@jest/globals";
import { EngineWatch } from "../../../../provider/src/frontEnd/engine";
import { findClosedUrl } from "../testServer";

test("an engine is alive as long as the one connection to it, and its end is told once", async () => {
  const engine = createServer();
  const sessions: ServerHttp2Session[] = [];
  engine.on("session", (session) => sessions.push(session));
  engine.listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = engine.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const onGone = jest.fn();
  const watch = new EngineWatch(`127.0.0.1:${port}`, onGone);
  expect(await watch.isAlive()).toBe(true);
  expect(onGone).not.toHaveBeenCalled();

  for (const session of sessions) session.destroy();
  while (await watch.isAlive()) await new Promise(setImmediate);
  // Something else on the same port isn't the engine.
  expect(await watch.isAlive()).toBe(false);
  expect(onGone).toHaveBeenCalledTimes(1);
  engine.close();
});

test("an engine that can't be reached is gone", async () => {
  const onGone = jest.fn();
  const { host } = new URL(await findClosedUrl());
  expect(await new EngineWatch(host, onGone).isAlive()).toBe(false);
  expect(onGone).toHaveBeenCalledTimes(1);
});
