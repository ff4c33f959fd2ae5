import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";
import { say } from "../say";

/** Checks a release of a checkout under a tag such as `v1.2.3`. Returns a sentence for each problem. */
export function checkRelease(root: string, tag: string): string[] {
  const version = semver.valid(tag);
  if (version === null || tag !== `v${version}`)
    return [`Invalid release tag \`${tag}\`: use a tag such as \`v1.2.3\`.`];
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const readManifest = (folder: string) => JSON.parse(read(`${folder}/package.json`));

  const problems: string[] = [];
  for (const [folder, changelog] of [
    ["provider", "CHANGELOG.md"],
    ["emulator", "emulator/CHANGELOG.md"],
  ] as const) {
    const found = readManifest(folder).version;
    if (found !== version)
      problems.push(`${folder}/package.json has version ${found} instead of ${version}.`);
    if (!read(changelog).split("\n").includes(`## ${version}`))
      problems.push(`${changelog} has no section "## ${version}".`);
  }
  // If the range excludes the new version, npm installs the previous one from the registry into the example.
  for (const name of readdirSync(join(root, "examples"))) {
    const range = readManifest(`examples/${name}`).dependencies?.["pulumi-dashscope"];
    if (range !== undefined && !semver.satisfies(version, range))
      problems.push(
        `examples/${name}/package.json depends on pulumi-dashscope ${range}, which excludes ${version}.`,
      );
  }
  return problems;
}

if (require.main === module) {
  for (const problem of checkRelease(join(__dirname, "../.."), process.argv[2] ?? "")) {
    say(problem);
    process.exitCode = 1;
  }
}
