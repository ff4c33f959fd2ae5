import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

const run = promisify(execFile);
// Both tools load all of TypeScript, and check types.
jest.setTimeout(60_000);
const root = join(__dirname, "../..");

/** What `npm pack` reports. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const packages = [
  { name: "provider", dependencies: ["undici"], kilobytes: { packed: 570, unpacked: 2_400 } },
  {
    name: "emulator",
    dependencies: ["commander", "fastify", "zod"],
    kilobytes: { packed: 115, unpacked: 430 },
  },
];

describe.each(packages)("the package of $name", ({ name, dependencies, kilobytes }) => {
  let folder: string;
  let packed: Packed;
  const listPaths = () => packed.files.map(({ path }) => path);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "publishing-"));
    const options = ["--workspace", name, "--json", "--silent", "--pack-destination", folder];
    const { stdout } = await run("npm", ["pack", ...options], { cwd: root });
    [packed] = JSON.parse(stdout);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test(`the package ${name} is small`, () => {
    expect(packed.size).toBeLessThan(kilobytes.packed * 1_000);
    expect(packed.unpackedSize).toBeLessThan(kilobytes.unpacked * 1_000);
  });

  test(`the package ${name} contains its documents and its build, and nothing else`, () => {
    expect(listPaths()).toEqual(
      expect.arrayContaining(["README.md", "LICENSE", "CHANGELOG.md", "package.json"]),
    );
    const others = listPaths().filter(
      (path) =>
        !/^(dist\/(.+\.(js|js\.map|d\.ts)|plugin\/pulumi-resource-dashscope)|[A-Z]+(\.md)?|package\.json)$/.test(
          path,
        ),
    );
    expect(others).toEqual([]);
  });

  test(`each file of ${name} has a source map that contains the source`, async () => {
    const ours = listPaths().filter(
      (path) => path.endsWith(".js") && !["dist/zod.js", "dist/config/closest.js"].includes(path),
    );
    expect(ours.length).toBeGreaterThan(0);
    for (const path of ours) {
      const { sourcesContent } = JSON.parse(await readFile(join(root, name, `${path}.map`), "utf8"));
      expect(sourcesContent).toEqual([expect.any(String)]);
      expect(listPaths()).toContain(`${path}.map`);
    }
  });

  test(`the package ${name} depends on ${dependencies.join(", ")} only`, async () => {
    const manifest = JSON.parse(await readFile(join(root, name, "package.json"), "utf8"));
    expect(Object.keys(manifest.dependencies)).toEqual(dependencies);
  });

  test.each([
    { tool: "publint", options: ["--strict"] },
    { tool: "attw", options: [] },
  ])(`$tool finds no problem in the package ${name}`, async ({ tool, options }) => {
    const { stdout } = await run(join(root, "node_modules/.bin", tool), [
      join(folder, packed.filename),
      ...options,
    ]);
    expect(stdout).toMatch(/All good!|No problems found/);
  });
});

test("the plugin names each package that it bundles with its license", async () => {
  const bundled = await readFile(join(root, "provider/dist/plugin/pulumi-resource-dashscope"), "utf8");
  const named = [...bundled.matchAll(/^\/\*! (\S+) [\d.]+\n(.+)/gm)].map(([, name, license]) => ({
    name,
    license,
  }));
  expect(named.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["@grpc/grpc-js", "@pulumi/pulumi", "google-protobuf", "undici", "zod"]),
  );
  expect(named.filter(({ license }) => license === "*/")).toEqual([]);
});

test.each([
  ["zod", "zod.js"],
  ["fastest-levenshtein", "config/closest.js"],
])("the bundled library %s keeps its license", async (library, file) => {
  const bundled = await readFile(join(root, "provider/dist", file), "utf8");
  expect(bundled).toMatch(new RegExp(`^/\\*! ${library} [\\d.]+\\n(The )?MIT License`));
});
