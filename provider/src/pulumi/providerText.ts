/** The subpath of the installed package that has the hooks of a `Thread`. */
export const threadHooks = "pulumi-dashscope/hooks/thread";

/**
 * The text Pulumi stores as `__provider` with every thread, and from which the dynamic-provider host loads the hooks. It only
 * names the installed package, so it costs a state file next to nothing, and a fix in a later version reaches threads that
 * exist already. State files depend on it for ever: the subpath never moves.
 */
export const threadProviderText = `exports.handler = () => require("${threadHooks}");`;

/** The type under which Pulumi records threads; state files depend on it for ever. */
export const threadType = "pulumi-nodejs:dynamic/dashscope:Thread";
