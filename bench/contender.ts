import * as dashscope from "pulumi-dashscope";
import { compiled } from "./compiled";
import * as floor from "./floor/thread";
import type { ThreadShape } from "./thread-shape";

export const contenderNames = ["ours", "textbook", "floor"] as const;

export type ContenderName = (typeof contenderNames)[number];

/** Declares a thread in one way to have threads managed by Pulumi. */
export type Declare = (name: string, thread: ThreadShape) => void;

// Compiled beforehand: tsx wraps each function in a call of its own, which would be serialised too.
const textbook: typeof import("./textbook/thread") = compiled("bench/textbook/thread.ts");

export const contenders: Readonly<Record<ContenderName, Declare>> = {
  ours: (name, thread) => void new dashscope.Thread(name, thread),
  textbook: (name, thread) => void new textbook.Thread(name, thread),
  floor: (name, thread) => void new floor.Thread(name, thread),
};

/** A program of `count` threads, all of them different in another `edition`. */
export function programOf(declare: Declare, count: number, edition: string): () => Promise<void> {
  return async () => {
    for (let index = 0; index < count; index++) {
      declare(`thread-${index}`, {
        messages: [{ role: "user", content: "You are talking to the support desk." }],
        metadata: { team: "support", edition },
      });
    }
  };
}
