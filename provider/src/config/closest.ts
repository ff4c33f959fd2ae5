import { closest } from "fastest-levenshtein";
import { settingKeys } from "./settings";

/** Finds the setting that a mistyped key most likely means. */
export function findClosestKey(key: string): string {
  const lower = key.toLowerCase();
  return settingKeys.find((known) => known.toLowerCase() === lower) ?? closest(key, [...settingKeys]);
}
