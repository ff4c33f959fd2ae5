import { isDeepStrictEqual } from "node:util";
import { buildDuplicateError } from "../resource/adoption";
import { hasUnknown } from "../resource/unknown";
import { equalMessages } from "../thread/schema";
import {
  listMembers,
  type MemberInputs,
  type MemberState,
  type ThreadSetInputs,
  type ThreadSetState,
} from "./schema";

/** What an operation does for one member. */
export type Step = { readonly key: string } & (
  | { readonly kind: "create"; readonly declared: MemberInputs }
  | {
      readonly kind: "adopt";
      readonly declared: MemberInputs;
      readonly adoptId: string;
      /** The key that the same thread has in the state until now. */
      readonly formerKey?: string;
    }
  | { readonly kind: "change"; readonly declared: MemberInputs; readonly recorded: MemberState }
  | { readonly kind: "read" | "delete" | "drop"; readonly recorded: MemberState }
);

/** What separates the recorded threads from the declared ones. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Changes that can't be made, one sentence each. */
  readonly refusals: readonly string[];
}

/**
 * Plans an update.
 *
 * @param isMoved whether the whole record moves to another endpoint, so that every member is checked there
 */
export function planUpdate(state: ThreadSetState, news: ThreadSetInputs, isMoved: boolean): Plan {
  const recorded = new Map(Object.entries(state.threads ?? {}));
  const undeclared = new Set(state.__metadataUndeclared);
  const declared = listMembers(news);
  const keysById = new Map([...recorded].map(([key, { id }]) => [id, key]));
  const renamed = new Set<string>();
  const steps: Step[] = [];
  const refusals: string[] = [];

  for (const [key, member] of declared) {
    const existing = recorded.get(key);
    if (existing === undefined) {
      const { adoptId } = member;
      const formerKey = adoptId === undefined ? undefined : keysById.get(adoptId);
      if (adoptId === undefined) steps.push({ kind: "create", key, declared: member });
      else if (formerKey === undefined) steps.push({ kind: "adopt", key, declared: member, adoptId });
      else if (declared.has(formerKey)) refusals.push(buildDuplicateError("thread", adoptId).sentences);
      else {
        renamed.add(formerKey);
        steps.push({ kind: "adopt", key, declared: member, adoptId, formerKey });
      }
      continue;
    }
    refusals.push(...listRefusals(key, existing, member));
    // A member that isn't known yet is no object.
    if (isMoved || typeof member !== "object" || differsInMetadata(existing, member, undeclared.has(key))) {
      steps.push({ kind: "change", key, declared: member, recorded: existing });
    }
  }
  const removed = [...recorded].filter(([key]) => !declared.has(key) && !renamed.has(key));
  if (news.protectMembers === true && removed.length > 0) {
    refusals.push(
      `\`protectMembers\` is set, but this update removes ${listKeys(removed.map(([key]) => key))}. To remove members, set \`protectMembers\` to false first.`,
    );
  }
  const kind = news.retain === true ? "drop" : "delete";
  steps.push(...removed.map(([key, member]) => ({ kind, key, recorded: member }) as const));
  return { steps, refusals };
}

function listRefusals(key: string, existing: MemberState, member: MemberInputs): string[] {
  const { messages, adoptId } = member;
  const name = JSON.stringify(key);
  return [
    ...(hasUnknown(messages) || typeof member !== "object" || equalMessages(existing.messages, messages)
      ? []
      : [
          `The \`messages\` of the member ${name} differ from those that its thread was created with, and the API can't change them. Declare the member under another key to create another thread.`,
        ]),
    ...(adoptId === undefined || adoptId === existing.id || hasUnknown(adoptId)
      ? []
      : [
          `The \`adoptId\` of the member ${name} names ${adoptId}, but the member has the thread ${existing.id}. Declare the member under another key to adopt another thread.`,
        ]),
  ];
}

function differsInMetadata(
  { metadata: live }: MemberState,
  { metadata }: MemberInputs,
  isUndeclared: boolean,
) {
  return metadata !== undefined && (isUndeclared || !isDeepStrictEqual(live, metadata));
}

const mostKeys = 5;

/** Lists the first few keys, and how many more there are. */
export function listKeys(keys: readonly string[]): string {
  const shown = keys.slice(0, mostKeys).map((key) => JSON.stringify(key));
  const more = keys.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
