import type { FrontEnd } from "../setup";

/** Declares one thread of each kind that a state may hold. */
export function declareRecorded({ Provider, Thread }: FrontEnd): void {
  const account = new Provider("account", { apiKey: "sk-engine-test", workspace: "ws-one" });
  new Thread("plain");
  new Thread("labelled", { metadata: { env: "dev", team: "support" } });
  new Thread("greeted", {
    messages: [{ role: "user", content: "Hello", fileIds: ["file-1"], metadata: { lang: "en" } }],
    metadata: {},
  });
  new Thread("elsewhere", { metadata: { env: "dev" }, workspace: "ws-two" });
  new Thread("of-the-account", { metadata: { env: "dev" } }, { provider: account });
}
