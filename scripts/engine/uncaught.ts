/**
 * Runs an operation, and fails if its program fails later. Jest takes an uncaught error as a failure of the running test. During an
 * operation the error comes from the program, and Pulumi's language server turns it into a failure of the operation. This catches the errors
 * that come after the server stopped listening.
 */
export async function withProgramErrors<T>(operation: () => Promise<T>): Promise<T> {
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
    if (uncaught.size > 0) throw new AggregateError(uncaught, "The program failed after its end.");
    return result;
  } finally {
    // Also Pulumi's: it keeps its own listeners if a resource fails, because its program never ends then.
    process.removeAllListeners("uncaughtException").removeAllListeners("unhandledRejection");
    for (const listener of exceptionListeners) process.on("uncaughtException", listener);
    for (const listener of rejectionListeners) process.on("unhandledRejection", listener);
  }
}
