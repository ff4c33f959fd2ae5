/**
 * Returns whether a front end is given what is recorded of a resource. The engine gives that in a refresh, but in a `get` what the program
 * declares, and in an import nothing. Only a refresh understands that a resource is gone: the others want one that exists.
 */
export function isRecorded(given: object): boolean {
  // The first release recorded no instance.
  return "__instance" in given || "metadata" in given;
}
