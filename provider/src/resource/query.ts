import type { Configuration } from "../config/configuration";
import type { Client } from "../dashscope/client";
import { isGone } from "../dashscope/errors";
import { describeEndpoint } from "../dashscope/url";
import { MissingError } from "./errors";
import type { RemoteObject, RemoteObjects } from "./remoteObjects";

/** A lookup of something that the stack doesn't manage, on plain objects. */
export interface Query<Args extends object, Result extends object> {
  /** The name that mocks are called with, and that the provider plugin invokes. */
  readonly token: string;
  /** Sends the requests that answer it. */
  fetch(args: Args, client: Client, configuration: Configuration): Promise<Result>;
}

/** The arguments of the lookup of a thread or a conversation. */
export interface ObjectArgs {
  readonly id: string;
  readonly workspace?: string | undefined;
}

/** What a lookup of a thread or a conversation finds. */
export interface FoundObject extends Omit<RemoteObject, "requestId" | "metadata"> {
  readonly metadata: Record<string, string>;
  readonly workspace?: string;
  readonly baseUrl: string;
}

/** The lookup of a thread or a conversation. */
export type ObjectQuery = Query<ObjectArgs, FoundObject>;

/** Creates the lookup of one kind of objects. */
export function createObjectQuery(objects: RemoteObjects, token: string): ObjectQuery {
  const { api, noun } = objects.kind;
  return {
    token,
    async fetch({ id, workspace }, client, configuration) {
      const { endpoint } = configuration.resolveEndpoint(api, workspace);
      try {
        const { requestId: _, ...object } = await objects.fetch(client, endpoint, id);
        return { ...object, metadata: { ...object.metadata }, ...endpoint };
      } catch (error) {
        if (!isGone(error)) throw error;
        throw new MissingError(`${noun} ${id}`, describeEndpoint(endpoint), error);
      }
    },
  };
}
