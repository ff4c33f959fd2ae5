import { expect } from "@jest/globals";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { DashScopeError } from "../../../provider/src/dashscope/errors";
import { IncompleteError } from "../../../provider/src/resource/errors";
import type { Account, Checked, Lifecycle, Recorded } from "../../../provider/src/resource/lifecycle";

/** A stack with one resource, as the engine records it. */
export class Stack {
  readonly #lifecycle: Lifecycle<object, object>;
  #resource: (Recorded<object> & { readonly inputs: object }) | undefined;

  constructor(lifecycle: Lifecycle<object, object>) {
    this.#lifecycle = lifecycle;
  }

  /** Whether the state has the resource. */
  get isRecorded(): boolean {
    return this.#resource !== undefined;
  }

  get id(): string {
    return this.#resource?.id ?? "";
  }

  get state(): object {
    return this.#resource?.state ?? {};
  }

  get inputs(): object {
    return this.#resource?.inputs ?? {};
  }

  /** Declares the resource, and records what came of it. Returns the error of an update that failed. */
  async up(program: object, account: Account): Promise<DashScopeError | undefined> {
    const inputs = requireInputs(await this.#lifecycle.check(this.inputs, program, account));
    try {
      this.#record(await this.#apply(inputs, account), inputs);
      return undefined;
    } catch (error) {
      if (error instanceof IncompleteError) this.#record(error, inputs);
      if (error instanceof DashScopeError) return error;
      throw error;
    }
  }

  /** Returns what a preview of the declaration finds. */
  async preview(program: object, account: Account) {
    const inputs = requireInputs(await this.#lifecycle.check(this.inputs, program, account));
    return this.#lifecycle.diff(this.id, this.state, inputs, account);
  }

  async refresh(account: Account): Promise<void> {
    if (this.#resource === undefined) return;
    const live = await this.#lifecycle.read(this.id, this.state, account);
    if (live === undefined) this.#resource = undefined;
    else this.#record({ id: this.id, state: live.state }, live.inputs);
  }

  async destroy(account: Account): Promise<void> {
    await this.#lifecycle.delete(this.id, this.state, account);
    this.#resource = undefined;
  }

  async #apply(inputs: object, account: Account): Promise<Recorded<object>> {
    if (this.#resource === undefined) return this.#lifecycle.create(inputs, account);
    const { id, state } = this.#resource;
    const { changed, replaces } = this.#lifecycle.diff(id, state, inputs, account);
    expect(replaces).toEqual([]);
    return { id, state: changed ? await this.#lifecycle.update(id, state, inputs, account) : state };
  }

  #record({ id, state }: Recorded<object>, inputs: object): void {
    assertStorable(state);
    this.#resource = { id, state, inputs };
  }
}

/** Returns the inputs of a check that found no problem. */
export function requireInputs<T>({ inputs, problems }: Checked<T>): T {
  if (inputs === undefined) throw new Error(`The check refused it: ${problems.join(" ")}`);
  return inputs;
}

/** The host passes properties through protobuf, and the engine takes nothing but UTF-8. */
export function assertStorable(properties: unknown): void {
  if (typeof properties !== "object" || properties === null) throw new Error("There are no properties.");
  const bytes = Struct.fromJavaScript(Object.fromEntries(Object.entries(properties))).serializeBinary();
  expect(Struct.deserializeBinary(bytes).toJavaScript()).toEqual(properties);
  expect(properties).not.toHaveProperty("account_id");
  expect(listStrings(properties).filter((one) => !one.isWellFormed())).toEqual([]);
}

function listStrings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.entries(value).flat().flatMap(listStrings) : [];
}
