import { CreateUncertainError, type DashScopeError, RequestError } from "../dashscope/errors";
import { AccountError, AdoptionError } from "../resource/errors";
import type { Account } from "../resource/lifecycle";

/** A member whose step failed. */
export interface MemberFailure {
  readonly key: string;
  readonly error: DashScopeError;
}

const mostReasons = 3;
const mostUncertain = 50;

/** Describes failures in a few sentences: the first reasons, how many more, and every create that may have worked. */
export function describeFailures(
  failures: readonly MemberFailure[],
  total: number,
  untried: number,
  account: Account,
): string {
  const uncertain = failures.flatMap(({ key, error }) =>
    error instanceof CreateUncertainError ? [{ key, error }] : [],
  );
  const others = failures.filter(({ error }) => !(error instanceof CreateUncertainError));
  const reasons = others
    .slice(0, mostReasons)
    .map(({ key, error }) => `${JSON.stringify(key)}: ${error.sentences}`);
  const more = others.length - reasons.length;
  return [
    `${failures.length} of ${total} threads of the set failed.`,
    ...reasons,
    ...(more > 0 ? [`${more} more failed.`] : []),
    ...(untried > 0
      ? [`The provider didn't try the other ${untried}, because they would fail in the same way.`]
      : []),
    ...describeUncertain(uncertain, account),
  ].join(" ");
}

/** Owns up to every create that may have worked: nothing else refers to what it created. */
function describeUncertain(
  uncertain: readonly { readonly key: string; readonly error: CreateUncertainError }[],
  account: Account,
): string[] {
  const described = uncertain.map(({ key, error }) => {
    const { sentAt, requestId, createdId } = error;
    const evidence = [
      `sent at ${sentAt.toISOString()}`,
      ...(requestId === undefined ? [] : [`request ID ${requestId}`]),
      ...(createdId === undefined ? [] : [`created \`${createdId}\``]),
    ];
    return `${JSON.stringify(key)} (${evidence.join(", ")})`;
  });
  for (let at = mostUncertain; at < described.length; at += mostUncertain) {
    const part = described.slice(at, at + mostUncertain).join(", ");
    account.notify("warning", `DashScope may also have created a thread that nothing refers to for ${part}.`);
  }
  const [first] = uncertain;
  if (first === undefined) return [];
  const more = described.length - mostUncertain;
  return [
    `DashScope may have created a thread that nothing refers to for ${described.slice(0, mostUncertain).join(", ")}${more > 0 ? ` and ${more} more, which the lines above name` : ""}.`,
    `The first reason: ${first.error.failure.reason}.`,
    "The requests weren't sent again, but the next `pulumi up` creates these members. To keep a thread whose ID is known, set `adoptId` to it. If another one matters, contact Alibaba Cloud support with the time and the request ID.",
  ];
}

// These outcomes don't depend on the member, so the next request would have the same.
const accountWide: ReadonlySet<string> = new Set([
  "DASHSCOPE_ERR_NO_KEY",
  "DASHSCOPE_ERR_AUTHENTICATION",
  "DASHSCOPE_ERR_PERMISSION",
  "DASHSCOPE_ERR_BILLING",
  "DASHSCOPE_ERR_WORKSPACE",
  "DASHSCOPE_ERR_INTERRUPTED",
]);

// So many failures in a row, each after its own retries, mean that the service is down.
const mostInARow = 20;

/** Decides when an operation stops trying: thousands of requests that fail in the same way help nobody. */
export class CircuitBreaker {
  #inARow = 0;
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  succeeded(): void {
    this.#inARow = 0;
  }

  failed(error: DashScopeError): void {
    if (accountWide.has(error.code)) this.#isOpen = true;
    if (!isOfOneMember(error) && ++this.#inARow >= mostInARow) this.#isOpen = true;
  }
}

/** Whether an error says nothing about the other members. */
function isOfOneMember(error: DashScopeError): boolean {
  if (error instanceof AccountError || error instanceof AdoptionError) return true;
  return error instanceof RequestError && (error.outcome === "refused" || error.outcome === "gone");
}
