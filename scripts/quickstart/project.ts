import { join } from "node:path";
import { LocalWorkspace, type PulumiCommand, type PulumiFn } from "@pulumi/pulumi/automation";
import { require as requireTypeScript } from "tsx/cjs/api";

export interface Project {
  readonly name: string;
  /** Where the program is, seen from the project's folder. */
  readonly main: string;
  readonly program: PulumiFn;
}

/** The project that the `Pulumi.yaml` in a folder declares. */
export async function projectIn(folder: string, pulumiCommand: PulumiCommand): Promise<Project> {
  const workspace = await LocalWorkspace.create({ workDir: folder, pulumiCommand });
  const { name, main = "." } = await workspace.projectSettings().catch((error: unknown) => {
    throw new Error(
      `${join(folder, "Pulumi.yaml")} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  });
  return {
    name,
    main,
    // As Pulumi's language host does: load the program, and take what it exports for the stack's outputs.
    program: async () => {
      const outputs: Record<string, unknown> = requireTypeScript(join(folder, main), __filename);
      return { ...outputs };
    },
  };
}
