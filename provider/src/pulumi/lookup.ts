import * as pulumi from "@pulumi/pulumi";
import { DashScopeError } from "../dashscope/errors";
import type { Threads } from "../dashscope/threads";
import { Configuration, type Key } from "./configuration";
import type { Provider } from "./provider";
import { configOfStack } from "./stackConfig";
import { threadsOf } from "./threads";

/** A question that the program itself puts to DashScope; the dynamic-provider host answers for resources only. */
export type Question<T> = (threads: Threads, configuration: Configuration) => Promise<T>;

/**
 * Asks with the configuration of `provider`, or of the stack when it is none of ours.
 *
 * @throws pulumi.RunError when DashScope or the configuration says no: of other errors Pulumi prints the stack, too
 */
export function ask<T>(provider: pulumi.ProviderResource | undefined, question: Question<T>): Promise<T> {
  // Settled here, not by the output, so that the program can catch what is thrown.
  return new Promise((resolve, reject) => {
    const asked = withConfiguration(provider, async (configuration) => {
      await answer(question, configuration).then(resolve, reject);
    });
    // Of an output that is unknown nothing is ever called, and Pulumi takes a program that waits for nothing for finished.
    if ("isKnown" in asked)
      void Promise.resolve(asked.isKnown).then((known) => known || reject(tooEarly()), reject);
  });
}

function tooEarly(): pulumi.RunError {
  return new pulumi.RunError(
    "getThread cannot ask yet, because an argument of its Provider is not known in this preview: use getThreadOutput instead.",
  );
}

/** {@link ask} of which the answer is an output: unknown in a preview for as long as the provider's arguments are. */
export function askOutput<T>(
  provider: pulumi.ProviderResource | undefined,
  question: Question<T>,
): pulumi.Output<T> {
  return withConfiguration(provider, (configuration) => answer(question, configuration));
}

async function answer<T>(question: Question<T>, configuration: Configuration): Promise<T> {
  try {
    return await question(await threadsOf(configuration), configuration);
  } catch (error) {
    throw error instanceof DashScopeError ? new pulumi.RunError(error.message) : error;
  }
}

const configurations = new WeakMap<pulumi.Resource, Configuration>();

function withConfiguration<T>(
  provider: pulumi.ProviderResource | undefined,
  use: (configuration: Configuration) => Promise<T>,
): pulumi.Output<T> {
  const explicit = isOurs(provider) ? provider : undefined;
  // One for all lookups of a program run, so that they are paced together; a process may run several programs in turn.
  const owner = explicit ?? pulumi.runtime.getStackResource();
  const ofStack = configOfStack();
  // The key is a secret, what is asked with it is not.
  return pulumi
    .unsecret(pulumi.output(explicit?.given ?? {}))
    .apply((given: Partial<Record<Key, string>>) => {
      const known = owner && configurations.get(owner);
      const configuration =
        known ??
        new Configuration(
          process.env,
          (key) => ofStack[key],
          (key) => given[key],
        );
      if (owner) configurations.set(owner, configuration);
      return use(configuration);
    });
}

/** Whether it is a `Provider`, of this or another copy of the package. */
function isOurs(provider: pulumi.ProviderResource | undefined): provider is Provider {
  return provider !== undefined && "given" in provider;
}
