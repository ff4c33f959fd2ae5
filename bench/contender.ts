import * as dashscope from "pulumi-dashscope";
import { compiled } from "./compiled";
import * as floor from "./floor/thread";

/** What every contender is given of each thread. */
export interface ThreadShape {
  readonly messages: { role: "user"; content: string }[];
  readonly metadata: Record<string, string>;
}

export const contenderNames = ["ours", "textbook", "floor"] as const;

export type ContenderName = (typeof contenderNames)[number];

/** One way to have threads managed by Pulumi. */
export interface Contender {
  /** Whether it talks to a server at all. */
  readonly sends: boolean;
  declare(name: string, thread: ThreadShape): void;
}

// Compiled beforehand: tsx wraps each function in a call of its own, which would be serialised too.
const textbook: typeof import("./textbook/thread") = compiled("bench/textbook/thread.ts");

export const contenders: Readonly<Record<ContenderName, Contender>> = {
  ours: { sends: true, declare: (name, thread) => void new dashscope.Thread(name, thread) },
  textbook: { sends: true, declare: (name, thread) => void new textbook.Thread(name, thread) },
  floor: { sends: false, declare: (name, thread) => void new floor.Thread(name, thread) },
};

/** A program of `count` threads, all of them different in another `edition`. */
export function programOf({ declare }: Contender, count: number, edition: string): () => Promise<void> {
  return async () => {
    for (let index = 0; index < count; index++) {
      declare(`thread-${index}`, {
        messages: [{ role: "user", content: "You are talking to the support desk." }],
        metadata: { team: "support", edition },
      });
    }
  };
}
