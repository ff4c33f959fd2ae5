import { expect, test } from "@jest/globals";
import { AdoptionError, Adoptions } from "../../../../provider/src/thread/adoptions";

const place = { baseUrl: "https://a.example", workspace: "llm-1" };

test("a thread that is taken over is known by its id and place", () => {
  const adoptions = new Adoptions();
  adoptions.claim("thread_1", place);
  expect(adoptions.has("thread_1", { ...place })).toBe(true);
  expect(adoptions.has("thread_2", place)).toBe(false);
  expect(adoptions.has("thread_1", { baseUrl: place.baseUrl })).toBe(false);
  expect(adoptions.has("thread_1", { ...place, baseUrl: "https://b.example" })).toBe(false);
});

test("a thread cannot be taken over twice in one operation", () => {
  const adoptions = new Adoptions();
  adoptions.claim("thread_1", place);
  expect(() => adoptions.claim("thread_1", place)).toThrow(AdoptionError);
  expect(() => adoptions.claim("thread_1", place)).toThrow(
    /^adoptId names thread_1, which another Thread adopts/,
  );
  expect(() => adoptions.claim("thread_1", { ...place, workspace: "llm-2" })).not.toThrow();
});
