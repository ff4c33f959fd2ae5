import { createHash } from "node:crypto";

/**
 * Computes a short fingerprint of a key at an endpoint: 40 bits of a SHA-256, as 10 hex characters. It tells keys apart and doesn't
 * lead back to the key, so it may stand in state files and journals.
 */
export function computeFingerprint(baseUrl: string, key: string): string {
  return createHash("sha256").update(`${baseUrl}\n${key}`).digest("hex").slice(0, 10);
}
