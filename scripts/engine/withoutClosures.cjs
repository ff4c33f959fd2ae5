// Preloaded with `node --require`. `@pulumi/pulumi` serializes closures with these libraries, and loads them at its start, which takes
// 0.7 s of the 1.1 s that a dynamic-provider host takes to start. Our resources have a constant string instead of closures.
const Module = require("node:module");

const libraries = ["typescript", "@npmcli/arborist"];
const load = Module._load;

Module._load = (name, ...rest) => (libraries.includes(name) ? leaveOut(name) : load(name, ...rest));

function leaveOut(name) {
  return new Proxy(
    { __esModule: true },
    {
      get(target, property) {
        if (property in target) return target[property];
        throw new Error(`The tests leave out the library ${name}, but ${String(property)} of it is used.`);
      },
    },
  );
}
