/** The resources, by the last part of their type token and of their hooks' subpath. */
const subpaths = { Thread: "thread", ThreadSet: "threadSet", Conversation: "conversation" } as const;

/** The name of a resource. */
export type ResourceName = keyof typeof subpaths;

/** Returns the subpath of the installed package that contains a resource's hooks. State files depend on it permanently. */
export function getHooksSubpath(name: ResourceName): string {
  return `pulumi-dashscope/hooks/${subpaths[name]}`;
}

/**
 * Returns the string that Pulumi stores as `__provider` with every resource, and from which the dynamic-provider host loads the hooks. It
 * only names the installed package, so it's small, and a fix in a later version reaches resources that already exist.
 */
export function getProviderText(name: ResourceName): string {
  return `exports.handler = () => require("${getHooksSubpath(name)}");`;
}

/** Returns the type under which Pulumi records a resource. State files depend on it permanently. */
export function getTypeToken(name: ResourceName): string {
  return `pulumi-nodejs:dynamic/dashscope:${name}`;
}
