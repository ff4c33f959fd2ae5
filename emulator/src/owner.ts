import { z } from "zod";

/** Who can reach an object: the account and the workspace that created it. */
export interface Owner {
  readonly account: string | undefined;
  readonly workspace: string | undefined;
}

/** The owner in a stored row. */
export const ownerFields = {
  /** The account of the key that created it; absent for the default account. */
  account: z.string().exactOptional(),
  /** The workspace named at creation; absent for the key's own. */
  workspace: z.string().exactOptional(),
};

export interface OwnedRow {
  account?: string;
  workspace?: string;
}

/** Returns the owner as the fields of a stored row. */
export function formatOwner({ account, workspace }: Owner): OwnedRow {
  return { ...(account !== undefined && { account }), ...(workspace !== undefined && { workspace }) };
}

export function isOwnedBy(row: OwnedRow, owner: Owner): boolean {
  return row.account === owner.account && row.workspace === owner.workspace;
}
