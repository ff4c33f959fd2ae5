import { reportFailure } from "../error";
import { type Row, runFaultTable } from "./faultTable";
import { runKill, scenarios } from "./kills";
import { createUnderLimit, limits } from "./rateLimitedCreates";
import { type Column, conversation, type Subject, thread } from "./subjects";

/** `npm run faults`: prints the outcome of each operation under each fault, of each kill, and under rate limits. */
async function print(): Promise<void> {
  const rows = await runFaultTable();
  for (const subject of [thread, conversation]) {
    console.log(`\nA ${subject.noun}:\n`);
    printRows(
      subject,
      rows.filter((row) => row.subject === subject),
    );
  }

  console.log("\nKills of `pulumi up` while it creates threads under throttling:\n");
  const kills: string[][] = [];
  for (const scenario of scenarios) {
    const { made, recorded, ownedUp, journaled, unanswered } = await runKill(scenario);
    kills.push([
      scenario,
      ...[made, recorded, ownedUp, journaled].map((ids) => `${ids.length}`),
      `${unanswered}`,
    ]);
  }
  printTable([["kill", "made", "recorded", "owned up to", "journaled", "sent and unanswered"], ...kills]);

  console.log("\n100 creates, 32 at once, under a limit of 10 requests a second:\n");
  for (const [name, limit] of Object.entries(limits)) {
    const { made, refused, ratio } = await createUnderLimit(limit);
    console.log(
      `${name}: ${made.length} threads, ${refused} refused, ${ratio.toFixed(2)} × the time that the limit requires`,
    );
  }
}

function printRows({ columns }: Subject, rows: readonly Row[]): void {
  const find = ({ verb, faultCase, strikes }: Row, column: Column) =>
    rows.find(
      (row) =>
        row.column === column && row.verb === verb && row.faultCase === faultCase && row.strikes === strikes,
    );
  const others = columns.filter((column) => column !== "own");
  const names = { own: "own", foreignKey: "foreign key", changedEnvironment: "changed environment" };
  printTable([
    [
      "operation",
      "fault",
      "strikes",
      "requests",
      "made",
      "recorded",
      "owned up to",
      "journaled",
      ...others.map((column) => names[column]),
      "message",
    ],
    ...rows
      .filter(({ column }) => column === "own")
      .map((row) => [
        row.verb,
        row.faultCase.name,
        row.strikes,
        `${row.requests}`,
        `${row.made.length}`,
        `${row.recorded.length}`,
        row.ownedUp ? "yes" : "",
        row.journaled.map(({ end }) => end).join(", "),
        ...others.map((column) => describeColumn(find(row, column))),
        row.message.slice(0, 160),
      ]),
  ]);
}

/** The object after the operation, and the code of the error. */
function describeColumn(row: Row | undefined): string {
  if (row === undefined) return "";
  const [code = "succeeds"] = /DASHSCOPE_ERR_\w+/.exec(row.message) ?? [];
  return `${row.made.length} made, ${row.recorded.length} recorded, ${code}`;
}

function printTable(lines: readonly (readonly string[])[]): void {
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

print().catch(reportFailure);
