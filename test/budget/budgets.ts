/**
 * What a thread may cost. The budgets count instead of measuring time, because a busy machine doesn't change counts. If you need more,
 * raise the figure here and say why.
 */

/** Requests for each thread. */
export const requests = { preview: 0, up: 1, "no-op up": 0, "update of all": 1, refresh: 1, destroy: 1 };

/**
 * Bytes of a thread's inputs and outputs in a state file, with a message and two metadata values. The file backend writes the whole file
 * at each step, so the written bytes grow with the square of the number of threads.
 */
export const stateBytes = 800;

/** The same with the provider plugin, which needs no string to load hooks from. */
export const pluginStateBytes = 660;

/** What the plugin is and loads before the first request: one file, with all that it uses, and the modules of Node.js. */
export const plugin = { kilobytes: 1_400, builtins: 112 };

/**
 * What the first `check` and `diff` load, for which every preview waits: the lifecycle, the rules that resources share, the journal, and parts
 * of zod.
 */
export const check = { modules: 35, kilobytes: 170, builtins: 8 };

/** What is loaded after the first request: our own files, parts of zod, and all of undici. */
export const create = { modules: 155, kilobytes: 1_345 };

/** Stack frames that a declaration formats. In a program with source maps, a preview waits for this most of the time. */
export const declaration = { frames: 204 };
