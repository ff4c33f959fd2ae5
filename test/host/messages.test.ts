import { expect, test } from "@jest/globals";
import { renderMessages } from "../../scripts/messages/page";

test("every message reads as the snapshot shows it", async () => {
  expect(await renderMessages()).toMatchSnapshot();
});
