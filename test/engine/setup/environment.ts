/**
 * The program runs in this process and reads `process.env`, which the CLI and the hooks inherit too: so it is the one
 * place to put an environment in force, for as long as an operation runs.
 */
export async function withEnvironment<T>(
  own: Record<string, string>,
  operation: () => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  for (const name of Object.keys(before)) {
    if (/^(DASHSCOPE|PULUMI)_/.test(name)) delete process.env[name];
  }
  for (const [name, value] of Object.entries(own)) {
    if (value === "") delete process.env[name];
    else process.env[name] = value;
  }
  try {
    return await operation();
  } finally {
    for (const name of Object.keys(process.env)) {
      if (!(name in before)) delete process.env[name];
    }
    Object.assign(process.env, before);
  }
}
