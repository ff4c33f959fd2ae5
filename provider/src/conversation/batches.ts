import { isDeepStrictEqual } from "node:util";
import type { Client } from "../dashscope/client";
import type { DashScopeError } from "../dashscope/errors";
import type { Endpoint } from "../dashscope/url";
import { toDashScopeError } from "../resource/errors";
import { addItems, batchSize, listItems, listTexts, type RemoteItem } from "./endpoints";
import type { Item } from "./item";
import type { UnfinishedCreation } from "./schema";

/** How many items have arrived. */
export type Arrival = Pick<UnfinishedCreation, "confirmed" | "lastItem">;

/** What came of adding items. */
export interface Addition {
  readonly arrival: Arrival;
  /** Set if items are missing. */
  readonly error?: DashScopeError;
}

/** Adds the items that haven't arrived, in sequential batches, so that they keep their order. Never throws: the conversation exists. */
export async function addRemaining(
  client: Client,
  endpoint: Endpoint,
  id: string,
  items: readonly Item[],
  start: Arrival,
): Promise<Addition> {
  let arrival = start;
  try {
    while (arrival.confirmed < items.length) {
      const batch = items.slice(arrival.confirmed, arrival.confirmed + batchSize);
      const lastItem = await addItems(client, endpoint, id, batch);
      arrival = {
        confirmed: arrival.confirmed + batch.length,
        ...(lastItem !== undefined && { lastItem }),
      };
    }
    return { arrival };
  } catch (error) {
    return { arrival, error: toDashScopeError(error) };
  }
}

/** Adds the items that an interrupted creation left. The answer to its last batch may be lost, so it looks at what has arrived first. */
export async function resumeAdding(
  client: Client,
  endpoint: Endpoint,
  id: string,
  readItems: () => Promise<readonly Item[]>,
  start: Arrival,
): Promise<Addition> {
  try {
    const items = await readItems();
    const live = await listItems(client, endpoint, id, listTexts(items));
    const confirmed = countArrived(items, live, start);
    const lastItem = live.at(-1)?.id;
    return await addRemaining(client, endpoint, id, items, {
      confirmed,
      ...(lastItem !== undefined && { lastItem }),
    });
  } catch (error) {
    return { arrival: start, error: toDashScopeError(error) };
  }
}

/** Counts how many of the items have arrived. Others may have added items of their own in between, and old items may have expired. */
export function countArrived(
  items: readonly Item[],
  live: readonly RemoteItem[],
  { confirmed, lastItem }: Arrival,
): number {
  const at = live.findIndex(({ id }) => id === lastItem);
  if (at >= 0) return confirmed + countInOrder(items.slice(confirmed), live.slice(at + 1));
  // The oldest items may have expired, also the first of a batch. The longest match begins with the first item that's left.
  const first = lastItem === undefined ? 0 : confirmed;
  let best = { arrived: confirmed, matched: 0 };
  for (let start = first; start < items.length; start++) {
    const matched = countInOrder(items.slice(start), live);
    if (start + matched >= confirmed && matched > best.matched) best = { arrived: start + matched, matched };
  }
  return best.arrived;
}

/** Counts the items, from the first on, that occur among the live ones in this order. */
function countInOrder(items: readonly Item[], live: readonly RemoteItem[]): number {
  let count = 0;
  for (const { role, parts } of live) {
    const next = items[count];
    if (next?.role === role && isDeepStrictEqual(next.parts, parts)) count++;
  }
  return count;
}
