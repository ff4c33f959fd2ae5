import type { ConfigureRequest, ResourceProvider } from "@pulumi/pulumi/dynamic";
import { Configuration } from "../config/configuration";
import { ConfigurationError } from "../dashscope/errors";
import { createAccount } from "../frontEnd/account";
import { checkInputs, isRecorded } from "../frontEnd/check";
import { FrontEndProcess } from "../frontEnd/process";
import { MissingError } from "../resource/errors";
import type { Account, Lifecycle } from "../resource/lifecycle";
import { type Loaded, withoutProviderText } from "../resource/providerText";
import { readConfiguration } from "./configBag";
import { leaveOutRepetitions, runHook } from "./hookError";

/**
 * One of each for all resources of this process, so that they share the client, the claims and the journal. The parent is a shell script
 * of Pulumi's, whose parent is the engine.
 */
const host = new FrontEndProcess(2);
let account: Account = createAccount(new Configuration(process.env), host);
let isConfigured = false;

/** Turns a lifecycle into the hooks that Pulumi's dynamic-provider host calls. */
export function createHooks<Inputs extends object, State extends object>(
  lifecycle: Lifecycle<Inputs, State>,
  noun: string,
): ResourceProvider {
  return {
    // The host lets parallel first calls in before this resolves, so it sets everything at once, and can't fail. The hooks of every
    // resource are configured with the same values.
    async configure({ config }: ConfigureRequest) {
      if (isConfigured) return;
      isConfigured = true;
      leaveOutRepetitions();
      account = createAccount(readConfiguration(config), host);
      host.watchEngine();
    },

    check(olds: Loaded<Inputs>, news: Loaded<Inputs>) {
      const { __provider } = news;
      return runHook(__provider, async () => {
        const { inputs, problems } = await checkInputs(
          lifecycle,
          withoutProviderText(olds),
          withoutProviderText(news),
          account,
        );
        if (inputs !== undefined) return { inputs: { ...inputs, __provider } };
        // A failure that names its property makes the engine print the value: a message, perhaps, or a secret.
        return { failures: problems.map((reason) => ({ property: "", reason })) };
      });
    },

    diff(id: string, olds: Loaded<State>, news: Loaded<Inputs>) {
      return runHook(news.__provider, async () => {
        const { changed, replaces, isUnfinished } = lifecycle.diff(
          id,
          withoutProviderText(olds),
          withoutProviderText(news),
          account,
        );
        // Only a state of the provider plugin has no string to load the hooks from: an update adds it.
        if (olds.__provider === undefined || isUnfinished) return { changes: true, replaces: [...replaces] };
        // If `changes` isn't set, the engine compares the inputs itself, and its preview shows each property.
        return changed ? { replaces: [...replaces] } : { changes: false };
      });
    },

    create(news: Loaded<Inputs>) {
      const { __provider } = news;
      return runHook(__provider, async () => {
        const { id, state } = await lifecycle.create(withoutProviderText(news), account);
        return { id, outs: { ...state, __provider } };
      });
    },

    read(id: string, given?: Loaded<State>) {
      return runHook(given?.__provider ?? "", async () => {
        if (given === undefined) {
          throw new ConfigurationError(`Pulumi can't import a dynamic ${noun}. Set \`adoptId\` instead.`);
        }
        if (!id) {
          throw new ConfigurationError(`\`id\` must be the ID of an existing ${noun}, but it's empty.`);
        }
        const { __provider } = given;
        const live = await lifecycle.read(id, withoutProviderText(given), account);
        if (live) return { id, props: { ...live.state, __provider }, inputs: { ...live.inputs, __provider } };
        if (!isRecorded(given)) throw new MissingError(`${noun} ${id}`, "under the configured endpoint");
        return { id: "" };
      });
    },

    update(id: string, olds: Loaded<State>, news: Loaded<Inputs>) {
      const { __provider } = news;
      return runHook(__provider, async () => {
        const recorded = withoutProviderText(olds);
        const declared = withoutProviderText(news);
        // A record that moved here from the provider plugin may lack only the string. Then there is nothing to send.
        const isMoved = olds.__provider === undefined;
        if (isMoved && !lifecycle.diff(id, recorded, declared, account).changed) {
          return { outs: { ...recorded, __provider } };
        }
        const state = await lifecycle.update(id, recorded, declared, account);
        return { outs: { ...state, __provider } };
      });
    },

    delete(id: string, olds: Loaded<State>) {
      return runHook(olds.__provider, () => lifecycle.delete(id, withoutProviderText(olds), account));
    },
  };
}
