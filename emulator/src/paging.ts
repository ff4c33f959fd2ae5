import { z } from "zod";

export const MAX_LIMIT = 100;

const cursorSchema = z
  .string({ error: "must be given once." })
  .transform((id) => (id === "" ? undefined : id))
  .optional();

const limitError = `must be a whole number from 1 to ${MAX_LIMIT}.`;

/** The query of a list call. DashScope documents no default limit for messages; 20 is the default for items. */
export const pageQuerySchema = z.object({
  limit: z
    .string({ error: limitError })
    .regex(/^\d{1,3}$/, limitError)
    .transform(Number)
    .pipe(z.number().min(1, limitError).max(MAX_LIMIT, limitError))
    .default(20),
  /** By age: `asc` is oldest first. */
  order: z.enum(["asc", "desc"], { error: 'must be "asc" or "desc".' }).default("desc"),
  /** The ID after which the page starts, in the order asked for. */
  after: cursorSchema,
  /** The ID before which the page ends, in the order asked for. */
  before: cursorSchema,
});

/** Which part of a list is wanted. */
export type PageQuery = Omit<z.infer<typeof pageQuerySchema>, "before"> & { before?: string | undefined };

/** Some IDs of a list, in the order asked for. */
export interface Page {
  ids: string[];
  /** Whether there are more in the direction in which the page was read. */
  hasMore: boolean;
}

/** Selects a page of `ids`, which are oldest first; undefined if a cursor is none of them. */
export function selectPage(ids: string[], { limit, order, after, before }: PageQuery): Page | undefined {
  const ordered = order === "asc" ? ids : ids.toReversed();
  const start = after === undefined ? 0 : ordered.indexOf(after) + 1;
  const end = before === undefined ? ordered.length : ordered.indexOf(before);
  if ((after !== undefined && start === 0) || end === -1) return undefined;
  const between = ordered.slice(start, end);
  // `before` alone asks for the page that ends there.
  const fromEnd = before !== undefined && after === undefined;
  return {
    ids: fromEnd ? between.slice(-limit) : between.slice(0, limit),
    hasMore: between.length > limit,
  };
}
