import { ConfigurationError } from "../dashscope/errors";
import type { Account, Lifecycle } from "../resource/lifecycle";

/**
 * Checks inputs and the settings that every resource uses.
 *
 * @returns the completed inputs, or what is wrong with the given ones, each with its code
 */
export async function checkInputs<Inputs extends object, State extends object>(
  lifecycle: Lifecycle<Inputs, State>,
  olds: Partial<Inputs>,
  news: Inputs,
  account: Account,
): Promise<{ readonly inputs?: Inputs; readonly problems: readonly string[] }> {
  try {
    account.configuration.resolveClientSettings();
    const { inputs, problems } = await lifecycle.check(olds, news, account);
    return { ...(inputs && problems.length === 0 && { inputs }), problems: problems.map(addCode) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { problems: [error.message] };
  }
}

/**
 * Returns whether a front end is given what is recorded of a resource. The engine gives that in a refresh, but in a `get` what the program
 * declares, and in an import nothing. Only a refresh understands that a resource is gone: the others want one that exists.
 */
export function isRecorded(given: object): boolean {
  // The first release recorded no instance.
  return "__instance" in given || "metadata" in given;
}

/** Errors have their code already. */
function addCode(problem: string): string {
  return problem.endsWith("]") ? problem : `${problem} [DASHSCOPE_ERR_CONFIGURATION]`;
}
