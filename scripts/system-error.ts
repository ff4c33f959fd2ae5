import { isNativeError } from "node:util/types";

/** Whether the system refused something for this reason. Unlike `instanceof`, it also knows errors from outside Jest's sandbox. */
export function isSystemError(error: unknown, code: string): boolean {
  return isNativeError(error) && "code" in error && error.code === code;
}
