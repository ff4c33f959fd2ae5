import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { page } from "./page";

test("the page of messages shows what people read today; `npm run messages` writes it", async () => {
  expect(await page()).toBe(readFileSync(join(__dirname, "../../docs/messages.md"), "utf8"));
});
