/** Returns the type in a URN, without those of its parents: `urn:pulumi:dev::shop::my:Component$dashscope:index:Thread::support`. */
export function parseType(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** Returns the name in a URN. It may contain anything. */
export function parseName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
