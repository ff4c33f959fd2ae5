import { withEnvironment } from "./environment";

/** The variables of this machine that a test must not see, and those that the stack unsets with an empty string. */
export function inStacksEnvironment<T>(
  env: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const set = Object.entries(env).filter(([, value]) => value !== "");
  return withEnvironment(Object.fromEntries(set), /^(DASHSCOPE|PULUMI)_/, work);
}
