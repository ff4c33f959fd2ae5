import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { getEngineAddress } from "../../frontEnd/engine";
import { FrontEndProcess } from "../../frontEnd/process";
import { EngineLog } from "./engineLog";
import { createServer } from "./server";

/** The schema, which the build makes of the doc comments. */
declare const pluginSchema: string;

// The bundle contains it.
const { version }: { version: string } = require("../../../package.json");

// As much as the engine sends and takes.
const mostBytes = 400 * 1024 * 1024;

const own = new FrontEndProcess(1);
own.watchEngine();
const log = new EngineLog(getEngineAddress());
log.capture();
const server = new Server({ "grpc.max_receive_message_length": mostBytes });
server.addService(ResourceProviderService, createServer(own, { version, schema: pluginSchema }, log));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  // The engine waits for this line. stdout belongs to the plugin protocol.
  console.log(port);
});
