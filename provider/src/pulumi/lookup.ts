import * as pulumi from "@pulumi/pulumi";
import { DashScopeError } from "../dashscope/errors";
import type { Threads } from "../dashscope/threads";
import { threadsOf } from "./api";
import { Configuration, type Key } from "./configuration";
import { Provider } from "./provider";
import { configOfStack } from "./stackConfig";

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
    withConfiguration(provider, async (configuration) => {
      await answer(question, configuration).then(resolve, reject);
    });
  });
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
  const explicit = provider instanceof Provider ? provider : undefined;
  // One for all lookups of a program run, so that they are paced together; a process may run several programs in turn.
  const owner = explicit ?? pulumi.runtime.getStackResource();
  const ofStack = configOfStack();
  return pulumi.output(explicit?.given ?? {}).apply((given: Partial<Record<Key, string>>) => {
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
