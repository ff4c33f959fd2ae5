import { deepStrictEqual } from "node:assert";
import { delimiter, join } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation";
import { isolateEngine } from "../engine/environment";
import { ensurePulumi } from "../pulumi-cli";
import { root } from "../run";
import type { Project } from "./project";

/** The endpoint and the key of a project's programs. */
export interface Service {
  readonly url: string;
  readonly apiKey: string;
}

/** Creates the stack of a project. */
export async function createStack(project: Project, service: Service): Promise<Stack> {
  const languageHost = join(root, "scripts/engine/languageHost");
  const stack = await LocalWorkspace.createStack(
    { stackName: "dev", workDir: project.folder },
    {
      pulumiCommand: await ensurePulumi(),
      envVars: {
        ...isolateEngine(project.folder),
        PATH: `${languageHost}${delimiter}${await project.resolvePath()}`,
        HOME: project.folder,
        DASHSCOPE_API_KEY: service.apiKey,
        DASHSCOPE_HTTP_BASE_URL: service.url,
        DASHSCOPE_SILENCE_DEPRECATION: "true",
      },
    },
  );
  await stack.setConfig("env", { value: "dev" });
  return stack;
}

/**
 * Creates a thread, runs an `up` without a change, then updates, refreshes and deletes the thread.
 * @param others the number of resources that aren't threads
 */
export async function walkThrough(stack: Stack, others: number): Promise<void> {
  const all = others + 1;
  const changes = async (operation: Promise<{ summary: { resourceChanges?: object } }>) =>
    (await operation).summary.resourceChanges;

  deepStrictEqual(await changes(stack.up()), { create: all });
  deepStrictEqual(await changes(stack.up()), { same: all });
  await stack.setConfig("env", { value: "prod" });
  const updated = await stack.up();
  deepStrictEqual(updated.summary.resourceChanges, { same: others, update: 1 });
  deepStrictEqual(updated.outputs["seen"]?.value, { env: "prod" });
  deepStrictEqual(await changes(stack.refresh()), { same: all });
  deepStrictEqual(await changes(stack.destroy()), { delete: all });
}
