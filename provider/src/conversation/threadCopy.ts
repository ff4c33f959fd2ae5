import { DashScopeError, isGone } from "../dashscope/errors";
import { describeEndpoint, type Endpoint } from "../dashscope/url";
import { MissingError } from "../resource/errors";
import type { Account } from "../resource/lifecycle";
import type { Metadata } from "../resource/metadata";
import { createReadCache } from "../resource/readCache";
import { hasUnknown } from "../resource/unknown";
import { listMessages, type MessagePage, threads } from "../thread/endpoints";
import { fromMessage, type Item } from "./item";
import { type ConversationInputs, listExcessMetadata, type ThreadCopy } from "./schema";

/** A thread, and its newest messages, oldest first. */
interface Source {
  readonly metadata: Metadata;
  readonly messages: MessagePage["messages"];
  /** Whether the thread has older messages. */
  readonly hasOlder: boolean;
}

const readOnce = createReadCache<Source>();

/**
 * Verifies a `fromThread` that isn't recorded yet: the thread must exist, and its metadata must fit. Tells the user what is copied and
 * what isn't.
 *
 * @returns what is wrong, as sentences
 */
export async function verifyCopy(
  olds: Partial<ConversationInputs>,
  { fromThread, metadata, workspace }: ConversationInputs,
  account: Account,
): Promise<string[]> {
  if (fromThread === undefined || fromThread === olds.fromThread || hasUnknown([fromThread, workspace]))
    return [];
  const endpoint = resolveThreadEndpoint(workspace, account);
  try {
    const source = await readOnce(account, [fromThread, endpoint], () =>
      readSource(fromThread, endpoint, account),
    );
    const excess = metadata === undefined ? listExcessMetadata(source.metadata) : [];
    if (excess.length > 0) {
      return [
        `\`fromThread\` names ${fromThread}, whose metadata doesn't fit a conversation: ${excess.join(" ")} Set \`metadata\` to what the conversation is to have.`,
      ];
    }
    account.notify("info", describeCopy(fromThread, source));
    return [];
  } catch (error) {
    if (!(error instanceof DashScopeError)) throw error;
    if (error instanceof MissingError) return [error.message];
    account.notify("warning", `The provider couldn't verify \`fromThread\`: ${error.sentences}`);
    return [];
  }
}

/** Chooses what a new conversation copies from a thread. */
export async function chooseCopy(
  threadId: string,
  { workspace }: ConversationInputs,
  account: Account,
): Promise<{ readonly items: readonly Item[]; readonly copy: ThreadCopy; readonly metadata: Metadata }> {
  const endpoint = resolveThreadEndpoint(workspace, account);
  const { messages, metadata } = await readSource(threadId, endpoint, account);
  const chosen = messages.flatMap((message) => {
    const item = fromMessage(message);
    return item === undefined ? [] : [{ id: message.id, item }];
  });
  return {
    items: chosen.map(({ item }) => item),
    copy: { threadId, endpoint, messages: chosen.map(({ id }) => id) },
    metadata,
  };
}

/**
 * Reads the messages that a copy chose, wherever they're in the thread by now.
 *
 * @throws MissingError if the thread, or one of the messages, no longer exists
 */
export async function readChosen(
  { threadId, endpoint, messages }: ThreadCopy,
  account: Account,
): Promise<readonly Item[]> {
  const client = await account.getClient();
  const wanted = new Set(messages);
  const found = new Map<string, Item>();
  let after: string | undefined;
  do {
    const page = await listMessages(client, endpoint, threadId, { order: "desc", after }).catch(
      (error: unknown) => refuseMissing(error, threadId, endpoint),
    );
    for (const message of page.messages) {
      const item = wanted.has(message.id) ? fromMessage(message) : undefined;
      if (item !== undefined) found.set(message.id, item);
    }
    const last = page.messages.at(-1)?.id;
    // A server that ignores `after` would answer the same page forever.
    after = page.hasMore && last !== after && found.size < wanted.size ? last : undefined;
  } while (after !== undefined);
  return messages.map((id) => {
    const item = found.get(id);
    if (item === undefined)
      throw new MissingError(`message ${id} in the thread ${threadId}`, describeEndpoint(endpoint));
    return item;
  });
}

async function readSource(id: string, endpoint: Endpoint, account: Account): Promise<Source> {
  const client = await account.getClient();
  try {
    const [{ metadata }, { messages, hasMore }] = await Promise.all([
      threads.fetch(client, endpoint, id),
      listMessages(client, endpoint, id, { order: "desc" }),
    ]);
    return { metadata, messages: messages.toReversed(), hasOlder: hasMore };
  } catch (error) {
    return refuseMissing(error, id, endpoint);
  }
}

function refuseMissing(error: unknown, id: string, endpoint: Endpoint): never {
  throw isGone(error)
    ? new MissingError(`thread ${id}, which \`fromThread\` names,`, describeEndpoint(endpoint), error)
    : error;
}

function resolveThreadEndpoint(workspace: string | undefined, account: Account): Endpoint {
  return account.configuration.resolveEndpoint("native", workspace).endpoint;
}

/** Says how many messages are copied, and what a conversation can't have. */
function describeCopy(id: string, { messages, hasOlder }: Source): string {
  const copied = messages.filter((message) => fromMessage(message) !== undefined);
  const parts = messages.flatMap(({ content }) => content);
  const leftOut = [
    ...(hasOlder ? ["the older messages"] : []),
    ...listCount(messages.length - copied.length, "message without text", "messages without text"),
    ...listCount(parts.filter(({ type }) => type.startsWith("image")).length, "image", "images"),
    ...listCount(
      parts.filter(({ type }) => type !== "text" && !type.startsWith("image")).length,
      "part that isn't text",
      "parts that aren't text",
    ),
    ...listCount(messages.flatMap(({ fileIds }) => fileIds).length, "file", "files"),
  ];
  const count = `${copied.length} ${copied.length === 1 ? "message" : "messages"}`;
  const rest =
    leftOut.length === 0
      ? ""
      : ` It leaves out ${new Intl.ListFormat("en").format(leftOut)}. \`npx pulumi-dashscope transcript ${id}\` archives everything.`;
  return `This copies ${hasOlder ? "the newest " : ""}${count} of the thread ${id}.${rest}`;
}

function listCount(count: number, one: string, many: string): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? one : many}`];
}
