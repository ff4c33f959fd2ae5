import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Thread, ThreadSet } from "pulumi-dashscope";
import { readJournal } from "../../provider/src/journal/read";
import { OperationFailed } from "../engine/outcome";
import { type EngineStack, newStack } from "../engine/stack";

/** The ways in which an `up` ends early. */
export const scenarios = ["the CLI is killed", "the host is killed", "^C twice"] as const;
export type Scenario = (typeof scenarios)[number];

/** What exists after an `up` that ended early, and where a user finds it: lists of thread IDs. */
export interface KillResult {
  readonly stack: EngineStack;
  readonly made: readonly string[];
  readonly recorded: readonly string[];
  /** In what the command printed. */
  readonly ownedUp: readonly string[];
  readonly journaled: readonly string[];
  /** The number of creates that the journal has as sent and not answered. */
  readonly unanswered: number;
  /** The number of creates that the host sent later than the kill. */
  readonly sentLater: number;
  /** Whether no process of the `up` runs. */
  readonly ended: boolean;
}

/** What each process of an `up` is, by its command line. */
const processes = {
  CLI: /\/pulumi\0up\0/,
  host: /node\0.*(dynamic-provider|pulumi-resource-dashscope)/,
};
/** A process of an `up`. */
export type Victim = keyof typeof processes;

const threads = 16;

// More than the burst, so that the first ones were answered.
const madeBefore = 6;

// A kill takes effect between two requests, and a request that left before it may arrive after it.
const graceMilliseconds = 500;

const names = Array.from({ length: threads }, (_, count) => `thread-${count}`);

/** The ways to declare the threads. */
const programs = {
  Thread: async () => {
    for (const name of names) new Thread(name);
  },
  ThreadSet: async () => {
    new ThreadSet("threads", { threads: Object.fromEntries(names.map((name) => [name, {}])) });
  },
};

/** Runs `up` for threads that DashScope throttles, and ends it while it creates them. */
export async function runKill(
  scenario: Scenario,
  resource: keyof typeof programs = "Thread",
): Promise<KillResult> {
  const stack = await newStack(
    {
      emulator: { latency: 200, rateLimit: { requestsPerSecond: 4, burst: 4 } },
    },
    programs[resource],
  );
  const { emulator } = stack;
  const operation = stack.up().then(
    ({ output }) => output,
    (error: unknown) => (error instanceof OperationFailed ? error.output : String(error)),
  );
  while (emulator.threads().length < madeBefore) await sleep(10);
  await endEarly(stack, scenario);
  const killedAt = Date.now();
  const output = await operation;
  const ended = await waitForEnd(stack);
  // A host that wasn't told would go on now.
  await sleep(1_000);

  const made = emulator.threads().map(({ id }) => id);
  const state = await stack.readState();
  const { creates } = readJournal(getJournal(stack));
  return {
    stack,
    made,
    recorded: made.filter((id) => state.includes(id)),
    ownedUp: made.filter((id) => output.includes(id)),
    journaled: creates.flatMap(({ id }) => (id === undefined ? [] : [id])),
    unanswered: creates.filter(({ end }) => end === "unanswered").length,
    sentLater: creates.filter(({ time }) => Date.parse(time) > killedAt + graceMilliseconds).length,
    ended,
  };
}

async function endEarly(stack: EngineStack, scenario: Scenario): Promise<void> {
  if (scenario === "the CLI is killed") await signal(stack, "CLI", "SIGKILL");
  else if (scenario === "the host is killed") await signal(stack, "host", "SIGKILL");
  else {
    await signal(stack, "CLI", "SIGINT");
    await sleep(300);
    await signal(stack, "CLI", "SIGINT");
  }
}

/** Sends a signal to a process of the stack's running operation. */
export async function signal(stack: EngineStack, victim: Victim, name: NodeJS.Signals): Promise<void> {
  for (const pid of await findProcesses(stack, victim)) process.kill(pid, name);
}

/** The folder of the journal of a stack's hosts. */
export function getJournal({ env }: EngineStack): string {
  return join(env["PULUMI_HOME"] ?? "", "dashscope", "journal");
}

/** Waits until neither the CLI nor a host of the stack runs. Returns false if one still does after ten seconds. */
export async function waitForEnd(stack: EngineStack): Promise<boolean> {
  for (let waited = 0; waited < 10_000; waited += 100) {
    const running = [...(await findProcesses(stack, "CLI")), ...(await findProcesses(stack, "host"))];
    if (running.length === 0) return true;
    await sleep(100);
  }
  return false;
}

async function findProcesses(stack: EngineStack, victim: Victim): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    if (!processes[victim].test(await read("cmdline"))) continue;
    if ((await read("environ")).includes(`PULUMI_BACKEND_URL=${stack.env["PULUMI_BACKEND_URL"]}`)) {
      found.push(Number(pid));
    }
  }
  return found;
}
