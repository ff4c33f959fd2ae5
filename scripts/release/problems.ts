import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import semver from "semver";

/** What would be wrong with a release of a checkout under a tag such as `v1.2.3`; a sentence each. */
export function problemsOfRelease(root: string, tag: string): string[] {
  const version = semver.valid(tag);
  if (version === null || tag !== `v${version}`)
    return [`${tag} is not the tag of a release, such as v1.2.3.`];
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const manifest = (folder: string) => JSON.parse(read(`${folder}/package.json`));

  const problems: string[] = [];
  for (const [folder, changelog] of [
    ["provider", "CHANGELOG.md"],
    ["emulator", "emulator/CHANGELOG.md"],
  ] as const) {
    const own = manifest(folder).version;
    if (own !== version) problems.push(`${folder}/package.json has version ${own}, not ${version}.`);
    if (!read(changelog).split("\n").includes(`## ${version}`)) {
      problems.push(`${changelog} has no section "## ${version}".`);
    }
  }
  // With a range that leaves the new version out, npm would give the examples the last one from its registry.
  for (const name of readdirSync(join(root, "examples"))) {
    const { dependencies } = manifest(`examples/${name}`);
    const range = dependencies?.["pulumi-dashscope"];
    if (range !== undefined && !semver.satisfies(version, range)) {
      problems.push(
        `examples/${name}/package.json depends on pulumi-dashscope ${range}, which leaves ${version} out.`,
      );
    }
  }
  return problems;
}
