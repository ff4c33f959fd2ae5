import { ApiError } from "./errors";

/** Lets a request pass, or throws the documented 401. */
export type KeyCheck = (authorization: string | undefined) => void;

/** @param apiKeys the keys that are accepted; undefined accepts any that is not empty. */
export function keyCheck(apiKeys: readonly string[] | undefined): KeyCheck {
  const accepted = apiKeys && new Set(apiKeys);
  return (authorization) => {
    const key = /^Bearer\s+(.*)$/i.exec(authorization ?? "")?.[1]?.trim();
    if (!key) throw new ApiError(401, "InvalidApiKey", "No API-key provided.");
    if (accepted && !accepted.has(key)) throw new ApiError(401, "InvalidApiKey", "Invalid API-key provided.");
  };
}
