import { createUnderLimit, limits } from "./rateLimit";
import { faultTable } from "./table";

/** `npm run faults`: what becomes of every verb in every trouble, as a table. */
async function print(): Promise<void> {
  const rows = await faultTable();
  const lines = [
    ["verb", "trouble", "strikes", "requests", "threads", "state", "what the person reads"],
    ...rows.map(({ verb, trouble, strikes, requests, threads, state, message }) => [
      verb,
      trouble.name,
      strikes,
      `${requests}`,
      `${threads.length}`,
      `${state.length}`,
      message.slice(0, 160),
    ]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of lines) {
    const cells = line.map((cell, column) => (column === 6 ? cell : cell.padEnd(widths[column] ?? 0)));
    console.log(cells.join("  "));
  }

  console.log("\n100 creates, 32 at once, against a limit of 10 requests a second:");
  for (const [name, limit] of Object.entries(limits)) {
    const { made, refused, ratio } = await createUnderLimit(limit);
    console.log(
      `${name}: ${made.length} threads, ${refused} refused, ${ratio.toFixed(2)} × the limit's own time`,
    );
  }
}

print();
