import { expect, test } from "@jest/globals";
import { Adoptions } from "../../../../provider/src/thread/adoptions";
import { AdoptionError } from "../../../../provider/src/thread/errors";

test("a thread that is taken over is known by its id", () => {
  const adoptions = new Adoptions();
  adoptions.claim("thread_1");
  expect(adoptions.has("thread_1")).toBe(true);
  expect(adoptions.has("thread_2")).toBe(false);
});

test("a thread cannot be taken over twice in one operation, unless it was let go", () => {
  const adoptions = new Adoptions();
  adoptions.claim("thread_1");
  expect(() => adoptions.claim("thread_1")).toThrow(AdoptionError);
  expect(() => adoptions.claim("thread_1")).toThrow(/^adoptId names thread_1, which another Thread adopts/);
  adoptions.release("thread_1");
  expect(() => adoptions.claim("thread_1")).not.toThrow();
});
