import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type ConfigMap,
  type Deployment,
  type DestroyOptions,
  type ImportOptions,
  LocalWorkspace,
  type OutputMap,
  type PreviewOptions,
  type PulumiFn,
  type RefreshOptions,
  type Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation";
import { type Emulator, type EmulatorOptions, startEmulator } from "dashscope-emulator";
import { ensurePulumi } from "../pulumi-cli";
import { closedEngine, plugins } from "./environment";
import { leaveOutSummaries } from "./lean";
import { OperationFailed, type Outcome, Recording } from "./outcome";
import { inStacksEnvironment } from "./stackEnvironment";
import { withProgramsErrors } from "./uncaught";

/** Inside the checkout: the host resolves packages from the project's folder, and finds ours in its node_modules. */
const stacksFolder = join(__dirname, "../../.local/engine");
const apiKey = "sk-engine-test";

export interface StackOptions {
  /** One that runs already, or the options for one of the stack's own. */
  readonly emulator?: Emulator | EmulatorOptions;
  readonly config?: ConfigMap;
  readonly env?: Readonly<Record<string, string>>;
}

export class EngineStack {
  /** Swap it between operations. */
  program: PulumiFn;
  readonly env: Record<string, string>;
  readonly emulator: Emulator;
  /** The project's folder. */
  readonly folder: string;
  readonly #stack: Stack;
  readonly #outputs: () => Promise<OutputMap>;

  constructor(
    stack: Stack,
    setting: { program: PulumiFn; env: Record<string, string>; emulator: Emulator; folder: string },
  ) {
    this.program = setting.program;
    this.env = setting.env;
    this.emulator = setting.emulator;
    this.folder = setting.folder;
    this.#stack = stack;
    this.#outputs = stack.outputs.bind(stack);
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

  outputs(): Promise<OutputMap> {
    return inStacksEnvironment(this.env, () => this.#outputs());
  }

  exportState(): Promise<Deployment> {
    return inStacksEnvironment(this.env, () => this.#stack.exportStack());
  }

  importState(state: Deployment): Promise<void> {
    return inStacksEnvironment(this.env, () => this.#stack.importStack(state));
  }

  configure(config: ConfigMap): Promise<void> {
    return inStacksEnvironment(this.env, () => this.#stack.setAllConfig(config));
  }

  async #operate(name: string, operation: (reports: Recording) => Promise<unknown>): Promise<Outcome> {
    const recording = new Recording();
    this.#stack.workspace.program = this.program;
    try {
      await inStacksEnvironment(this.env, () => withProgramsErrors(() => operation(recording)));
    } catch (error) {
      throw new OperationFailed(name, recording.outcome(), error);
    }
    return recording.outcome();
  }
}

/** Asked for once a test file: to be told its version costs a run of the CLI. */
let cli: ReturnType<typeof ensurePulumi> | undefined;

const closing: (() => Promise<void>)[] = [];

export async function closeStacks(): Promise<void> {
  await Promise.all(closing.splice(0).map((close) => close()));
}

export async function newStack(options: StackOptions, program: PulumiFn): Promise<EngineStack> {
  cli ??= ensurePulumi();
  const pulumiCommand = await cli;
  await mkdir(stacksFolder, { recursive: true });
  const folder = await mkdtemp(join(stacksFolder, "stack-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const emulator = await emulatorFor(options.emulator ?? {});
  const env = {
    HOME: folder,
    ...closedEngine(folder),
    DASHSCOPE_API_KEY: apiKey,
    DASHSCOPE_HTTP_BASE_URL: emulator.url,
    ...options.env,
  };
  const projectSettings = { name: "engine-test", runtime: "nodejs", plugins };
  const stack = await inStacksEnvironment(env, () =>
    LocalWorkspace.createStack(
      { projectName: projectSettings.name, stackName: "test", program },
      { workDir: folder, pulumiCommand, projectSettings },
    ),
  );
  const engineStack = new EngineStack(stack, { program, env, emulator, folder });
  if (options.config !== undefined) await engineStack.configure(options.config);
  return engineStack;
}

async function emulatorFor(given: Emulator | EmulatorOptions): Promise<Emulator> {
  if ("close" in given) return given;
  const emulator = await startEmulator({ apiKeys: [apiKey], ...given });
  closing.push(() => emulator.close());
  return emulator;
}
