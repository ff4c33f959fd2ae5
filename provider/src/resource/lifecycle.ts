import type { Configuration } from "../config/configuration";
import type { Client } from "../dashscope/client";
import type { Claims } from "./claims";

/** What a resource does for each operation of the engine, on plain objects. A front end turns it into hooks or a server. */
export interface Lifecycle<Inputs extends object, State extends object> {
  /**
   * Validates what a program declares and completes it with the endpoint. Called in previews, where values may be unknown.
   *
   * @param olds the recorded inputs, empty for a new resource and for a replacement
   */
  check(olds: Partial<Inputs>, news: unknown, account: Account): Promise<Checked<Inputs>>;
  /** Compares what is recorded with what is declared. Sends nothing. */
  diff(id: string, state: State, news: Inputs, account: Account): Difference;
  /**
   * Says what a create or an update would record, for a preview: `unknown` stands for what only DashScope can say. Sends nothing.
   *
   * @param state what is recorded, if the resource exists
   */
  predict(news: Inputs, state?: State): Readonly<Record<string, unknown>>;
  /** Creates the resource at most once, or takes over an existing one. Throws {@link IncompleteError} to keep what exists. */
  create(inputs: Inputs, account: Account): Promise<Recorded<State>>;
  /** Reads the live resource. Returns `undefined` if it's gone. */
  read(id: string, state: State, account: Account): Promise<Observed<Inputs, State> | undefined>;
  /** Changes the live resource in place. */
  update(id: string, state: State, news: Inputs, account: Account): Promise<State>;
  /** Deletes the live resource. One that's gone is deleted. */
  delete(id: string, state: State, account: Account): Promise<void>;
}

/** What a lifecycle uses: one account, as one front end runs it. */
export interface Account {
  readonly configuration: Configuration;
  readonly claims: Claims;
  /** Loads the client with the first request that needs it. */
  getClient(): Promise<Client>;
  /** Tells the user something that isn't an error. */
  notify(severity: "info" | "warning", line: string): void;
  /** Journals that something no longer exists. */
  recordDeleted(id: string): void;
}

/** The result of a check. */
export interface Checked<Inputs> {
  /** Absent if there are problems. */
  readonly inputs?: Inputs;
  /** One sentence for each wrong property. None shows a value that may be a secret. */
  readonly problems: readonly string[];
}

/** How a resource differs from its declaration. */
export interface Difference {
  readonly changed: boolean;
  /** The properties whose change needs another resource. */
  readonly replaces: readonly string[];
  /** Set if nothing but the work that a failed operation left makes the difference, so that the inputs are equal. */
  readonly isUnfinished?: true;
}

/** A resource that exists, and what is recorded of it. */
export interface Recorded<State> {
  readonly id: string;
  readonly state: State;
}

/** A live resource, and what a program that declares it as it is would say. */
export interface Observed<Inputs, State> {
  readonly state: State;
  readonly inputs: Inputs;
}
