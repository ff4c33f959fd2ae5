import type { ResourceProvider } from "@pulumi/pulumi/dynamic";
import { ConfigurationError } from "../../dashscope/errors";
import type { Place } from "../../dashscope/place";
import { Adoptions } from "../../thread/adoptions";
import { checkInputs, type ThreadInputs, type ThreadState } from "../../thread/contract";
import { IncompleteThreadError, MissingThreadError } from "../../thread/errors";
import * as lifecycle from "../../thread/lifecycle";
import { configurationOf } from "../configBag";
import { Configuration } from "../configuration";
import { reported } from "../hookError";
import { threadsOf } from "../threads";
import { isUnknownAt, unknown } from "../unknown";

/** Inputs and outputs as the host hands them over: with the text that loaded this module. */
type Loaded<T> = T & { readonly __provider: string };

let configuration = new Configuration(process.env, () => undefined);
const adoptions = new Adoptions();

/** The hooks of a `Thread`, called by Pulumi's dynamic-provider host in a process of their own. */
const hooks: ResourceProvider<Loaded<ThreadInputs>, Loaded<ThreadState>> = {
  // The host lets parallel first calls in before this has resolved: it must be done at once, and cannot fail.
  async configure({ config }) {
    configuration = configurationOf(config);
  },

  async check(olds, { __provider, ...news }) {
    const { inputs = news, problems } = checkInputs(news);
    const sentences = problems.filter(({ path }) => !isUnknownAt(news, path)).map(({ sentence }) => sentence);
    try {
      configuration.settings();
      if (sentences.length === 0) {
        return { inputs: { ...lifecycle.check(olds, inputs, placeOfNew(inputs, olds)), __provider } };
      }
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      sentences.push(error.message);
    }
    // A failure that named its property would make the engine print the value: a message, perhaps, or a secret.
    return { failures: sentences.map((reason) => ({ property: "", reason })) };
  },

  async diff(id, state, { __provider, ...news }) {
    const { changed, replaces } = lifecycle.diff(id, state, news);
    // Left undecided, the engine compares the inputs itself, and its preview shows each property.
    return changed ? { replaces } : { changes: false };
  },

  create({ __provider, ...inputs }) {
    return reported(__provider, async () => {
      const place = placeOfNew(inputs);
      const { adoptId } = inputs;
      if (adoptId !== undefined) adoptions.claim(adoptId);
      try {
        const { id, state } = await lifecycle.create(inputs, place, await threadsOf(configuration));
        return { id, outs: { ...state, __provider } };
      } catch (error) {
        const kept = error instanceof IncompleteThreadError;
        if (adoptId !== undefined && !kept) adoptions.release(adoptId);
        throw error;
      }
    });
  },

  read(id, { __provider, ...state } = { __provider: "" }) {
    return reported(__provider, async () => {
      const live = await lifecycle.read(id, state, homeOf(state), await threadsOf(configuration));
      if (live)
        return { id, props: { ...live, __provider }, inputs: { ...lifecycle.inputsOf(live), __provider } };
      // `Thread.get` hands over the program's arguments, a refresh what is recorded; only a refresh understands a blank id.
      if (state.metadata === undefined) throw new MissingThreadError(id, homeOf(state));
      return { id: "" };
    });
  },

  update(id, { __provider: _, ...state }, { __provider, ...news }) {
    return reported(__provider, async () => {
      const outs = await lifecycle.update(id, state, news, homeOf(state), await threadsOf(configuration));
      return { outs: { ...outs, __provider } };
    });
  },

  delete(id, { __provider, ...state }) {
    return reported(__provider, async () => {
      // The replacement that this delete belongs to has just taken over the very thread it would delete.
      if (adoptions.has(id)) return;
      await lifecycle.remove(id, state, homeOf(state), await threadsOf(configuration));
    });
  },
};

/** Where a thread is created: what is declared, else what is configured. */
function placeOfNew(inputs: ThreadInputs, olds: ThreadInputs = {}): Place {
  // No program gives a base URL: `ignoreChanges` has put the recorded one back, so the thread stays where it is.
  if (inputs.baseUrl !== undefined && inputs.baseUrl === olds.baseUrl) {
    const workspace = inputs.workspace ?? olds.workspace;
    return { baseUrl: inputs.baseUrl, ...(workspace !== undefined && { workspace }) };
  }
  const place = configuration.place(inputs);
  // Outside the documented regions a workspace is part of the address, and is unknown with it.
  return place.baseUrl.includes(unknown) ? { ...place, baseUrl: unknown } : place;
}

/** Where a recorded thread lives, whatever is configured today. */
function homeOf(state: ThreadState): Place {
  return lifecycle.placeOf(state) ?? configuration.place(state);
}

// Typed as Pulumi documents it, so that the package's types need none of ours, nor zod's.
const documented: ResourceProvider = hooks;
export = documented;
