/** What every contender is given of each thread. */
export interface ThreadShape {
  readonly messages: { role: "user"; content: string }[];
  readonly metadata: Record<string, string>;
}
