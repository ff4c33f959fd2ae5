import * as dynamic from "pulumi-dashscope";
import * as plugin from "pulumi-dashscope/plugin";
import { describeEngine } from "./describeEngine";

/** What a program imports of a front end. */
export type FrontEnd = typeof dynamic | typeof plugin;

const frontEnds: Readonly<Record<string, FrontEnd>> = {
  "dynamic provider": dynamic,
  "provider plugin": plugin,
};

/** Runs the same tests with each front end. They share the lifecycles, and the engine treats each in its own way. */
export function describeFrontEnds(name: string, tests: (frontEnd: FrontEnd) => void): void {
  for (const [title, frontEnd] of Object.entries(frontEnds)) {
    describeEngine(`with the ${title}, ${name}`, () => tests(frontEnd));
  }
}

/** Returns the front ends, for a program that uses all of them at once. */
export function listFrontEnds(): FrontEnd[] {
  return Object.values(frontEnds);
}
