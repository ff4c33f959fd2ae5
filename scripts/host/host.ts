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

/** What the engine and the host send each other: what protobuf's `Struct` can hold. */
export type Properties = Record<string, JavaScriptValue>;

/** The text that is stored with every thread, as state files have it that exist already. */
export const provider = 'exports.handler = () => require("pulumi-dashscope/hooks/thread");';

/** What the engine keeps of a resource that exists but is not as declared. */
export interface PartialFailure {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: string[];
}

/** A hook has failed: with the message that the person reads. */
export class HookFailed extends Error {
  readonly partial: PartialFailure | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.partial = partialOf(error);
  }
}

export interface HostOptions {
  /** Environment variables, beside `PATH` and an empty home. */
  readonly env?: NodeJS.ProcessEnv;
  /** The stack's configuration. */
  readonly config?: Record<string, string>;
  /** The project's folder. Default: this repository. */
  readonly cwd?: string;
}

const repository = resolve(__dirname, "../..");
const program = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");

/** Pulumi's dynamic-provider host in a process of its own, spoken to as the engine does. */
export class Host {
  readonly #process: ChildProcess;
  readonly #home: string;
  readonly #client: ResourceProviderClient;
  /** What it has printed after its port. */
  readonly stdout: string[] = [];
  /** What it has printed for the person to read. */
  stderr = "";

  private constructor(process: ChildProcess, home: string, port: string) {
    this.#process = process;
    this.#home = home;
    this.#client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  /** Starts it, and tells it the stack's configuration as the engine does before anything else. */
  static async start({ env = {}, config = {}, cwd = repository }: HostOptions = {}): Promise<Host> {
    const home = mkdtempSync(join(tmpdir(), "dashscope-host-"));
    const child = spawn(process.execPath, [program, "127.0.0.1:1"], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: home, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface(child.stdout);
    const port = await new Promise<string>((found, ended) => {
      lines.once("line", found);
      child.once("exit", () => ended(new Error("The host has ended before it said its port.")));
    });
    const host = new Host(child, home, port);
    lines.on("line", (line) => host.stdout.push(line));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      host.stderr += text;
    });
    await host.configure(config);
    return host;
  }

  async configure(config: Record<string, string>): Promise<void> {
    const request = new ConfigureRequest();
    request.setArgs(Struct.fromJavaScript(config));
    await answered<ConfigureResponse>((done) => this.#client.configure(request, done));
  }

  async check(news: Properties, olds: Properties = {}): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new CheckRequest();
    request.setOlds(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    const response = await answered<CheckResponse>((done) => this.#client.check(request, done));
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
    const response = await answered<DiffResponse>((done) => this.#client.diff(request, done));
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
    const response = await answered<CreateResponse>((done) => this.#client.create(request, done));
    return { id: response.getId(), properties: response.getProperties()?.toJavaScript() ?? {} };
  }

  /** @param given what is recorded, at a refresh; the program's arguments as `inputs`, at a `.get` */
  async read(
    id: string,
    given: { properties: Properties } | { inputs: Properties },
  ): Promise<{ id: string; properties: Properties; inputs: Properties }> {
    const request = new ReadRequest();
    request.setId(id);
    if ("properties" in given) request.setProperties(Struct.fromJavaScript(given.properties));
    else request.setInputs(Struct.fromJavaScript(given.inputs));
    const response = await answered<ReadResponse>((done) => this.#client.read(request, done));
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
    const response = await answered<UpdateResponse>((done) => this.#client.update(request, done));
    return response.getProperties()?.toJavaScript() ?? {};
  }

  async delete(id: string, state: Properties): Promise<void> {
    const request = new DeleteRequest();
    request.setId(id);
    request.setProperties(Struct.fromJavaScript(state));
    await answered<Empty>((done) => this.#client.delete(request, done));
  }

  /** Ends it at once, whatever is under way, as the system does when memory runs out. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "close");
  }

  async close(): Promise<void> {
    this.#client.close();
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

function answered<Response>(
  call: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(new HookFailed(error)) : resolve(response)));
  });
}

/** The engine reads this detail off an error, and keeps the resource. */
function partialOf({ metadata }: ServiceError): PartialFailure | undefined {
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
