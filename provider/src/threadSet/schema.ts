import type { Identity } from "../resource/identity";
import { isStorableKey } from "../resource/remoteObjects";
import { hasUnknown } from "../resource/unknown";
import { expectObject, validate } from "../resource/validation";
import { normalizeInputs, type ThreadMessageInput, threadArguments } from "../thread/schema";
import * as z from "../zod";

const member = z.strictObject(threadArguments, {
  error: expectObject('an object such as { metadata: { plan: "gold" } }'),
});

// Pulumi doesn't compare properties whose names begin with two underscores.
const memberKey = z
  .string("a string")
  .check(
    z.refine(
      (key) => isStorableKey(key) && !key.startsWith("__"),
      "a string that isn't empty and doesn't begin with `__`",
    ),
  );

const inputs = z.strictObject(
  {
    // Required. It's optional here because the whole object may be unknown in a preview.
    threads: z.exactOptional(
      z.record(memberKey, member, "an object with one thread for each key, such as { acme: {} }"),
    ),
    workspace: z.exactOptional(z.string("a string")),
    protectMembers: z.exactOptional(z.boolean("true or false")),
    retain: z.exactOptional(z.boolean("true or false")),
  },
  { error: expectObject("an object with the arguments of a `ThreadSet`") },
);

/** The checked inputs of a set. The check adds `baseUrl`. */
export type ThreadSetInputs = z.infer<typeof inputs> & { readonly baseUrl?: string };

/** One declared thread of a set. */
export type MemberInputs = z.infer<typeof member>;

/** One recorded thread of a set. */
export interface MemberState {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  /** The live metadata, whether the program sets it or not. */
  readonly metadata: Readonly<Record<string, string>>;
  // Repeated from the inputs, because `read` is told only outputs, and Pulumi keeps secrets by path.
  readonly messages?: readonly ThreadMessageInput[];
  readonly adoptId?: string;
}

/** The recorded outputs of a set. It contains exactly the threads that exist, so what's missing is what's left to do. */
export interface ThreadSetState extends Identity {
  /** The thread IDs by key. */
  readonly ids?: Readonly<Record<string, string>>;
  readonly threads?: Readonly<Record<string, MemberState>>;
  readonly protectMembers?: boolean;
  readonly retain?: boolean;
  /** The keys of the members whose metadata the program doesn't set. */
  readonly __metadataUndeclared?: readonly string[];
  /** Set if the last update failed: the keys of the recorded members whose steps failed. The next update reads these first. */
  readonly __unfinished?: readonly string[];
}

const mostProblems = 10;

// A partial failure travels in a gRPC header, of which the engine accepts 16 MiB after base64.
const mostBytes = 8_000_000;

/** Validates the arguments of a program, after {@link normalizeSet}. Returns one sentence for each wrong property, up to a limit. */
export function validateSet(given: Readonly<Record<string, unknown>>) {
  const { inputs: valid, problems } = validate(inputs, given, describeOwner);
  const all = [
    ...("threads" in given
      ? []
      : ["`threads` must be an object with one thread for each key, but it's missing."]),
    ...problems,
    ...listConflicts(valid?.threads ?? {}),
  ];
  const more = all.length - mostProblems;
  const shown = [...all.slice(0, mostProblems), ...(more > 0 ? [`${more} more arguments are wrong.`] : [])];
  return { ...(valid && all.length === 0 && { inputs: valid }), problems: shown };
}

function describeOwner(path: readonly PropertyKey[]): string {
  if (path.length === 0)
    return "a `ThreadSet`, which has `threads`, `workspace`, `protectMembers` and `retain`";
  return path.length === 2
    ? "a thread of a `ThreadSet`, which has `messages`, `metadata` and `adoptId`"
    : "a message, which has `role`, `content`, `fileIds` and `metadata`";
}

function listConflicts(threads: Readonly<Record<string, MemberInputs>>): string[] {
  const keys = new Map<string, string>();
  return Object.entries(threads).flatMap(([key, { adoptId, messages = [] }]) => {
    if (adoptId === undefined) return [];
    const other = keys.get(adoptId);
    keys.set(adoptId, key);
    return [
      ...(messages.length > 0
        ? [
            `\`threads\` sets both \`adoptId\` and \`messages\` for ${JSON.stringify(key)}, but an existing thread keeps the messages that it has. Remove one of them.`,
          ]
        : []),
      ...(other !== undefined && !hasUnknown(adoptId)
        ? [
            `\`threads\` sets the same \`adoptId\` ${adoptId} for ${JSON.stringify(other)} and ${JSON.stringify(key)}. Remove one of them.`,
          ]
        : []),
    ];
  });
}

/** Removes what isn't set. A member that's `null` stays, and is refused: to remove it would delete its thread. */
export function normalizeSet(given: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(normalizeInputs(given)).map(([key, value]) => [
      key,
      key === "threads" && isPlainObject(value) ? normalizeMembers(value) : value,
    ]),
  );
}

function normalizeMembers(threads: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(threads)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => [key, isPlainObject(one) ? normalizeInputs(one) : one]),
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks that the engine can record the set after a partial failure. */
export function checkSize({ threads = {} }: ThreadSetInputs): string[] {
  const bytes = estimateStateBytes(threads);
  if (bytes <= mostBytes) return [];
  return [
    `The state of the ${Object.keys(threads).length} members could take ${formatMegabytes(bytes)} MB, but Pulumi can record at most ${formatMegabytes(mostBytes)} MB after a partial failure. Split the set into several.`,
  ];
}

/** Estimates the outputs: the inputs, and for each member its key in three more lists, its thread ID, the time, and the JSON around them. */
export function estimateStateBytes(threads: Readonly<Record<string, MemberInputs>>): number {
  const declared = Buffer.byteLength(JSON.stringify(threads));
  return Object.entries(threads).reduce(
    (sum, [key, { adoptId = "" }]) =>
      sum + 3 * Buffer.byteLength(key) + 2 * Math.max(43, adoptId.length) + 70,
    declared,
  );
}

function formatMegabytes(bytes: number): string {
  return String(Math.ceil(bytes / 100_000) / 10);
}

/** The declared threads by key. One that isn't known yet has no properties. */
export function listMembers({ threads }: Partial<ThreadSetInputs>): Map<string, MemberInputs> {
  return new Map(isPlainObject(threads) ? Object.entries(threads) : []);
}
