import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-dashscope";
import * as plugin from "pulumi-dashscope/plugin";
import { apiKey, deleteThread, setMetadata } from "./outsider";
import { catchFailure, describeEngine, type EngineStack, newStack } from "./setup";

type Sdk = typeof dynamic | typeof plugin;

function declare({ Thread }: Sdk, args?: dynamic.ThreadArgs): pulumi.automation.PulumiFn {
  return async () => {
    const thread = new Thread("support", args);
    return { threadId: thread.id, metadata: thread.metadata, createdAt: thread.createdAt };
  };
}

/** What both front ends do, because they share the lifecycle. */
const frontEnds: readonly { readonly frontEnd: string; readonly sdk: Sdk }[] = [
  { frontEnd: "dynamic provider", sdk: dynamic },
  { frontEnd: "provider plugin", sdk: plugin },
];

for (const { frontEnd, sdk } of frontEnds) {
  describeEngine(`a thread of the ${frontEnd}`, () => {
    test("shows a change of metadata before it is made, and makes it in place", async () => {
      const stack = await newStack({}, declare(sdk, { metadata: { team: "support", env: "dev" } }));
      await stack.up();
      const [before] = stack.emulator.threads();

      stack.program = declare(sdk, { metadata: { team: "support", env: "prod" } });
      const preview = await stack.preview({ diff: true });
      expect(preview.output).toContain('~ env: "dev" => "prod"');
      expect(preview.changes).toEqual({ update: 1, same: 1 });
      expect(stack.emulator.threads()).toEqual([before]);

      expect((await stack.up()).changes).toEqual({ update: 1, same: 1 });
      expect(stack.emulator.threads()).toEqual([{ ...before, metadata: { team: "support", env: "prod" } }]);
      expect(await stack.readOutputs()).toMatchObject({
        threadId: before?.id,
        metadata: { team: "support", env: "prod" },
        createdAt: before?.createdAt,
      });
    });

    test("is replaced when its messages change, and what depends on it follows", async () => {
      const program = (content: string) => async () => {
        const thread = new sdk.Thread("support", { messages: [{ role: "user", content }] });
        const log = new sdk.Thread("log", { metadata: { of: thread.id } });
        return { threadId: thread.id, of: log.metadata };
      };
      const stack = await newStack({}, program("first text"));
      await stack.up();
      const [first] = stack.emulator.threads();

      stack.program = program("second text");
      const preview = await stack.preview({ diff: true });
      expect(preview.changes).toEqual({ replace: 1, update: 1, same: 1 });
      expect(preview.output).toContain('~ content: "first text" => "second text"');

      expect((await stack.up()).changes).toEqual({ replace: 1, update: 1, same: 1 });
      const threads = stack.emulator.threads();
      expect(threads).toHaveLength(2);
      expect(threads.some(({ id }) => id === first?.id)).toBe(false);
      const { threadId, of } = await stack.readOutputs();
      expect(of).toEqual({ of: threadId });

      stack.program = async () => {
        const thread = new sdk.Thread(
          "support",
          { messages: [{ role: "user", content: "third text" }] },
          { deleteBeforeReplace: true },
        );
        new sdk.Thread("log", { metadata: { of: thread.id } });
      };
      const up = await stack.up();
      expect(up.changes).toEqual({ replace: 1, update: 1, same: 1 });
      const methods = stack.emulator
        .requests()
        .slice(-3)
        .map(({ method }) => method);
      expect(methods).toEqual(["DELETE", "POST", "POST"]);
    });

    test("that drifted is shown by a refresh and repaired by the next up", async () => {
      const stack = await newStack({}, declare(sdk, { metadata: { env: "dev" } }));
      await stack.up();
      await setMetadata(stack, { env: "tampered", extra: "1" });

      expect((await stack.up()).changes).toEqual({ same: 2 });
      const refresh = await stack.refresh();
      expect(refresh.changes).toEqual({ update: 1, same: 1 });

      const preview = await stack.preview({ diff: true });
      expect(preview.output).toContain('~ env  : "tampered" => "dev"');
      expect(preview.output).toContain('- extra: "1"');
      await stack.up();
      expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "dev" } }]);
      await stack.refresh({ expectNoChanges: true });
    });

    test("that was deleted elsewhere fails an update with what to do, then is dropped and made anew", async () => {
      const stack = await newStack({}, declare(sdk, { metadata: { env: "dev" } }));
      await stack.up();
      const [first] = stack.emulator.threads();
      await deleteThread(stack);

      stack.program = declare(sdk, { metadata: { env: "prod" } });
      const failure = await catchFailure(stack.up());
      expect(failure).toContain(String(first?.id));
      expect(failure).toContain("pulumi refresh");
      expect(failure).toContain("[DASHSCOPE_ERR_THREAD_GONE]");

      expect((await stack.refresh()).changes).toEqual({ delete: 1, same: 1 });
      expect((await stack.up()).changes).toEqual({ create: 1, same: 1 });
      expect(stack.emulator.threads()).toMatchObject([{ metadata: { env: "prod" } }]);
    });

    test("keeps secret messages and secret metadata out of the state, the output and the errors", async () => {
      const text = "a text nobody else may read";
      const stack = await newStack(
        {},
        declare(sdk, {
          messages: pulumi.secret([{ role: "user", content: text }]),
          metadata: pulumi.secret({ pin: "4711-0815" }),
        }),
      );
      const seen = [(await stack.preview({ diff: true })).output, (await stack.up()).output];
      seen.push((await stack.refresh()).output, await stateFile(stack));
      stack.program = declare(sdk, {
        messages: pulumi.secret([{ role: "user", content: text }]),
        metadata: pulumi.secret({ pin: "4711-0816" }),
      });
      seen.push((await stack.preview({ diff: true })).output);
      stack.emulator.setFaults([
        {
          kind: "error",
          status: 400,
          code: "InvalidParameter",
          message: `unlike ${text} 4711-0816 ${apiKey}`,
        },
      ]);
      seen.push(await catchFailure(stack.up()));
      stack.emulator.setFaults([]);
      await stack.up();
      seen.push(await stateFile(stack));
      for (const secret of [text, "4711-0815", "4711-0816", apiKey]) {
        expect(seen.filter((output) => output.includes(secret))).toEqual([]);
      }
    });
  });
}

/** The state as it lies on the disk: an export by the Automation API shows secrets. */
function stateFile(stack: EngineStack): Promise<string> {
  return readFile(join(stack.folder, ".pulumi/stacks/engine-test/test.json"), "utf8");
}
