/**
 * What isn't documented about the service. Each switch has the documented or likelier value as its default. Test a client that
 * must work either way with both.
 */
export interface Behaviour {
  /** Whether an update replaces the metadata or adds to it. Default `replace`, as documented for conversations. */
  metadataUpdate?: "replace" | "merge";
  /**
   * Whether a thread's metadata has the limits of a conversation's: 16 pairs, keys of 64 and string values of 512 characters.
   * Default false: no limits are documented for threads.
   */
  metadataLimits?: boolean;
  /** How empty metadata is answered. Default `object`, the documented `{}`; older answers leave it out. */
  emptyMetadata?: "object" | "null" | "absent";
  /** Whether metadata is answered sorted by key instead of in the order given. Default false. */
  sortMetadata?: boolean;
  /** An `account_id` in every thread, as older answers had. Default: none. */
  accountId?: string;
  /** Whether a 401 has no `Content-Type`, as in a captured one. Default false. */
  untyped401?: boolean;
  /** The status for a missing conversation: 404 as OpenAI answers, or 400 as DashScope does for a thread. Default 404. */
  missingConversation?: 404 | 400;
  /** What an update of a conversation without metadata does. Default `refuse`: metadata is documented as required. */
  updateWithoutMetadata?: "refuse" | "keep" | "clear";
  /** Whether an assistant's item may have `input_text` parts. Default `refuse`, as OpenAI does. */
  assistantInputText?: "refuse" | "accept";
  /** How an item's content that was given as a string is answered. Default `part`: as a text part. */
  stringContent?: "part" | "string";
  /** What a call on the items of a deleted conversation finds. Default `missing`: the answer for a missing conversation. */
  deletedConversationItems?: "missing" | "readable";
}
