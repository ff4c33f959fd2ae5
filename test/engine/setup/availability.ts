/** With this variable, the global set-up tells the processes of the test files why the CLI is missing. */
const variable = "ENGINE_TESTS_WITHOUT_PULUMI";

export function readMissingCliReason(): string | undefined {
  return process.env[variable];
}

export function reportMissingCli(reason: string): void {
  process.env[variable] = reason;
}
