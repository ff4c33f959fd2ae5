import * as pulumi from "@pulumi/pulumi";

/** What a program asked Pulumi for. */
export interface Recording {
  readonly resources: pulumi.runtime.MockResourceArgs[];
  readonly calls: pulumi.runtime.MockCallArgs[];
  /** What the program threw. Pulumi would end the process. */
  error?: unknown;
}

/** Runs a program with a stack of its own under mocks. */
export async function runProgram(
  config: Readonly<Record<string, string>>,
  program: () => void | Promise<void>,
  result: Record<string, unknown> = {},
): Promise<Recording> {
  const recording: Recording = { resources: [], calls: [] };
  await pulumi.runtime.setMocks({
    newResource(args) {
      recording.resources.push(args);
      return { id: args.id ?? `${args.name}-id`, state: args.inputs };
    },
    call(args) {
      recording.calls.push(args);
      return result;
    },
  });
  pulumi.runtime.setAllConfig({ ...config });
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      await program();
    } catch (error) {
      recording.error = error;
    }
    return {};
  });
  // The next program of the test has mocks of its own.
  await pulumi.runtime.disconnect();
  // Such as a failed assertion.
  if (recording.error !== undefined && !pulumi.RunError.isInstance(recording.error)) throw recording.error;
  return recording;
}

/** Returns the value of an output, and whether it's secret. */
export async function readOutput<T>(output: pulumi.Output<T>) {
  const value = await new Promise<pulumi.Unwrap<T>>((resolve) => {
    pulumi.output(output).apply((known) => resolve(known));
  });
  return { value, isSecret: await pulumi.isSecret(output) };
}
