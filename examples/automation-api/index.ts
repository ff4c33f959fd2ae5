import { LocalWorkspace } from "@pulumi/pulumi/automation";
import * as dashscope from "pulumi-dashscope";

/** Creates a thread for a conversation that begins now, and deletes it when the conversation is over. */
async function main(): Promise<void> {
  const stack = await LocalWorkspace.createOrSelectStack(
    {
      projectName: "dashscope-automation-api",
      stackName: "demo",
      program: async () => {
        const thread = new dashscope.Thread("conversation", {
          metadata: { team: "support" },
        });
        return { threadId: thread.id };
      },
    },
    {
      workDir: __dirname,
      // Without `main`, Pulumi wouldn't find the hooks in this folder's node_modules.
      projectSettings: { name: "dashscope-automation-api", runtime: "nodejs", main: __dirname },
    },
  );
  const { outputs } = await stack.up();
  console.log(`The conversation's thread is ${outputs["threadId"]?.value}.`);
  await stack.destroy();
  console.log("The conversation is over.");
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
