/**
 * What a thread may cost, counted instead of timed, so that a busy machine changes nothing. Whoever needs more raises the figure
 * here, and says why.
 */

/** Requests a thread. */
export const requests = { preview: 0, up: 1, "no-op up": 0, "update of all": 1, refresh: 1, destroy: 1 };

/**
 * Bytes that a state file has of a thread's inputs and outputs, with a message and two labels. The file backend writes the
 * whole file at each step, so that these grow with the square of the threads.
 */
export const stateBytes = 800;

/** The same with the provider plugin, which needs no string to load hooks from. */
export const pluginStateBytes = 660;

/** What the plugin is and loads before the first request: one file, with all that it uses, and the modules of Node.js. */
export const plugin = { kilobytes: 1_350, builtins: 112 };

/**
 * What the first `check` loads, which every preview waits for: the lifecycle, the account guard, claims, the journal, what the front ends
 * share, and parts of zod.
 */
export const check = { modules: 32, kilobytes: 160, builtins: 8 };

/** What is loaded when the first request has been sent: our own files, what of zod they use, and the whole of undici. */
export const create = { modules: 150, kilobytes: 1_345 };

/** Frames that are formatted while a thread is declared; in a program with source maps, most of what a preview waits for. */
export const declaration = { frames: 170 };
