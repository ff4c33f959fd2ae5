import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(__dirname, "../../..");
const codes = (text: string) => new Set(text.match(/DASHSCOPE_ERR_[A-Z_]+/g));

test("the page on failures explains exactly the codes of the errors", () => {
  const folder = join(root, "provider/src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const inSources = codes(sources.map((name) => readFileSync(join(folder, name), "utf8")).join());
  expect(codes(readFileSync(join(root, "docs/errors.md"), "utf8"))).toEqual(inSources);
  expect(inSources.size).toBeGreaterThan(10);
});
