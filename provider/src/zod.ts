/** What the schemas use of zod. The build bundles it, so that users of the package don't install zod. */

export type { core, infer, ZodMiniType } from "zod/mini";
export {
  array,
  boolean,
  enum,
  exactOptional,
  literal,
  minLength,
  object,
  optional,
  record,
  refine,
  regex,
  strictObject,
  string,
  unknown,
} from "zod/mini";
