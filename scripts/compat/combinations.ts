export type NodeVersion = "20" | "22" | "24";
export type Sdk = "oldest" | "newest";
export type Manager = "npm" | "pnpm";
export type Program = "TypeScript 5" | "TypeScript 3.8" | "CommonJS" | "ES module" | "component";

/** The parts of a project. */
export interface Combination {
  readonly node: NodeVersion;
  /** The version of `@pulumi/pulumi`, from the range of our peer dependency. */
  readonly sdk: Sdk;
  readonly manager: Manager;
  readonly program: Program;
}

/** The fewest projects that contain every pair of a Node.js, an SDK, a package manager and a kind of program. */
const combinations: readonly Combination[] = [
  { node: "20", sdk: "oldest", manager: "npm", program: "TypeScript 3.8" },
  { node: "20", sdk: "newest", manager: "pnpm", program: "CommonJS" },
  { node: "20", sdk: "newest", manager: "npm", program: "ES module" },
  { node: "22", sdk: "newest", manager: "pnpm", program: "TypeScript 5" },
  { node: "22", sdk: "oldest", manager: "npm", program: "CommonJS" },
  { node: "22", sdk: "oldest", manager: "pnpm", program: "ES module" },
  { node: "24", sdk: "newest", manager: "npm", program: "TypeScript 5" },
  { node: "24", sdk: "oldest", manager: "pnpm", program: "CommonJS" },
  { node: "24", sdk: "newest", manager: "npm", program: "ES module" },
  // Only the component depends on the provider. npm hoists it to the program's reach, pnpm doesn't.
  { node: "24", sdk: "newest", manager: "npm", program: "component" },
  { node: "22", sdk: "newest", manager: "pnpm", program: "component" },
];

/** Finds the combinations that have all of the words. */
export function findCombinations(words: readonly string[]): Combination[] {
  const chosen = combinations.filter((combination) => {
    const parts: readonly string[] = Object.values(combination);
    return words.every((word) => parts.includes(word));
  });
  if (chosen.length === 0) throw new Error(`No project has all of: ${words.join(", ")}.`);
  return chosen;
}
