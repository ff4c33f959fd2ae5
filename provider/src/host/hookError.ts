import { addPulumiAdvice } from "../config/advice";
import { DashScopeError } from "../dashscope/errors";
import { IncompleteError } from "../resource/errors";

/**
 * An error in the form that the dynamic-provider host reports well. From `check`, `diff`, `read` and `delete`, the host prints
 * `${error}: ${error.stack}` beside the message that the engine shows (`cmd/dynamic-provider` of `@pulumi/pulumi`).
 * {@link leaveOutRepetitions} recognizes it.
 */
class HookError extends Error {
  constructor(error: DashScopeError) {
    super(addPulumiAdvice(error));
    this.stack = "reported";
  }

  override toString(): string {
    return "pulumi-dashscope";
  }
}

/**
 * Makes the engine keep a resource that exists but isn't as declared. The host doesn't add `__provider` to the properties of a partial
 * failure, and without it no later hook can be loaded.
 */
class PartialFailure extends HookError {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly reasons: readonly string[];

  constructor(error: IncompleteError, providerText: string) {
    super(error);
    this.id = error.id;
    this.properties = { ...error.state, __provider: providerText };
    this.reasons = [error.message];
  }
}

const repetition = "pulumi-dashscope: reported";

/** Keeps the host from printing errors of hooks that the engine shows anyway. Call it once in a host process. */
export function leaveOutRepetitions(): void {
  const print = console.error;
  console.error = (...values) => {
    if (values[0] !== repetition) print(...values);
  };
}

/** Runs a hook, and translates its errors. */
export async function runHook<T>(providerText: string, hook: () => Promise<T>): Promise<T> {
  try {
    return await hook();
  } catch (error) {
    if (error instanceof IncompleteError) throw new PartialFailure(error, providerText);
    throw error instanceof DashScopeError ? new HookError(error) : error;
  }
}
