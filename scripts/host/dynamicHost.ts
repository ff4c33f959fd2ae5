import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckRequest,
  type CheckResponse,
  ConfigureRequest,
  type ConfigureResponse,
  CreateRequest,
  type CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ErrorResourceInitFailed,
  ReadRequest,
  type ReadResponse,
  UpdateRequest,
  type UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Engine } from "./fakeEngine";

/** What the engine and the host send each other: what a protobuf `Struct` can contain. */
export type Properties = Record<string, JavaScriptValue>;

/** The string that existing state files store with every thread. */
export const provider = 'exports.handler = () => require("pulumi-dashscope/hooks/thread");';

/** What the engine keeps of a resource that exists but isn't as declared. */
export interface PartialFailure {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: string[];
}

/** A hook failed, with the message that the user reads. */
export class HookFailed extends Error {
  readonly partial: PartialFailure | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.partial = parsePartialFailure(error);
  }
}

/** How a host is started. */
export interface HostOptions {
  /** Environment variables, beside `PATH`, an empty home and a temporary folder of its own. */
  readonly env?: NodeJS.ProcessEnv;
  /** The configuration of the stack. */
  readonly config?: Record<string, string>;
  /** The project's folder. Default: this repository. */
  readonly cwd?: string;
  /** The engine that starts it. Hosts of one engine are of one update. Default: an engine of its own. */
  readonly engine?: Engine;
}

const repository = resolve(__dirname, "../..");
const program = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");

/** Pulumi's dynamic-provider host in its own process, which is called as the engine calls it. */
export class Host {
  readonly #process: ChildProcess;
  readonly #home: string;
  readonly #client: ResourceProviderClient;
  /** Closed with the host. */
  readonly #ownEngine: Engine | undefined;
  /** What it prints after its port. */
  readonly stdout: string[] = [];
  /** What it prints for the user. */
  stderr = "";
  /** Resolves to the exit code, or to the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;

  private constructor(process: ChildProcess, home: string, port: string, ownEngine: Engine | undefined) {
    this.#process = process;
    this.#home = home;
    this.#client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
      // As the engine.
      "grpc.max_receive_message_length": 400 * 1024 * 1024,
    });
    this.#ownEngine = ownEngine;
    this.ended = once(process, "close").then(([exitCode, signal]) => exitCode ?? signal);
  }

  /** Starts a host and passes the configuration of the stack, as the engine does before anything else. */
  static async start({ env = {}, config = {}, cwd = repository, engine }: HostOptions = {}): Promise<Host> {
    const home = mkdtempSync(join(tmpdir(), "dashscope-host-"));
    const ownEngine = engine === undefined ? await Engine.start() : undefined;
    const { address } = engine ?? ownEngine ?? { address: "" };
    const child = spawn(process.execPath, [program, address], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: home, TMPDIR: engine?.folder ?? home, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface(child.stdout);
    const port = await new Promise<string>((found, fail) => {
      lines.once("line", found);
      child.once("exit", () => fail(new Error("The host ended before it printed its port.")));
    });
    const host = new Host(child, home, port, ownEngine);
    lines.on("line", (line) => host.stdout.push(line));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      host.stderr += text;
    });
    await host.configure(config);
    return host;
  }

  /** The folder of the journal, unless the environment names another one. */
  get journal(): string {
    return join(this.#home, ".pulumi", "dashscope", "journal");
  }

  /** Ends the engine that started it, as a kill of the CLI does. */
  async endEngine(): Promise<void> {
    await this.#ownEngine?.close();
  }

  async configure(config: Record<string, string>): Promise<void> {
    const request = new ConfigureRequest();
    request.setArgs(Struct.fromJavaScript(config));
    await call<ConfigureResponse>((done) => this.#client.configure(request, done));
  }

  async check(news: Properties, olds: Properties = {}): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new CheckRequest();
    request.setOlds(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    const response = await call<CheckResponse>((done) => this.#client.check(request, done));
    const failures = response.getFailuresList().map((failure) => failure.getProperty() + failure.getReason());
    return { inputs: response.getInputs()?.toJavaScript() ?? {}, failures };
  }

  async diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: "none" | "some" | "unknown"; replaces: string[] }> {
    const request = new DiffRequest();
    request.setId(id);
    request.setOlds(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    const response = await call<DiffResponse>((done) => this.#client.diff(request, done));
    const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
    const changes = response.getChanges();
    return {
      changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
      replaces: response.getReplacesList(),
    };
  }

  async create(inputs: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new CreateRequest();
    request.setProperties(Struct.fromJavaScript(inputs));
    const response = await call<CreateResponse>((done) => this.#client.create(request, done));
    return { id: response.getId(), properties: response.getProperties()?.toJavaScript() ?? {} };
  }

  /** @param given for a refresh, the recorded `properties`; for `get`, the program's arguments as `inputs`, which the engine sends twice */
  async read(
    id: string,
    given: { properties: Properties } | { inputs: Properties },
  ): Promise<{ id: string; properties: Properties; inputs: Properties }> {
    const request = new ReadRequest();
    request.setId(id);
    request.setProperties(Struct.fromJavaScript("properties" in given ? given.properties : given.inputs));
    if ("inputs" in given) request.setInputs(Struct.fromJavaScript(given.inputs));
    const response = await call<ReadResponse>((done) => this.#client.read(request, done));
    return {
      id: response.getId(),
      properties: response.getProperties()?.toJavaScript() ?? {},
      inputs: response.getInputs()?.toJavaScript() ?? {},
    };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new UpdateRequest();
    request.setId(id);
    request.setOlds(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    const response = await call<UpdateResponse>((done) => this.#client.update(request, done));
    return response.getProperties()?.toJavaScript() ?? {};
  }

  async delete(id: string, state: Properties): Promise<void> {
    const request = new DeleteRequest();
    request.setId(id);
    request.setProperties(Struct.fromJavaScript(state));
    await call<Empty>((done) => this.#client.delete(request, done));
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it at once, whatever it's doing, as the system does when memory runs out. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.signal("SIGKILL");
    await this.ended;
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.kill();
    await this.#ownEngine?.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function call<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(new HookFailed(error)) : resolve(response)));
  });
}

/** Parses the detail of an error for which the engine keeps the resource. */
function parsePartialFailure({ metadata }: ServiceError): PartialFailure | undefined {
  const [binary] = metadata.get("grpc-status-details-bin");
  if (!(binary instanceof Buffer)) return undefined;
  const detail = Status.deserializeBinary(binary)
    .getDetailsList()
    .map((any) => any.unpack(ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed"))
    .find((found) => found !== null);
  return (
    detail && {
      id: detail.getId(),
      properties: detail.getProperties()?.toJavaScript() ?? {},
      reasons: detail.getReasonsList(),
    }
  );
}
