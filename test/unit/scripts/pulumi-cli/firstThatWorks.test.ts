import { describe, expect, jest, test } from "@jest/globals";
import { firstThatWorks, type Source } from "../../../../scripts/pulumi-cli/first-that-works";

const works = (name: string) => ({ name, get: jest.fn(async () => name) });
const fails = (name: string, reason: string) => ({
  name,
  get: jest.fn(async (): Promise<string> => {
    throw new Error(reason);
  }),
});

describe("the first source that works", () => {
  test("is taken, and those after it are left alone", async () => {
    const later = works("third");
    await expect(firstThatWorks("", [fails("first", "no"), works("second"), later])).resolves.toBe("second");
    expect(later.get).not.toHaveBeenCalled();
  });

  test("does not exist: one sentence says what to do, then comes the reason of each try", async () => {
    const sources: Source<string>[] = [
      fails("Pulumi on PATH", "there is none"),
      fails("A build", "there is no Go"),
    ];
    await expect(firstThatWorks("Install Pulumi or Go.", sources)).rejects.toThrow(
      "Install Pulumi or Go.\n  - Pulumi on PATH: there is none\n  - A build: there is no Go",
    );
  });

  test("is not looked for any more once that is stopped", async () => {
    const stopping = new AbortController();
    const stopped: Source<string> = {
      name: "first",
      get: async () => {
        stopping.abort();
        throw new Error("interrupted");
      },
    };
    const later = works("second");
    await expect(firstThatWorks("", [stopped, later], stopping.signal)).rejects.toThrow("aborted");
    expect(later.get).not.toHaveBeenCalled();
  });
});
