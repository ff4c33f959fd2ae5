import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateJournal } from "../dashscope/client";
import { DashScopeError } from "../dashscope/errors";
import { type Journal, openJournal } from "../journal/journal";
import { type Claims, SharedClaims } from "../resource/claims";
import { describeEngineStart, EngineWatch, getEngineAddress } from "./engine";

/** What all accounts and resources of a process that the engine started share: the engine, the journal and the claims. */
export class FrontEndProcess {
  readonly journal: Journal = openJournal(process.env);
  readonly claims: Claims;
  #underWay = 0;
  #isEnding = false;
  #watch: EngineWatch | undefined;

  /** @param generations how many processes up the engine is: its child is 1 */
  constructor(generations: number) {
    this.claims = new SharedClaims(prepareClaimsFile(generations));
  }

  /** Journals creates, and sends none once the engine is gone: it could no longer record them. */
  readonly createJournal: CreateJournal = {
    prepare: async () => {
      if (this.#isEnding || (this.#watch !== undefined && !(await this.#watch.isAlive()))) {
        throw new DashScopeError(
          "DASHSCOPE_ERR_INTERRUPTED",
          "The create wasn't sent, because Pulumi has ended and couldn't record it. Run the command again.",
        );
      }
    },
    begin: (create) => {
      const record = this.journal.begin(create);
      this.#underWay++;
      const end = () => {
        this.#underWay--;
        if (this.#isEnding) this.#exitWhenIdle();
      };
      return {
        created: (id) => {
          record.created(id);
          end();
        },
        refused: () => {
          record.refused();
          end();
        },
        uncertain: (id) => {
          record.uncertain(id);
          end();
        },
      };
    },
  };

  /** Ends this process when the engine ends, after the answers to creates that are under way have been journaled. */
  watchEngine(): void {
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || this.#end(false), parentInterval).unref();
    const address = getEngineAddress();
    if (address !== undefined && this.#watch === undefined) {
      this.#watch = new EngineWatch(address, () => this.#end(false));
      // Pulumi ends the process with SIGINT, and five seconds later with SIGKILL. Before that, it has recorded every create.
      process.once("SIGINT", () => this.#end(this.#underWay === 0));
    }
  }

  /** @param isComplete whether the engine recorded what was created. Otherwise the journal stays open, as one of an interrupted run. */
  #end(isComplete: boolean): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (isComplete) this.journal.close();
    this.#exitWhenIdle();
  }

  #exitWhenIdle(): void {
    if (this.#underWay === 0) process.exit();
  }
}

// Milliseconds between two looks at whether the parent is still there.
const parentInterval = 1_000;

const dayInMilliseconds = 86_400_000;

/** The file is the same in all processes of one update: they get the same address and have the same engine. */
function prepareClaimsFile(generations: number): string {
  // By number, because a container's user may have no name. Windows has a temporary folder for each user.
  const folder = join(tmpdir(), `pulumi-dashscope-${process.getuid?.() ?? "user"}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > dayInMilliseconds) {
      rmSync(file, { force: true });
    }
  }
  const update = `${getEngineAddress() ?? process.pid} ${describeEngineStart(generations)}`;
  return join(folder, `claims-${createHash("sha256").update(update).digest("hex").slice(0, 16)}`);
}
