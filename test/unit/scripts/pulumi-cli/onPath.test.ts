import { delimiter } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pulumiOnPath } from "../../../../scripts/pulumi-cli/on-path";
import { newFolder, putProgram } from "./fakes";

describe("the CLI on PATH", () => {
  const path = process.env["PATH"];
  const host = "pulumi-resource-pulumi-nodejs";
  let folder: string;

  beforeEach(async () => {
    folder = await newFolder();
    process.env["PATH"] = folder;
  });
  afterEach(() => {
    process.env["PATH"] = path;
  });

  test("is taken when it is new enough and has the host of dynamic providers", async () => {
    await putProgram(folder, "pulumi", "v3.300.0");
    await putProgram(folder, host);
    expect(String((await pulumiOnPath()).version)).toBe("3.300.0");
  });

  test("may have that host anywhere on PATH", async () => {
    const elsewhere = await newFolder();
    process.env["PATH"] += delimiter + elsewhere;
    await putProgram(folder, "pulumi", "v3.254.0");
    await putProgram(elsewhere, host);
    expect(String((await pulumiOnPath()).version)).toBe("3.254.0");
  });

  test.each([
    ["there is none", async () => {}],
    [
      `the one in FOLDER has no ${host} beside it`,
      async () => {
        await putProgram(folder, "pulumi", "v3.300.0");
      },
    ],
    [
      "it is version 3.253.9, and 3.254.0 or newer is needed",
      async () => {
        await putProgram(folder, "pulumi", "v3.253.9");
        await putProgram(folder, host);
      },
    ],
    [
      "it does not run (Failed to parse Pulumi CLI version.",
      async () => {
        await putProgram(folder, "pulumi", "hello");
        await putProgram(folder, host);
      },
    ],
  ])("is passed over: %s", async (reason, arrange) => {
    await arrange();
    await expect(pulumiOnPath()).rejects.toThrow(reason.replace("FOLDER", folder));
  });
});
