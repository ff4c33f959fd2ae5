import type { DashScopeError } from "../dashscope/errors";

/** What a user of Pulumi can do about an error, beside what the error says, by its code. */
const advice: Readonly<Record<string, string>> = {
  DASHSCOPE_ERR_AUTHENTICATION:
    "If the key was rotated, run the command with `--run-program`, because `refresh` and `destroy` use the configuration of the last `up`, or set `DASHSCOPE_OVERRIDE_API_KEY` to the new key.",
  DASHSCOPE_ERR_CREATE_UNCERTAIN: "The next `pulumi up` creates a new one.",
};

/** Returns the message of an error with the advice for a user of Pulumi. */
export function addPulumiAdvice({ code, message, sentences }: DashScopeError): string {
  const more = advice[code];
  return more === undefined ? message : `${sentences} ${more} [${code}]`;
}
