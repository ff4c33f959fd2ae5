import { isDeepStrictEqual } from "node:util";
import { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import type { Properties } from "./struct";

const { Kind } = PropertyDiff;

/** How one property differs, by its path in Pulumi's notation. */
export type DetailedDiff = ReadonlyMap<string, PropertyDiff>;

/**
 * Lists the inputs that differ, down to the smallest part, so that a preview shows `metadata.env` and not the whole metadata.
 *
 * @param replaces the properties whose change needs another resource
 */
export function compareInputs(olds: Properties, news: Properties, replaces: readonly string[]): DetailedDiff {
  const diff = new Map<string, PropertyDiff>();
  for (const key of listKeys(olds, news)) {
    // Pulumi hides these.
    if (key.startsWith("__")) continue;
    compare(olds[key], news[key], quoteKey("", key), replaces.includes(key), diff);
  }
  // A property that only the record has, such as the endpoint of an earlier release.
  for (const key of replaces) {
    const isListed = [...diff.keys()].some(
      (path) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
    );
    if (!isListed) diff.set(key, buildDiff(Kind.UPDATE_REPLACE, false));
  }
  return diff;
}

function compare(
  old: unknown,
  now: unknown,
  path: string,
  isReplaced: boolean,
  diff: Map<string, PropertyDiff>,
): void {
  if (isDeepStrictEqual(old, now)) return;
  if (old === undefined) diff.set(path, buildDiff(isReplaced ? Kind.ADD_REPLACE : Kind.ADD, true));
  else if (now === undefined) diff.set(path, buildDiff(isReplaced ? Kind.DELETE_REPLACE : Kind.DELETE, true));
  else if (Array.isArray(old) && Array.isArray(now)) {
    for (let at = 0; at < Math.max(old.length, now.length); at++) {
      compare(old[at], now[at], `${path}[${at}]`, isReplaced, diff);
    }
  } else if (isObject(old) && isObject(now)) {
    for (const key of listKeys(old, now)) compare(old[key], now[key], quoteKey(path, key), isReplaced, diff);
  } else diff.set(path, buildDiff(isReplaced ? Kind.UPDATE_REPLACE : Kind.UPDATE, true));
}

function buildDiff(kind: PropertyDiff.Kind, isOfInput: boolean): PropertyDiff {
  return new PropertyDiff().setKind(kind).setInputdiff(isOfInput);
}

function listKeys(one: Properties, other: Properties): ReadonlySet<string> {
  return new Set([...Object.keys(one), ...Object.keys(other)]);
}

function quoteKey(path: string, key: string): string {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}["${key.replace(/["\\]/g, "\\$&")}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
