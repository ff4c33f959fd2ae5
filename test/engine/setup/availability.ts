/** How the global setup tells the test files, which run in other processes, why there is no CLI. */
const variable = "ENGINE_TESTS_WITHOUT_PULUMI";

export function whyNoCli(): string | undefined {
  return process.env[variable];
}

export function tellThereIsNoCli(reason: string): void {
  process.env[variable] = reason;
}
