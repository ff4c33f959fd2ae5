/** The resources, by the last part of their type token and of their hooks' subpath. */
const subpaths = { Thread: "thread", ThreadSet: "threadSet", Conversation: "conversation" } as const;

/** Inputs or outputs of the dynamic front end: with the string that loads the hooks. */
export type Loaded<T> = T & { readonly __provider: string };

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

/** Returns inputs or outputs without the string that loads the hooks, which no lifecycle knows. */
export function withoutProviderText<T extends object>(given: T): T {
  const copy: T & { __provider?: string } = { ...given };
  delete copy.__provider;
  return copy;
}

/** Returns the type under which the provider plugin records a resource. State files depend on it permanently. */
export function getPluginTypeToken(name: ResourceName): string {
  return `dashscope:index:${name}`;
}

/** Returns the resource whose type the provider plugin records, if there is one. */
export function parsePluginTypeToken(type: string): ResourceName | undefined {
  const name = type.replace(/^dashscope:index:/, "");
  return isResourceName(name) && type === getPluginTypeToken(name) ? name : undefined;
}

function isResourceName(name: string): name is ResourceName {
  return Object.hasOwn(subpaths, name);
}
