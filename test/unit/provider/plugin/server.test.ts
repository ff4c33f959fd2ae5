import {
  credentials,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CallRequest,
  type CallResponse,
  CheckRequest,
  type CheckResponse,
  DiffRequest,
  DiffResponse,
  ErrorResourceInitFailed,
  GetSchemaRequest,
  type GetSchemaResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { FrontEndProcess } from "../../../../provider/src/frontEnd/process";
import { EngineLog } from "../../../../provider/src/plugin/server/engineLog";
import { createServer } from "../../../../provider/src/plugin/server/server";
import { handle } from "../../../../provider/src/plugin/server/status";
import { IncompleteError } from "../../../../provider/src/resource/errors";

const server = new Server();
let client: ResourceProviderClient;

beforeAll(async () => {
  server.addService(
    ResourceProviderService,
    createServer(new FrontEndProcess(1), { version: "1.2.3", schema: "{}" }, new EngineLog(undefined)),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

type Properties = Record<string, JavaScriptValue>;

function send<Response>(
  start: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(error) : resolve(response)));
  });
}

function listReasons(response: CheckResponse): string[] {
  return response.getFailuresList().map((failure) => failure.getProperty() + failure.getReason());
}

async function checkConfig(name: string, news: Properties): Promise<string[]> {
  const request = new CheckRequest()
    .setUrn(`urn:pulumi:dev::shop::pulumi:providers:dashscope::${name}`)
    .setNews(Struct.fromJavaScript(news));
  return listReasons(await send<CheckResponse>((done) => client.checkConfig(request, done)));
}

test("an RPC that the plugin doesn't have is answered as unimplemented", async () => {
  const answer = send<CallResponse>((done) => client.call(new CallRequest(), done));
  await expect(answer).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
});

test("the plugin returns its schema", async () => {
  const answer = await send<GetSchemaResponse>((done) => client.getSchema(new GetSchemaRequest(), done));
  expect(answer.getSchema()).toBe("{}");
});

test("an unknown key of the stack configuration is refused with the closest valid one", async () => {
  expect(await checkConfig("default", { region: "cn-beijing", version: "1.2.3" })).toEqual([]);
  expect(await checkConfig("default_1_2_3", { regoin: "cn-beijing" })).toEqual([
    "`dashscope:regoin` isn't a setting of the provider. Did you mean `dashscope:region`? To remove it, run: pulumi config rm dashscope:regoin [DASHSCOPE_ERR_CONFIGURATION]",
  ]);
});

test("an unknown argument of an explicit provider is refused with the valid ones", async () => {
  expect(await checkConfig("account", { apiKey: "sk-1" })).toEqual([]);
  const [reason, ...others] = await checkConfig("account", { key: "sk-1" });
  expect(others).toEqual([]);
  expect(reason).toContain('`key` isn\'t an argument of the Provider "account", which has apiKey, region,');
  expect(reason).not.toContain("sk-1");
});

test("a change of a provider's arguments never replaces it", async () => {
  const diff = async (news: Properties) => {
    const request = new DiffRequest()
      .setOldInputs(Struct.fromJavaScript({ region: "cn-beijing" }))
      .setNews(Struct.fromJavaScript(news));
    const response = await send<DiffResponse>((done) => client.diffConfig(request, done));
    return { changes: response.getChanges(), replaces: response.getReplacesList() };
  };
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  expect(await diff({ region: "cn-beijing" })).toEqual({ changes: DIFF_NONE, replaces: [] });
  expect(await diff({ region: "ap-southeast-1" })).toEqual({ changes: DIFF_SOME, replaces: [] });
});

test("a failed check names no property, because Pulumi would print its value", async () => {
  const request = new CheckRequest()
    .setUrn("urn:pulumi:dev::shop::my:Component$dashscope:index:Thread::support")
    .setNews(Struct.fromJavaScript({ metadata: { pin: 4711 } }));
  const response = await send<CheckResponse>((done) => client.check(request, done));
  expect(response.getFailuresList().map((failure) => failure.getProperty())).toEqual([""]);
  expect(listReasons(response)).toEqual([
    "`metadata.pin` must be a string, but it's a number. [DASHSCOPE_ERR_CONFIGURATION]",
  ]);
});

test("a type that the plugin doesn't have is an error", async () => {
  const request = new CheckRequest().setUrn("urn:pulumi:dev::shop::dashscope:index:Assistant::one");
  await expect(send<CheckResponse>((done) => client.check(request, done))).rejects.toThrow(
    "The plugin has no resource of the type dashscope:index:Assistant.",
  );
});

test("a partial failure carries the ID, the state and the reason to the engine", async () => {
  const fail = handle<undefined, undefined>(() => {
    throw new IncompleteError("thread_1", { metadata: { team: "support" } }, "It isn't as declared.");
  });
  const error = await new Promise<{ details?: string; metadata?: Metadata }>((resolve) => {
    const call = { request: undefined };
    // Only the request of the call is used.
    Reflect.apply(fail, undefined, [call, resolve]);
  });
  expect(error.details).toBe("It isn't as declared. [DASHSCOPE_ERR_INCOMPLETE]");
  const [binary] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(binary instanceof Buffer)) throw new Error("There are no details.");
  const [detail] = Status.deserializeBinary(binary).getDetailsList();
  const failure = detail?.unpack(
    ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  expect(failure?.getId()).toBe("thread_1");
  expect(failure?.getProperties()?.toJavaScript()).toEqual({ metadata: { team: "support" } });
  expect(failure?.getReasonsList()).toEqual(["It isn't as declared. [DASHSCOPE_ERR_INCOMPLETE]"]);
});
