// From a transformation of the program, through the constructors of the resource, to the line that declares it.
const frames = 6;

/**
 * Shortens the stack traces of new errors, until what it returns is called.
 *
 * Pulumi's SDK formats a stack trace for each of the four promises of an output (`debuggablePromise` in its runtime), and shows them
 * under `PULUMI_DEBUG_PROMISE_LEAKS` only. In a program with source maps that is most of the time a resource takes.
 */
export function shortenStackTraces(): () => void {
  const { stackTraceLimit } = Error;
  if (!process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) Error.stackTraceLimit = Math.min(stackTraceLimit, frames);
  return () => {
    Error.stackTraceLimit = stackTraceLimit;
  };
}
