/** The operations on a stack, in the order in which they are measured. */
export const phases = ["preview", "up", "no-op up", "update of all", "refresh", "destroy"] as const;

export type Phase = (typeof phases)[number];

/** Returns the edition of the program that a phase runs. */
export function getEdition(phase: Phase): string {
  return phases.indexOf(phase) < phases.indexOf("update of all") ? "first" : "second";
}
