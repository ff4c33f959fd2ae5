import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type ConfigMap,
  type Deployment,
  type DestroyOptions,
  type ImportOptions,
  LocalWorkspace,
  type PreviewOptions,
  type PulumiFn,
  type RefreshOptions,
  Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation";
import { type Emulator, type EmulatorOptions, startEmulator } from "dashscope-emulator";
import { ensurePulumi } from "../pulumi-cli";
import { isolateEngine, plugins } from "./environment";
import { leaveOutClosures, leaveOutSummaries, writeNewStack } from "./lean";
import { OperationFailed, type Outcome, Recording } from "./outcome";
import { inStackEnvironment } from "./stackEnvironment";
import { withProgramErrors } from "./uncaught";

/** A folder inside the checkout, because the host resolves packages from the project's folder. */
const stacksFolder = join(__dirname, "../../.local/engine");
const apiKey = "sk-engine-test";

const project = "engine-test";
const stackName = "test";

/** What the engine records of a resource. */
export interface RecordedResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Record<string, unknown>;
  readonly outputs?: Record<string, unknown>;
}

interface StateFile {
  readonly checkpoint: { readonly latest: { readonly resources?: readonly RecordedResource[] } };
}

/** How a stack is set up. */
export interface StackOptions {
  /** A running emulator, or the options of the stack's own. */
  readonly emulator?: Emulator | EmulatorOptions;
  readonly config?: ConfigMap;
  readonly env?: Readonly<Record<string, string>>;
}

/** A stack, with its emulator and its environment. */
export class EngineStack {
  /** The program of the next operation. */
  program: PulumiFn;
  readonly env: Record<string, string>;
  readonly emulator: Emulator;
  /** The project's folder. */
  readonly folder: string;
  readonly #stack: Stack;

  constructor(
    stack: Stack,
    setting: { program: PulumiFn; env: Record<string, string>; emulator: Emulator; folder: string },
  ) {
    this.program = setting.program;
    this.env = setting.env;
    this.emulator = setting.emulator;
    this.folder = setting.folder;
    this.#stack = stack;
    leaveOutSummaries(stack);
  }

  up(options?: UpOptions): Promise<Outcome> {
    return this.#operate("up", (reports) => this.#stack.up({ ...options, ...reports }));
  }

  preview(options?: PreviewOptions): Promise<Outcome> {
    return this.#operate("preview", (reports) => this.#stack.preview({ ...options, ...reports }));
  }

  refresh(options?: RefreshOptions): Promise<Outcome> {
    return this.#operate("refresh", (reports) => this.#stack.refresh({ ...options, ...reports }));
  }

  destroy(options?: DestroyOptions): Promise<Outcome> {
    return this.#operate("destroy", (reports) => this.#stack.destroy({ ...options, ...reports }));
  }

  import(options: ImportOptions): Promise<Outcome> {
    return this.#operate("import", (reports) => this.#stack.import({ ...options, ...reports }));
  }

  /** Returns the state as it is on the disk, where secrets are encrypted. An export would cost a run of the CLI. */
  readState(): Promise<string> {
    return readFile(join(this.folder, ".pulumi/stacks", project, `${stackName}.json`), "utf8");
  }

  /** Returns the recorded resources by name. The stack itself is `engine-test-test`. */
  async readResources(): Promise<Map<string, RecordedResource>> {
    const { checkpoint }: StateFile = JSON.parse(await this.readState());
    const { resources = [] } = checkpoint.latest;
    return new Map(resources.map((resource) => [resource.urn.split("::").at(-1) ?? "", resource]));
  }

  /** Returns the stack's outputs. */
  async readOutputs(): Promise<Record<string, unknown>> {
    return (await this.readResources()).get(`${project}-${stackName}`)?.outputs ?? {};
  }

  /** Returns the state with its secrets decrypted. */
  exportState(): Promise<Deployment> {
    return inStackEnvironment(this.env, () => this.#stack.exportStack());
  }

  importState(state: Deployment): Promise<void> {
    return inStackEnvironment(this.env, () => this.#stack.importStack(state));
  }

  configure(config: ConfigMap): Promise<void> {
    return inStackEnvironment(this.env, () => this.#stack.setAllConfig(config));
  }

  async #operate(name: string, operation: (reports: Recording) => Promise<unknown>): Promise<Outcome> {
    const recording = new Recording();
    this.#stack.workspace.program = this.program;
    try {
      await inStackEnvironment(this.env, () => withProgramErrors(() => operation(recording)));
    } catch (error) {
      throw new OperationFailed(name, recording.outcome(), error);
    }
    return recording.outcome();
  }
}

/** Found once for each test file, because reading its version costs a run of the CLI. */
let cli: ReturnType<typeof ensurePulumi> | undefined;

const closing: (() => Promise<void>)[] = [];

/** Removes all stacks, and closes their emulators. */
export async function closeStacks(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

/** Creates a stack of a program. */
export async function newStack(options: StackOptions, program: PulumiFn): Promise<EngineStack> {
  cli ??= ensurePulumi();
  const pulumiCommand = await cli;
  await mkdir(stacksFolder, { recursive: true });
  const folder = await mkdtemp(join(stacksFolder, "stack-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const emulator = await resolveEmulator(options.emulator ?? {});
  const env = {
    HOME: folder,
    ...isolateEngine(folder),
    DASHSCOPE_API_KEY: apiKey,
    DASHSCOPE_HTTP_BASE_URL: emulator.url,
    DASHSCOPE_SILENCE_DEPRECATION: "true",
    ...leaveOutClosures,
    ...options.env,
  };
  // The type of the Automation API lacks `plugins`.
  const projectSettings = { name: project, runtime: "nodejs" as const, plugins };
  const workspace = await LocalWorkspace.create({ workDir: folder, pulumiCommand, projectSettings, program });
  workspace.createStack = (name) => writeNewStack(folder, project, name);
  const stack = await Stack.create(stackName, workspace);
  const engineStack = new EngineStack(stack, { program, env, emulator, folder });
  if (options.config !== undefined) await engineStack.configure(options.config);
  return engineStack;
}

async function resolveEmulator(given: Emulator | EmulatorOptions): Promise<Emulator> {
  if ("close" in given) return given;
  const emulator = await startEmulator({ apiKeys: [apiKey], ...given });
  closing.push(() => emulator.close());
  return emulator;
}
