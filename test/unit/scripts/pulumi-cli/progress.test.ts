import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { GoLog } from "../../../../scripts/pulumi-cli/go-build";
import { showProgress } from "../../../../scripts/pulumi-cli/progress";

describe("progress", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("is a line now and then where nothing can be rewritten", () => {
    const written: string[] = [];
    const end = showProgress("Building", () => ["7 done"], {
      isTTY: false,
      columns: 80,
      write: (text) => written.push(text),
    });
    jest.advanceTimersByTime(85_000);
    end();
    jest.advanceTimersByTime(60_000);
    expect(written).toEqual([
      "Building: 20 s, 7 done\n",
      "Building: 40 s, 7 done\n",
      "Building: 1 min 0 s, 7 done\n",
      "Building: 1 min 20 s, 7 done\n",
    ]);
  });

  test("is one line on a terminal, no longer than the terminal is wide, and gone at the end", () => {
    const written: string[] = [];
    const end = showProgress("Building", () => ["7 done"], {
      isTTY: true,
      columns: 14,
      write: (text) => written.push(text),
    });
    jest.advanceTimersByTime(2_000);
    end();
    expect(written).toEqual(["\r\u001b[KBuilding: 1 s", "\r\u001b[KBuilding: 2 s", "\r\u001b[K"]);
  });
});

describe("what Go tells of a build", () => {
  test("is counted, and what is wrong is kept", () => {
    const log = new GoLog();
    log.take("go: downloading github.com/pulumi/esc v0.26.0");
    expect(log.state()).toBe("1 modules downloaded");
    for (const line of ["internal/abi", "github.com/pulumi/pulumi/sdk/v3/go/common/util/env"]) log.take(line);
    expect(log.state()).toBe("2 of about 1,700 packages compiled");
    log.take("main.go:3:2: no required module provides package x; to add it:");
    expect(log.complaints()).toBe("main.go:3:2: no required module provides package x; to add it:");
  });
});
