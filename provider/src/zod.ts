/** What the contracts use of zod. The build bundles this much of it, so that nobody who installs the package needs zod. */

export type { core, infer } from "zod/mini";
export {
  array,
  enum,
  exactOptional,
  literal,
  object,
  optional,
  record,
  regex,
  strictObject,
  string,
  unknown,
} from "zod/mini";
