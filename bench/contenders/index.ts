import * as pulumi from "@pulumi/pulumi";
import * as dashscope from "pulumi-dashscope";
import * as plugin from "pulumi-dashscope/plugin";
import { compile } from "../compile";

/** What every contender declares of a thread: two short labels. */
export interface ThreadShape {
  readonly metadata: Record<string, string>;
}

type Fleet = Readonly<Record<string, ThreadShape>>;

/** The package with the empty hooks in the folder of a stack. */
export const emptyHooksPackage = "bench-empty-hooks";

// tsx wraps each function in a call of its own, which Pulumi would serialize, too.
const dynamicProvider: typeof import("./dynamicProvider") = compile("bench/contenders/dynamicProvider.ts");

class EmptyHooks extends pulumi.CustomResource {
  constructor(type: "Thread" | "ThreadSet", name: string, inputs: object) {
    const __provider = `exports.handler = () => require("${emptyHooksPackage}");`;
    super(`pulumi-nodejs:dynamic/dashscope:${type}`, name, { ...inputs, __provider });
  }
}

/** The ways to declare threads in a Pulumi program. */
export const declarations = {
  Thread: forEachThread((name, thread) => new dashscope.Thread(name, thread)),
  "Thread of the plugin": forEachThread((name, thread) => new plugin.Thread(name, thread)),
  ThreadSet: (threads: Fleet) => {
    new dashscope.ThreadSet("threads", { threads });
  },
  "ThreadSet of the plugin": (threads: Fleet) => {
    new plugin.ThreadSet("threads", { threads });
  },
  "dynamic provider": forEachThread((name, thread) => new dynamicProvider.Thread(name, thread)),
  "empty hooks": forEachThread((name, thread) => new EmptyHooks("Thread", name, thread)),
  "set of empty hooks": (threads: Fleet) => {
    new EmptyHooks("ThreadSet", "threads", { threads });
  },
};

export type DeclarationName = keyof typeof declarations;

/** Builds a fleet. Another edition changes the metadata of all threads. */
export function buildFleet(count: number, edition: string): Fleet {
  const thread: ThreadShape = { metadata: { team: "support", edition } };
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`thread-${index}`, thread]));
}

function forEachThread(declare: (name: string, thread: ThreadShape) => unknown) {
  return (threads: Fleet) => {
    for (const [name, thread] of Object.entries(threads)) declare(name, thread);
  };
}
