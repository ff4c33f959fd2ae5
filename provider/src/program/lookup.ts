import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { addPulumiAdvice } from "../config/advice";
import { Configuration, createClientLoader } from "../config/configuration";
import type { ArgumentKey } from "../config/settings";
import type { Client } from "../dashscope/client";
import { DashScopeError } from "../dashscope/errors";
import { getTypeToken, type ResourceName } from "../resource/providerText";
import type { FoundObject, ObjectArgs, ObjectQuery } from "../resource/query";
import { Provider } from "./provider";
import { assertKnownKeys, readStackConfiguration } from "./stackConfig";
import { buildUnknownError } from "./unknownProvider";

/** An error of a lookup. Pulumi prints its message without a stack trace. */
export class LookupError extends pulumi.RunError {
  /** Stable across versions, such as `DASHSCOPE_ERR_MISSING`. */
  readonly code: string;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** DashScope's request ID, if there was an answer. */
  readonly requestId: string | undefined;

  /** @internal */
  constructor(error: DashScopeError) {
    super(addPulumiAdvice(error));
    this.code = error.code;
    this.status = "status" in error && typeof error.status === "number" ? error.status : undefined;
    this.requestId =
      "requestId" in error && typeof error.requestId === "string" ? error.requestId : undefined;
  }
}

/** A lookup: the token that mocks are called with, its arguments, and the requests that answer it. */
interface Lookup<Result> {
  readonly token: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly fetch: (client: Client, configuration: Configuration) => Promise<Result>;
}

/** Looks something up with the account of `provider`, or of the stack if it isn't a `Provider` of this package. */
function lookUp<Result>(
  provider: pulumi.ProviderResource | undefined,
  lookup: Lookup<Result>,
): Promise<Result> {
  if (usesMocks()) return invokeMocks(lookup);
  // Settled here and not by the output, so that the program can catch what is thrown.
  return new Promise((resolve, reject) => {
    const looked = withAccount(provider, async (account) => {
      await run(lookup, account).then(resolve, reject);
    });
    // Pulumi calls nothing for an unknown output, and takes a program that waits for nothing for finished.
    if ("isKnown" in looked) {
      void Promise.resolve(looked.isKnown).then((known) => known || reject(buildUnknownError()), reject);
    }
  });
}

/** The same as {@link lookUp}, as an output: unknown in a preview as long as the provider's arguments are. */
function lookUpOutput<Result>(
  provider: pulumi.ProviderResource | undefined,
  lookup: Lookup<Result>,
): pulumi.Output<Result> {
  if (usesMocks()) return pulumi.output({}).apply(() => invokeMocks(lookup));
  return withAccount(provider, (account) => run(lookup, account));
}

/** Looks up a thread or a conversation with the account of the provider that a resource with these options would have. */
export function lookUpObject(
  query: ObjectQuery,
  kind: ResourceName,
  args: ObjectArgs,
  opts: pulumi.InvokeOptions | undefined,
): Promise<FoundObject> {
  return lookUp(findProvider(kind, opts), buildLookup(query, args));
}

/** The same as {@link lookUpObject}, with arguments that may be outputs. */
export function lookUpObjectOutput(
  query: ObjectQuery,
  kind: ResourceName,
  { id, workspace }: { [K in keyof ObjectArgs]: pulumi.Input<ObjectArgs[K]> },
  opts: pulumi.InvokeOutputOptions | undefined,
): pulumi.Output<FoundObject> {
  return pulumi
    .all([id, workspace, waitFor(opts?.dependsOn)])
    .apply(([knownId, knownWorkspace]) =>
      lookUpOutput(findProvider(kind, opts), buildLookup(query, { id: knownId, workspace: knownWorkspace })),
    );
}

function buildLookup({ token, fetch }: ObjectQuery, { id, workspace }: ObjectArgs): Lookup<FoundObject> {
  const args = { id, ...(workspace !== undefined && { workspace }) };
  return { token, args, fetch: (client, configuration) => fetch(args, client, configuration) };
}

function findProvider(
  kind: ResourceName,
  { provider, parent }: pulumi.InvokeOptions = {},
): pulumi.ProviderResource | undefined {
  return provider ?? parent?.getProvider(getTypeToken(kind));
}

/** Is known as soon as the resources exist. */
function waitFor(resources: pulumi.InvokeOutputOptions["dependsOn"] = []): pulumi.Output<string[]> {
  return pulumi
    .output(resources)
    .apply((given) =>
      pulumi.all([given].flat().map((one) => (pulumi.CustomResource.isInstance(one) ? one.id : one.urn))),
    );
}

/** A configuration with its client: one for all lookups of a program run, so that they are paced together. */
interface LookupAccount {
  readonly configuration: Configuration;
  getClient(): Promise<Client>;
}

async function run<Result>(lookup: Lookup<Result>, account: LookupAccount): Promise<Result> {
  try {
    return await lookup.fetch(await account.getClient(), account.configuration);
  } catch (error) {
    throw error instanceof DashScopeError ? new LookupError(error) : error;
  }
}

const accounts = new WeakMap<pulumi.Resource, LookupAccount>();

function withAccount<T>(
  provider: pulumi.ProviderResource | undefined,
  use: (account: LookupAccount) => Promise<T>,
): pulumi.Output<T> {
  assertKnownKeys();
  const explicit = Provider.isInstance(provider) ? provider : undefined;
  // A process may run several programs, one after another.
  const owner = explicit ?? pulumi.runtime.getStackResource();
  const stack = readStackConfiguration();
  // The key is a secret. What is looked up with it isn't.
  return pulumi
    .unsecret(pulumi.output(explicit?.given ?? {}))
    .apply((given: Partial<Record<ArgumentKey, string>>) => {
      const account =
        (owner && accounts.get(owner)) ??
        createLookupAccount(
          new Configuration(
            process.env,
            explicit ? { provider: (key) => (isArgument(given, key) ? given[key] : undefined) } : { stack },
          ),
        );
      if (owner) accounts.set(owner, account);
      return use(account);
    });
}

function isArgument(given: Partial<Record<ArgumentKey, string>>, key: string): key is ArgumentKey {
  return Object.hasOwn(given, key);
}

function createLookupAccount(configuration: Configuration): LookupAccount {
  return { configuration, getClient: createClientLoader(configuration) };
}

/** Whether `pulumi.runtime.setMocks` is in force. The mocks then answer, and nothing is sent. */
function usesMocks(): boolean {
  return pulumi.runtime.getMonitor() instanceof MockMonitor;
}

function invokeMocks<Result>({ token, args }: Lookup<Result>): Promise<Result> {
  return pulumi.runtime.invoke(token, args);
}
