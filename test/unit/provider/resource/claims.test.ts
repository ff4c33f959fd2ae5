import { appendFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SharedClaims } from "../../../../provider/src/resource/claims";

let folder = "";
let one: SharedClaims;
let other: SharedClaims;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "claims-"));
  // As two host processes of one update have them.
  one = new SharedClaims(join(folder, "claims"));
  other = new SharedClaims(join(folder, "claims"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("two processes that share claims", () => {
  test("each process sees the claims of the other", () => {
    expect(one.claim({ ids: ["thread_1"], instance: "a", kind: "recorded" })).toEqual([]);
    expect(other.claim({ ids: ["thread_1"], instance: "b", kind: "adopted" })).toEqual([
      { ids: ["thread_1"], instance: "a", kind: "recorded" },
    ]);
    expect(one.isKept("thread_1", "a")).toBe(true);
    expect(other.isKept("thread_1", "b")).toBe(true);
    expect(one.isKept("thread_2", "a")).toBe(false);
  });

  test("a record can claim its own object again", () => {
    for (const claims of [one, other, one]) {
      expect(claims.claim({ ids: ["thread_1"], instance: "a", kind: "redeclared" })).toEqual([]);
    }
    // Its replacement adopts the object again.
    expect(other.isKept("thread_1", "a")).toBe(true);
  });

  test("a record that was refreshed keeps its object from others, but doesn't conflict with an adoption", () => {
    one.noteRefresh("a");
    expect(one.takeRefresh("a")).toBe(true);
    expect(one.takeRefresh("a")).toBe(false);
    expect(one.claim({ ids: ["thread_1"], instance: "a", kind: "refreshed" })).toEqual([]);
    expect(other.claim({ ids: ["thread_1"], instance: "b", kind: "adopted" })).toEqual([]);
    expect(one.isKept("thread_1", "a")).toBe(true);
    expect(one.isKept("thread_1", "b")).toBe(true);
  });

  test("the latest kind of a claim counts", () => {
    one.claim({ ids: ["thread_1"], instance: "a", kind: "redeclared" });
    one.claim({ ids: ["thread_1"], instance: "a", kind: "recorded" });
    expect(other.claim({ ids: ["thread_1"], instance: "b", kind: "adopted" })).toMatchObject([
      { kind: "recorded" },
    ]);
  });

  test("a released claim is gone in both processes, and only this one", () => {
    one.claim({ ids: ["thread_1", "thread_2"], instance: "a", kind: "adopted" });
    one.claim({ ids: ["thread_1"], instance: "c", kind: "adopted" });
    other.release(["thread_1"], "a");
    expect(one.claim({ ids: ["thread_1"], instance: "b", kind: "recorded" })).toMatchObject([
      { instance: "c" },
    ]);
    expect(one.isKept("thread_2", "b")).toBe(true);
  });

  test("a line that another process is just writing is read when it's complete", () => {
    one.claim({ ids: ["thread_1"], instance: "a", kind: "recorded" });
    const line = JSON.stringify({ ids: ["thread_2"], instance: "b", kind: "recorded" });
    appendFileSync(join(folder, "claims"), line.slice(0, 20));
    expect(one.isKept("thread_2", "a")).toBe(false);
    appendFileSync(join(folder, "claims"), `${line.slice(20)}\n`);
    expect(one.isKept("thread_2", "a")).toBe(true);
  });
});

test("the file of the claims is readable by its user only, and doesn't exist before the first claim", () => {
  expect(one.isKept("thread_1", "a")).toBe(false);
  one.claim({ ids: ["thread_1"], instance: "a", kind: "recorded" });
  expect(statSync(join(folder, "claims")).mode & 0o077).toBe(0);
});
