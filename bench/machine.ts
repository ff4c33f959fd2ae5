import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { ensurePulumi } from "../scripts/pulumi-cli";

/** On what and with which versions was measured. */
export async function describeMachine(): Promise<string> {
  const { version } = await ensurePulumi();
  const parts = [
    `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1024 ** 3)} GB, ${type()} ${release()}`,
    `Node.js ${process.versions.node}`,
    `Pulumi CLI ${version}`,
    ...["@pulumi/pulumi", "undici", "pulumi-dashscope"].map((name) => `${name} ${versionOf(name)}`),
  ];
  return parts.join(" · ");
}

// As the provider finds them: another copy may lie beside the checkout's own packages.
const provider = createRequire(createRequire(__filename).resolve("pulumi-dashscope"));

function versionOf(name: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(provider.resolve(`${name}/package.json`), "utf8"),
  );
  return version;
}
