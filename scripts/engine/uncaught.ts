/**
 * Jest takes whatever nobody caught for a failure of the running test. While an operation runs, it comes from the program:
 * Pulumi's language server hears it and fails the operation. What comes when that no longer listens fails it here.
 */
export async function withProgramsErrors<T>(operation: () => Promise<T>): Promise<T> {
  const uncaught = new Set<unknown>();
  const collect = (error: unknown): void => {
    uncaught.add(error);
  };
  const exceptionListeners = process.listeners("uncaughtException");
  const rejectionListeners = process.listeners("unhandledRejection");
  process.removeAllListeners("uncaughtException").on("uncaughtException", collect);
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
  try {
    const result = await operation();
    if (uncaught.size > 0) throw new AggregateError(uncaught, "the program failed after its end");
    return result;
  } finally {
    // Pulumi's too: it never takes its own away when a resource has failed, because its program then never ends.
    process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
    for (const listener of exceptionListeners) process.on("uncaughtException", listener);
    for (const listener of rejectionListeners) process.on("unhandledRejection", listener);
  }
}
