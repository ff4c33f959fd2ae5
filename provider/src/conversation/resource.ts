import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../program/dynamicResource";
import { hasPulumiType, requireId } from "../program/instances";
import { getTypeToken } from "../resource/providerText";

/** An item that a conversation begins with. */
export interface ConversationItem {
  /** Who says it. */
  role: "user" | "assistant" | "system" | "developer";
  /** The text. Must not be empty. */
  content: string;
}

/** A {@link ConversationItem} whose parts may be outputs of other resources. */
export interface ConversationItemArgs {
  /** Who says it. */
  role: pulumi.Input<"user" | "assistant" | "system" | "developer">;
  /** The text. Must not be empty. Pass `pulumi.secret(…)` to keep it out of the plaintext state. */
  content: pulumi.Input<string>;
}

/** The arguments of a {@link Conversation}. Each may be an output of another resource. `undefined`, `null` and `""` mean "not set". */
export interface ConversationArgs {
  /**
   * The items that the conversation begins with, used at its creation only and at most 100. The provider never reads them back, because
   * DashScope keeps only the newest 100 items of the last 7 days. A change replaces the conversation, unless `ignoreChanges: ["items"]`
   * is among the options. If any part is a secret, Pulumi keeps all items secret. Default: none.
   */
  items?: pulumi.Input<pulumi.Input<ConversationItemArgs>[]> | undefined;
  /**
   * Labels of the conversation, updated in place: at most 16, with keys of up to 64 and values of up to 512 characters. The provider
   * sends the whole map. If you never set `metadata`, the provider leaves the conversation's metadata alone. If you set it and later
   * remove it, the provider clears it.
   */
  metadata?: pulumi.Input<Record<string, pulumi.Input<string>>> | undefined;
  /**
   * The ID of the workspace that the conversation belongs to. A change replaces the conversation. Default: `dashscope:workspace`,
   * otherwise the key's own workspace.
   */
  workspace?: pulumi.Input<string> | undefined;
  /**
   * The ID of an existing conversation that the provider takes over instead of creating one. The preview verifies that it exists. The
   * conversation keeps its items, so you can't set `items` or `fromThread`, too. If you set `metadata`, the provider applies it. Another
   * ID replaces the conversation, which deletes the one that was adopted before, unless `retainOnDelete` is among the options. Removing
   * `adoptId` changes nothing.
   */
  adoptId?: pulumi.Input<string> | undefined;
  /**
   * The ID of a thread that the conversation is copied from, used at its creation only: the thread's metadata, unless you set
   * `metadata`, and the text of its newest 100 messages. The preview verifies that the thread exists, and says what can't be copied.
   * Afterwards the thread may go. Another ID replaces the conversation. Removing `fromThread` changes nothing. Default: none.
   */
  fromThread?: pulumi.Input<string> | undefined;
}

// Pulumi makes an output only of the properties that it's told.
const outputs = {
  createdAt: undefined,
  metadata: undefined,
  items: undefined,
  workspace: undefined,
  baseUrl: undefined,
  requestId: undefined,
  fromThread: undefined,
};

/**
 * A conversation of Alibaba Cloud Model Studio (DashScope): the stored context of the Responses API, and the successor of a thread. Its
 * Pulumi ID is the conversation ID. DashScope keeps only the newest 100 items of the last 7 days. The conversation itself doesn't expire.
 *
 * @example
 * ```ts
 * import * as dashscope from "pulumi-dashscope";
 *
 * const conversation = new dashscope.Conversation("support", {
 *   items: [{ role: "user", content: "You are talking to the support desk." }],
 *   metadata: { team: "support", env: "prod" },
 * });
 * export const conversationId = conversation.id;
 * ```
 *
 * @example
 * ```ts
 * // Copies a thread, which stays as it is.
 * const copy = new dashscope.Conversation("copy", { fromThread: thread.id });
 * ```
 */
export class Conversation extends DynamicResource {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getTypeToken("Conversation");

  /** When the conversation was created, in milliseconds since the epoch. Absent if DashScope didn't say. */
  declare readonly createdAt: pulumi.Output<number | undefined>;
  /** The live metadata, whether you set it or not. */
  declare readonly metadata: pulumi.Output<Record<string, string>>;
  /** The items that the conversation was created with. A secret if you pass a secret. Absent if they were copied from a thread. */
  declare readonly items: pulumi.Output<ConversationItem[] | undefined>;
  /** The workspace that the conversation was created in. Absent if it's the key's own. */
  declare readonly workspace: pulumi.Output<string | undefined>;
  /**
   * The base URL that the conversation was created at, whatever is configured today:
   * `https://dashscope.aliyuncs.com/compatible-mode/v1`. Pass it to an `openai` client.
   */
  declare readonly baseUrl: pulumi.Output<string>;
  /** DashScope's ID of the request that last wrote the conversation, for Alibaba Cloud support. Absent if it answered none. */
  declare readonly requestId: pulumi.Output<string | undefined>;
  /** The ID of the thread that the conversation was copied from. */
  declare readonly fromThread: pulumi.Output<string | undefined>;

  /**
   * Declares a conversation.
   *
   * @param name unique among the conversations of the stack
   * @param args the arguments of the conversation; default: an empty conversation
   * @param opts Pulumi's options for resources, such as `provider` and `protect`, but not `import`
   * @throws pulumi.RunError if `opts.import` is set, which can't work for a dynamic resource; if the project itself hasn't installed this
   * package; or if the stack configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args?: ConversationArgs, opts?: pulumi.CustomResourceOptions) {
    super("Conversation", name, { ...outputs, ...args }, opts);
  }

  /**
   * Reads an existing conversation without managing it: `pulumi destroy` leaves it alone. If there is no such conversation, the preview
   * or update fails with `DASHSCOPE_ERR_MISSING`.
   *
   * @example
   * ```ts
   * const other = dashscope.Conversation.get("other", "conv_e99a9fe7-0433-426f-98ad-a5139c36579c");
   * ```
   *
   * @param name unique among the conversations of the stack
   * @param id the conversation ID, for example `conv_e99a9fe7-0433-426f-98ad-a5139c36579c`
   * @param args the `workspace`, if it isn't the configured one
   * @param opts Pulumi's options for resources, such as `provider` and `parent`, but not `import`
   * @throws pulumi.RunError if the ID isn't set, `opts.import` is set, or the project itself hasn't installed this package
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args?: Pick<ConversationArgs, "workspace">,
    opts?: pulumi.CustomResourceOptions,
  ): Conversation {
    return new Conversation(name, args, { ...opts, id: requireId("Conversation", name, id, "conv_1a2b") });
  }

  /**
   * Returns whether a value is a `Conversation`, also of another copy of the package.
   *
   * @example
   * ```ts
   * const conversations = resources.filter(dashscope.Conversation.isInstance);
   * ```
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Conversation {
    return hasPulumiType(value, Conversation.__pulumiType);
  }
}
