import { DashScopeError } from "../dashscope/errors";
import { IncompleteThreadError } from "../thread/errors";

/**
 * An error as the dynamic-provider host is to report it. From check, diff, read and delete the host prints
 * `${error}: ${error.stack}` beside the message that the engine shows, so both are kept short.
 */
class HookError extends Error {
  constructor({ message, code }: DashScopeError) {
    super(message);
    this.stack = code;
  }

  override toString(): string {
    return "pulumi-dashscope";
  }
}

/**
 * What makes the engine keep a resource that exists but is not as declared. The host does not add `__provider` to the
 * properties of a partial failure, and without it no later hook could be loaded.
 */
class PartialFailure extends HookError {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly reasons: readonly string[];

  constructor(error: IncompleteThreadError, providerText: string) {
    super(error);
    this.id = error.id;
    this.properties = { ...error.state, __provider: providerText };
    this.reasons = [error.message];
  }
}

/** Runs what a hook does, so that its errors read well in Pulumi's output and what exists is kept. */
export async function reported<T>(providerText: string, hook: () => Promise<T>): Promise<T> {
  try {
    return await hook();
  } catch (error) {
    if (error instanceof IncompleteThreadError) throw new PartialFailure(error, providerText);
    throw error instanceof DashScopeError ? new HookError(error) : error;
  }
}
