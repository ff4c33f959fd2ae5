import type { Stack } from "@pulumi/pulumi/automation";

/** The life of a stack. */
export const phases = ["preview", "up", "no-op up", "update of all", "refresh", "destroy"] as const;

export type Phase = (typeof phases)[number];

interface Operation {
  /** Of the program that it runs. */
  readonly edition: "first" | "second";
  /** Whether it leaves everything as it is. */
  readonly repeatable: boolean;
  operate(stack: Stack): Promise<unknown>;
}

export const operations: Readonly<Record<Phase, Operation>> = {
  preview: { edition: "first", repeatable: true, operate: (stack) => stack.preview() },
  up: { edition: "first", repeatable: false, operate: (stack) => stack.up() },
  "no-op up": { edition: "first", repeatable: true, operate: (stack) => stack.up() },
  "update of all": { edition: "second", repeatable: false, operate: (stack) => stack.up() },
  refresh: { edition: "second", repeatable: true, operate: (stack) => stack.refresh() },
  destroy: { edition: "second", repeatable: false, operate: (stack) => stack.destroy() },
};
