import { Configuration } from "../../config/configuration";
import { argumentKeys, settingKeys } from "../../config/settings";
import { describeUnknownArgument, describeUnknownKey } from "../../config/unknownKeys";
import type { Properties } from "./struct";

// `default`, followed by the version and the download URL of the plugin (`DefaultName` in Pulumi's package deploy/providers).
const defaultName = /^default($|_\d+_\d+_\d+|_(https?|git))/;

/**
 * Whether the engine declared the provider itself, for resources without an explicit one. Its name says so. One that a program named
 * `default-account` is explicit: the stack's key would be another account's.
 */
export function isDefaultProvider(name: string): boolean {
  return defaultName.test(name);
}

/**
 * Reads the configuration of the default provider, which is the stack's, or the arguments of an explicit one. The engine passes the
 * stack's current configuration of this package in `PULUMI_CONFIG`. What it sends is what the last `up` saved.
 */
export function readConfiguration(
  name: string,
  given: Properties,
  environment: NodeJS.ProcessEnv,
): Configuration {
  if (!isDefaultProvider(name))
    return new Configuration(environment, { provider: (key) => toText(given[key]) });
  const current = environment["PULUMI_CONFIG"];
  if (current === undefined) return new Configuration(environment, { stack: (key) => toText(given[key]) });
  const stack: Properties = JSON.parse(current);
  return new Configuration(environment, { stack: (key) => toText(stack[key]) });
}

/** What Pulumi adds to the inputs of every provider. */
const ownKeys = ["version", "pluginDownloadURL"];

/** Describes each key that no setting has: it's a mistake that would otherwise be ignored. */
export function listUnknownKeys(name: string, given: Properties): string[] {
  const isDefault = isDefaultProvider(name);
  const known: readonly string[] = [...ownKeys, ...(isDefault ? settingKeys : argumentKeys)];
  return Object.keys(given)
    .filter((key) => !known.includes(key) && !key.startsWith("__"))
    .map((key) => (isDefault ? describeUnknownKey(key) : describeUnknownArgument(key, name, [])));
}

// The engine passes a provider's arguments with their secrets marked in this way, whatever the plugin says that it accepts.
const signatureKey = "4dabf18193072939515e22adb298388d";

/** Settings are strings. Pulumi's SDKs write others as JSON, and a program may pass a number. */
function toText(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null && signatureKey in value && "value" in value) {
    return toText(value.value);
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : undefined;
}
