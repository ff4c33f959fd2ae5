import { quoteKeys, quotePath } from "../dashscope/quote";
import type { Endpoint } from "../dashscope/url";
import { previewAdoption } from "../resource/adoption";
import type { Account } from "../resource/lifecycle";
import { hasUnknown } from "../resource/unknown";
import { threads } from "../thread/endpoints";
import { listMembers, type ThreadSetInputs } from "./schema";

const mostLines = 5;

/**
 * Verifies each `adoptId` that isn't recorded yet: the thread must exist. Tells the user how many threads are adopted, and which
 * metadata keys the adoptions remove.
 *
 * @returns what is wrong, as sentences
 */
export async function verifyAdoptions(
  olds: Partial<ThreadSetInputs>,
  news: ThreadSetInputs,
  endpoint: Endpoint,
  account: Account,
): Promise<string[]> {
  const recorded = listMembers(olds);
  const adoptions = [...listMembers(news)].flatMap(([key, { adoptId, metadata }]) =>
    adoptId === undefined || adoptId === recorded.get(key)?.adoptId || hasUnknown([adoptId, endpoint])
      ? []
      : [{ key, adoptId, ...(metadata && { metadata }) }],
  );
  if (adoptions.length === 0) return [];
  const previews = await Promise.all(
    adoptions.map(async (adoption) => ({
      ...adoption,
      preview: await previewAdoption(threads, adoption, endpoint, account),
    })),
  );
  const problems = previews.flatMap(({ key, preview }) =>
    preview.kind === "missing" ? [`${quotePath(["threads", key])}: ${preview.problem}`] : [],
  );
  if (problems.length > 0) return shorten(problems, "threads can't be adopted.");

  const [unverified] = previews.flatMap(({ preview }) => (preview.kind === "unverified" ? [preview] : []));
  if (unverified !== undefined) {
    account.notify("warning", `The provider couldn't verify every \`adoptId\`: ${unverified.reason}`);
    return [];
  }
  const effects = previews.flatMap(({ adoptId, preview }) =>
    preview.kind === "found" && preview.removedKeys.length > 0
      ? [`The adoption of the thread ${adoptId} removes its metadata keys ${quoteKeys(preview.removedKeys)}.`]
      : [],
  );
  account.notify(
    "info",
    `This adopts ${adoptions.length === 1 ? "a thread" : `${adoptions.length} threads`}. If another record manages one, set \`retainOnDelete\` on that record first.`,
  );
  for (const line of shorten(effects, "adoptions remove metadata keys.")) account.notify("info", line);
  return [];
}

function shorten(lines: readonly string[], rest: string): string[] {
  const more = lines.length - mostLines;
  return [...lines.slice(0, mostLines), ...(more > 0 ? [`${more} more ${rest}`] : [])];
}
