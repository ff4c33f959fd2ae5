import { conversationLifecycle } from "../../conversation/lifecycle";
import { conversationQuery } from "../../conversation/query";
import type { Lifecycle } from "../../resource/lifecycle";
import { parsePluginTypeToken, type ResourceName } from "../../resource/providerText";
import type { Query } from "../../resource/query";
import { threadLifecycle } from "../../thread/lifecycle";
import { threadQuery } from "../../thread/query";
import { threadSetLifecycle } from "../../threadSet/lifecycle";

/** A resource of the plugin. */
export interface Resource {
  readonly lifecycle: Lifecycle<object, object>;
  /** What messages call one. */
  readonly noun: string;
}

/** Every resource, by its name. */
const resources: Readonly<Record<ResourceName, Resource>> = {
  Thread: { lifecycle: threadLifecycle, noun: "thread" },
  ThreadSet: { lifecycle: threadSetLifecycle, noun: "thread set" },
  Conversation: { lifecycle: conversationLifecycle, noun: "conversation" },
};

/** Every lookup. */
const queries: readonly Query<object, object>[] = [threadQuery, conversationQuery];

/** @throws Error if the type isn't one of the plugin's */
export function findResource(type: string): Resource {
  const name = parsePluginTypeToken(type);
  if (name !== undefined) return resources[name];
  throw new Error(
    `The plugin has no resource of the type ${type}. Install the plugin and the SDK in the same version.`,
  );
}

/** @throws Error if the token isn't one of the plugin's */
export function findQuery(token: string): Query<object, object> {
  const found = queries.find((query) => query.token === token);
  if (found !== undefined) return found;
  throw new Error(`The plugin has no function ${token}. Install the plugin and the SDK in the same version.`);
}
