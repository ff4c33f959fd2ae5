const { writeSync } = require("node:fs");

/** Prints the last line of a test run, which continuous integration reads. */
class ClosingLine {
  onRunComplete(_contexts, results) {
    // A file that can't be loaded runs no tests, so the count of tests has no failure for it.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
    if (skipped > 0) counts.push(`${skipped} skipped`);
    // Jest prints its own summary after every other reporter.
    process.once("exit", () => writeSync(process.stdout.fd, `${counts.join(", ")}\n`));
  }
}

module.exports = ClosingLine;
