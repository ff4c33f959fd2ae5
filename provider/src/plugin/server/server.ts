import { isDeepStrictEqual } from "node:util";
import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  CheckFailure,
  CheckResponse,
  ConfigureResponse,
  CreateResponse,
  DiffResponse,
  GetSchemaResponse,
  InvokeResponse,
  ProviderHandshakeResponse,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Configuration } from "../../config/configuration";
import type { Client } from "../../dashscope/client";
import { createAccount } from "../../frontEnd/account";
import { checkInputs, isRecorded } from "../../frontEnd/check";
import type { FrontEndProcess } from "../../frontEnd/process";
import { MissingError } from "../../resource/errors";
import type { Account } from "../../resource/lifecycle";
import { withoutProviderText } from "../../resource/providerText";
import { compareInputs } from "./detailedDiff";
import type { EngineLog } from "./engineLog";
import { listUnknownKeys, readConfiguration } from "./providerConfig";
import { findQuery, findResource } from "./resources";
import { handle } from "./status";
import { type Properties, readStruct, writeStruct } from "./struct";
import { parseName, parseType } from "./urn";

const { DiffChanges } = DiffResponse;

/** What the engine shows of the plugin itself. */
export interface About {
  readonly version: string;
  readonly schema: string;
}

/** Implements Pulumi's `ResourceProvider` service. gRPC answers `UNIMPLEMENTED` for what it leaves out. */
export function createServer(
  own: FrontEndProcess,
  about: About,
  log: EngineLog,
): UntypedServiceImplementation {
  let interruption = new AbortController();
  let account: Account = createAccount(new Configuration(process.env), own);

  /** The engine may end after its last answer, so it gets before that what it's to show. */
  function answer<Request, Response>(
    respond: (request: Request) => Promise<Response> | Response,
  ): handleUnaryCall<Request, Response> {
    return handle(async (request: Request) => {
      try {
        return await respond(request);
      } finally {
        await log.flush();
      }
    });
  }

  return {
    // An attached process, which a developer started, serves one command after another.
    handshake: answer(() => {
      interruption = new AbortController();
      return new ProviderHandshakeResponse();
    }),
    attach: answer(() => new Empty()),
    getPluginInfo: answer(() => new PluginInfo().setVersion(about.version)),
    getSchema: answer(() => new GetSchemaResponse().setSchema(about.schema)),

    // Also at the normal end of a command.
    cancel: answer(() => {
      interruption.abort();
      return new Empty();
    }),

    checkConfig: answer((request) => {
      const news = readStruct(request.getNews());
      return buildCheckResponse(news, listUnknownKeys(parseName(request.getUrn()), news));
    }),

    // A provider is never replaced, because that would replace its threads.
    diffConfig: answer((request) => {
      const isEqual = isDeepStrictEqual(readStruct(request.getOldInputs()), readStruct(request.getNews()));
      return new DiffResponse().setChanges(isEqual ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME);
    }),

    configure: answer((request) => {
      const name = parseName(request.getUrn() ?? "");
      const configuration = readConfiguration(name, readStruct(request.getArgs()), process.env);
      account = createAccount(configuration, own, interruption.signal);
      return new ConfigureResponse().setSupportspreview(true);
    }),

    invoke: answer(async (request) => {
      const query = findQuery(request.getTok());
      const result = await query.fetch(
        readStruct(request.getArgs()),
        await account.getClient(),
        account.configuration,
      );
      return new InvokeResponse().setReturn(writeStruct(result));
    }),

    check: answer(async (request) => {
      const { lifecycle } = findResource(parseType(request.getUrn()));
      const olds = readProperties(request.getOlds());
      const { inputs, problems } = await checkInputs(
        lifecycle,
        olds,
        readProperties(request.getNews()),
        account,
      );
      return buildCheckResponse(inputs, problems);
    }),

    diff: answer((request) => {
      const { lifecycle } = findResource(parseType(request.getUrn()));
      const news = readProperties(request.getNews());
      const state = readProperties(request.getOlds());
      const { changed, replaces } = lifecycle.diff(request.getId(), state, news, account);
      return changed
        ? buildDifference(readProperties(request.getOldInputs()), news, replaces)
        : new DiffResponse().setChanges(DiffChanges.DIFF_NONE);
    }),

    create: answer(async (request) => {
      const { lifecycle } = findResource(parseType(request.getUrn()));
      const inputs = readProperties(request.getProperties());
      if (request.getPreview()) {
        return new CreateResponse().setProperties(writeStruct(lifecycle.predict(inputs)));
      }
      const { id, state } = await lifecycle.create(inputs, limitTime(account, request.getTimeout()));
      return new CreateResponse().setId(id).setProperties(writeStruct(state));
    }),

    read: answer(async (request) => {
      const { lifecycle, noun } = findResource(parseType(request.getUrn()));
      const id = request.getId();
      const state = readProperties(request.getProperties());
      const live = await lifecycle.read(id, state, limitTime(account, request.getTimeout()));
      if (live !== undefined) {
        return new ReadResponse()
          .setId(id)
          .setProperties(writeStruct(live.state))
          .setInputs(writeStruct(live.inputs));
      }
      if (isRecorded(state)) return new ReadResponse();
      throw new MissingError(`${noun} ${id}`, "under the configured endpoint");
    }),

    update: answer(async (request) => {
      const { lifecycle } = findResource(parseType(request.getUrn()));
      const state = readProperties(request.getOlds());
      const news = readProperties(request.getNews());
      if (request.getPreview()) {
        return new UpdateResponse().setProperties(writeStruct(lifecycle.predict(news, state)));
      }
      const limited = limitTime(account, request.getTimeout());
      return new UpdateResponse().setProperties(
        writeStruct(await lifecycle.update(request.getId(), state, news, limited)),
      );
    }),

    delete: answer(async (request) => {
      const { lifecycle } = findResource(parseType(request.getUrn()));
      const state = readProperties(request.getProperties());
      await lifecycle.delete(request.getId(), state, limitTime(account, request.getTimeout()));
      return new Empty();
    }),
  } satisfies Partial<IResourceProviderServer>;
}

/** A record that moved here from the dynamic front end contains the string that loads its hooks. */
function readProperties(struct: Struct | undefined): Properties {
  return withoutProviderText(readStruct(struct));
}

/** A failure that names its property makes the engine print the value: a message, perhaps, or a secret. */
function buildCheckResponse(inputs: object | undefined, problems: readonly string[]): CheckResponse {
  const failures = problems.map((reason) => new CheckFailure().setReason(reason));
  const response = new CheckResponse().setFailuresList(failures);
  return inputs === undefined ? response : response.setInputs(writeStruct(inputs));
}

function buildDifference(olds: Properties, news: Properties, replaces: readonly string[]): DiffResponse {
  const response = new DiffResponse().setChanges(DiffChanges.DIFF_SOME).setReplacesList([...replaces]);
  const details = compareInputs(olds, news, replaces);
  for (const [path, one] of details) response.getDetaileddiffMap().set(path, one);
  return response.setHasdetaileddiff(details.size > 0);
}

/** The account for one operation, which `customTimeouts` gives so many seconds. 0 means that it doesn't. */
function limitTime(account: Account, seconds: number): Account {
  if (seconds === 0) return account;
  let limited: Promise<Client> | undefined;
  return {
    ...account,
    getClient() {
      limited ??= account.getClient().then((client) => client.within(seconds));
      return limited;
    },
  };
}
