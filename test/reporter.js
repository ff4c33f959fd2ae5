const { writeSync } = require("node:fs");

/** The last line of a test run, in the form that continuous integration reads. */
class ClosingLine {
  onRunComplete(_contexts, results) {
    // A file that does not even load runs none of its tests, and would leave the count without a failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) counts.push(`${skipped} skipped`);
    // Jest prints its own summary after every other reporter.
    process.once("exit", () => writeSync(process.stdout.fd, `${counts.join(", ")}\n`));
  }
}

module.exports = ClosingLine;
