import { provokeMessages } from "./occasions";

/** Builds one page of all messages, without what differs between runs. */
export async function buildPage(): Promise<string> {
  const sections = (await provokeMessages()).map(({ title, messages }) => {
    const entries = messages.map(({ when, text, exitCode }) => {
      const end = exitCode === undefined ? "" : ` (exit code ${exitCode})`;
      return `- When ${when}${end}:\n\n${quote(normalize(text))}`;
    });
    return `## ${title}\n\n${entries.join("\n\n")}`;
  });
  return `${sections.join("\n\n")}\n`;
}

/** Replaces what differs between runs: URLs, IDs and times. */
function normalize(text: string): string {
  return text
    .replace(/http:\/\/127\.0\.0\.1:\d{2,5}\/api\/v1/g, "https://dashscope.aliyuncs.com/api/v1")
    .replace(
      /http:\/\/127\.0\.0\.1:\d{2,5}\/compatible-mode\/v1/g,
      "https://dashscope.aliyuncs.com/compatible-mode/v1",
    )
    .replace(/127\.0\.0\.1:\d{2,5}/g, "127.0.0.1:8787")
    .replace(/\bthread_[\da-f]{8}-[\da-f-]+/g, "thread_e99a9fe7-0433-426f-98ad-a5139c36579c")
    .replace(/\bconv_[\da-f]{8}-[\da-f-]+/g, "conv_7639f8f6-484b-454a-8125-96a3f40eb9e8")
    .replace(/(request ID )[\da-f]{8}-[\da-f-]+/g, "$1b4a5bd1f-2f7c-9c1b-8b0a-1a1f0a7c6d5e")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-11-23T09:30:00.000Z")
    .replace(/at the last of \d+ attempts/g, "at the last of 2 attempts")
    .replace(/for another \d+ s/g, "for another 2 s");
}

function quote(text: string): string {
  return text
    .split("\n")
    .map((line) => `  > ${line}`.trimEnd())
    .join("\n  >\n");
}
