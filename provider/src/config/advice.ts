import type { DashScopeError } from "../dashscope/errors";

/** What a user of Pulumi can do about an error, beside what the error says, by its code. */
const advice: Readonly<Record<string, string>> = {
  DASHSCOPE_ERR_AUTHENTICATION:
    "If the key was rotated, `refresh` and `destroy` may still use the one of the last `up`: run them with `--run-program`, or set `DASHSCOPE_OVERRIDE_API_KEY` to the new key.",
  DASHSCOPE_ERR_CREATE_UNCERTAIN: "The next `pulumi up` creates a new one.",
};

/** Returns the message of an error with the advice for a user of Pulumi. */
export function addPulumiAdvice({ code, message, sentences }: DashScopeError): string {
  const more = advice[code];
  return more === undefined ? message : `${sentences} ${more} [${code}]`;
}
