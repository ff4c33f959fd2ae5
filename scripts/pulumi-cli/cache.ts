import { homedir } from "node:os";
import { join } from "node:path";
import { ourVersion } from "./version";

/** Outside the checkout, so that a fresh clone finds what an earlier one downloaded or built. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const caches = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(caches, "pulumi-dashscope", "pulumi", ourVersion);
}
