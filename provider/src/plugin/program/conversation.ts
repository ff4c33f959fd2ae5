import type * as pulumi from "@pulumi/pulumi";
import type { ConversationArgs, Conversation as DynamicConversation } from "../../conversation/resource";
import { hasPulumiType, requireId } from "../../program/instances";
import { getPluginTypeToken } from "../../resource/providerText";
import { PluginResource } from "./pluginResource";

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
 * import * as dashscope from "pulumi-dashscope/plugin";
 *
 * const conversation = new dashscope.Conversation("support", {
 *   items: [{ role: "user", content: "You are talking to the support desk." }],
 *   metadata: { team: "support", env: "prod" },
 * });
 * export const conversationId = conversation.id;
 * ```
 */
export class Conversation extends PluginResource implements DynamicConversation {
  /** @internal The type that policy packs compare. */
  static readonly __pulumiType: string = getPluginTypeToken("Conversation");

  declare readonly createdAt: DynamicConversation["createdAt"];
  declare readonly metadata: DynamicConversation["metadata"];
  declare readonly items: DynamicConversation["items"];
  declare readonly workspace: DynamicConversation["workspace"];
  declare readonly baseUrl: DynamicConversation["baseUrl"];
  declare readonly requestId: DynamicConversation["requestId"];
  declare readonly fromThread: DynamicConversation["fromThread"];

  /**
   * Declares a conversation.
   *
   * @param name unique among the conversations of the stack
   * @param args the arguments of the conversation; default: an empty conversation
   * @param opts Pulumi's options for resources, such as `provider`, `import` and `customTimeouts`
   * @throws pulumi.RunError if the stack configuration contains an unknown `dashscope:` key
   */
  constructor(name: string, args?: ConversationArgs, opts?: pulumi.CustomResourceOptions) {
    super("Conversation", name, { ...outputs, ...args }, opts);
  }

  /**
   * Reads an existing conversation without managing it: `pulumi destroy` leaves it alone. If there is no such conversation, the preview or update fails
   * with `DASHSCOPE_ERR_MISSING`.
   *
   * @example
   * ```ts
   * const other = dashscope.Conversation.get("other", "conv_e99a9fe7-0433-426f-98ad-a5139c36579c");
   * ```
   *
   * @param name unique among the conversations of the stack
   * @param id the conversation ID, for example `conv_e99a9fe7-0433-426f-98ad-a5139c36579c`
   * @param args the `workspace`, if it isn't the configured one
   * @param opts Pulumi's options for resources, such as `provider` and `parent`
   * @throws pulumi.RunError if the ID isn't set
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
   * Returns whether a value is a `Conversation` of the provider plugin, also of another copy of the package.
   *
   * @param value anything
   */
  static override isInstance(value: unknown): value is Conversation {
    return hasPulumiType(value, Conversation.__pulumiType);
  }
}
