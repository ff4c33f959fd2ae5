import { withEnvironment } from "./environment";

/** Runs `work` with a stack's variables and without the machine's. An empty string unsets a variable. */
export function inStackEnvironment<T>(
  env: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const set = Object.entries(env).filter(([, value]) => value !== "");
  return withEnvironment(Object.fromEntries(set), /^(DASHSCOPE|PULUMI)_/, work);
}
