/**
 * What a hook is given, during a preview, in the place of a value that is not known yet: at any depth and whatever its type.
 * The constant is Pulumi's `UnknownStringValue` (sdk/go/common/resource/plugin/rpc.go).
 */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether the value at `path`, or one that holds it, is unknown. */
export function isUnknownAt(value: unknown, path: readonly PropertyKey[]): boolean {
  if (value === unknown) return true;
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== "object" || value === null) return false;
  return isUnknownAt(Reflect.get(value, key), rest);
}
