import { readFile, writeFile } from "node:fs/promises";

const introduction = `# Benchmarks

Written by \`npm run bench\`, part by part: do not edit.

*Ours* is this provider. *Textbook* is [a dynamic provider as Pulumi's documentation shows it](../bench/textbook/thread.ts): an object of
hooks that is serialised, with \`fetch\`. *Floor* is [hooks that return at once](../bench/floor/hooks.ts) and send nothing: the engine's own
cost. All three run on the real engine with a local file backend, phase by phase in turns, each time in a fresh process as with every
\`pulumi\` command. Only the ratios matter. At 1,000 threads the textbook takes part in \`preview\` and \`up\` without latency. Times
include the start of the CLI; the host's memory is its peak (Linux only).

What ours adds to the floor: the requests; undici, which the first of them loads; and four more outputs, for which Pulumi's SDK makes
sixteen promises a thread in the program.`;

/** Puts a part, known by its heading, in the place of what an earlier run has measured of it, or at the end. */
export async function writePart(file: string, part: string): Promise<void> {
  const page = await readFile(file, "utf8").catch(() => "");
  const [, ...parts] = page.trimEnd().split(/\n\n(?=## )/);
  const place = parts.findIndex((before) => headingOf(before) === headingOf(part));
  if (place < 0) parts.push(part);
  else parts[place] = part;
  await writeFile(file, `${[introduction, ...parts].join("\n\n")}\n`);
}

/** Puts a table in its place in a page that people have written. */
export async function writeTable(file: string, table: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const place = /(<!-- measured -->\n).*?(<!-- \/measured -->)/s;
  await writeFile(
    file,
    text.replace(place, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
  );
}

function headingOf(part: string): string | undefined {
  return part.split("\n", 1)[0];
}
