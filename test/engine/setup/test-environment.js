const { TestEnvironment } = require("jest-environment-node");

const heard = ["uncaughtException", "unhandledRejection"];

/**
 * Jest gives a test file a copy of `process`, which hears no unhandled rejections. Pulumi's language server, which runs
 * in the test file, must hear them: they are how an asynchronous failure in a program becomes the failure of an `up`.
 * Other events stay with the copy: a listener for the process's exit must not run in a test file that is torn down.
 */
class EngineTestEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const copy = this.global.process;
    for (const method of ["on", "off", "listeners", "removeAllListeners"]) {
      const ofCopy = copy[method];
      copy[method] = (event, ...rest) => {
        const result = heard.includes(event)
          ? process[method](event, ...rest)
          : ofCopy.call(copy, event, ...rest);
        return result === process ? copy : result;
      };
    }
  }
}

module.exports = EngineTestEnvironment;
