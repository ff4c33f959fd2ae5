const { TestEnvironment } = require("jest-environment-node");

const forwarded = ["uncaughtException", "unhandledRejection"];

/**
 * Jest gives a test file a copy of `process`, which gets no unhandled rejections. Pulumi's language server runs in the test file and needs
 * them: an asynchronous failure in a program reaches it in this way. Other events stay with the copy, because a listener for the exit of the
 * process must not run after the end of a test file.
 */
class EngineTestEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const copy = this.global.process;
    for (const method of ["on", "off", "listeners", "removeAllListeners"]) {
      const original = copy[method];
      copy[method] = (event, ...rest) => {
        const result = forwarded.includes(event)
          ? process[method](event, ...rest)
          : original.call(copy, event, ...rest);
        return result === process ? copy : result;
      };
    }
  }
}

module.exports = EngineTestEnvironment;
