import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Properties as the engine sends them. */
export type Properties = Readonly<Record<string, unknown>>;

/** Reads what the engine sent. Unknown values are strings, as the lifecycles expect them. */
export function readStruct(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

/** Writes what the engine gets. A `Struct` can't contain `undefined`. */
export function writeStruct(properties: object): Struct {
  return Struct.fromJavaScript(Object.fromEntries(listDefined(properties)));
}

function listDefined(properties: object): [string, JavaScriptValue][] {
  return Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, toValue(value)] satisfies [string, JavaScriptValue]],
  );
}

function toValue(value: unknown): JavaScriptValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value === "object" && value !== null) return Object.fromEntries(listDefined(value));
  return null;
}
