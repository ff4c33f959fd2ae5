import { expect, jest, test } from "@jest/globals";
import { buildPage } from "../../scripts/messages/messagePage";

jest.setTimeout(240_000);

test("every message reads as the snapshot shows", async () => {
  expect(`\n${await buildPage()}`).toMatchSnapshot();
});
