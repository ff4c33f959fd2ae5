import { validateHeaderName, validateHeaderValue } from "node:http";
import { verbs } from "./verbs";

/** What a field may hold. */
export type FieldType =
  | "rate"
  | "burst"
  | "status"
  | "text"
  | "header"
  | "milliseconds"
  | "flag"
  | "headers"
  | "verb"
  | "count"
  | "share";

/** The fields of an object that comes from outside. */
export interface Fields {
  required?: Record<string, FieldType>;
  optional?: Record<string, FieldType>;
}

function isHeader(name: string, value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

const isNumber = (value: unknown): value is number => typeof value === "number";

const fieldTypes: Record<FieldType, { is: (value: unknown) => boolean; name: string }> = {
  status: {
    is: (value) => isNumber(value) && Number.isInteger(value) && value >= 200 && value <= 599,
    name: "an HTTP status from 200 to 599",
  },
  text: { is: (value) => typeof value === "string", name: "a string" },
  header: { is: (value) => isHeader("retry-after", value), name: "the text of an HTTP header" },
  milliseconds: {
    is: (value) => isNumber(value) && value >= 0 && value <= 2 ** 31 - 1,
    name: "a number of milliseconds",
  },
  flag: { is: (value) => typeof value === "boolean", name: "true or false" },
  headers: {
    is: (value) =>
      typeof value === "object" &&
      value !== null &&
      Object.entries(value).every(([name, text]) => isHeader(name, text)),
    name: "an object of HTTP headers",
  },
  rate: { is: (value) => isNumber(value) && value > 0 && Number.isFinite(value), name: "a number above 0" },
  burst: { is: (value) => isNumber(value) && value >= 1 && Number.isFinite(value), name: "a number from 1" },
  verb: { is: (value) => verbs.some((verb) => verb === value), name: `one of ${verbs.join(", ")}` },
  count: {
    is: (value) => isNumber(value) && Number.isInteger(value) && value >= 1,
    name: "a whole number from 1",
  },
  share: { is: (value) => isNumber(value) && value >= 0 && value <= 1, name: "a number from 0 to 1" },
};

/**
 * Checks an object that comes from outside.
 * @param where what the message calls it.
 * @throws Error naming the field, what was given and what is right.
 */
export function checkFields(given: object, { required, optional = {} }: Fields, where: string): void {
  const values = new Map<string, unknown>(Object.entries(given));
  const known = new Map(Object.entries({ ...required, ...optional }));
  for (const name of values.keys())
    if (!known.has(name)) throw new Error(`${where} has an unknown field "${name}".`);
  for (const [name, type] of known) {
    const value = values.get(name);
    if (!(value === undefined && name in optional) && !fieldTypes[type].is(value))
      throw wrongField(`${where}.${name}`, value, fieldTypes[type].name);
  }
}

export function wrongField(field: string, value: unknown, right: string): Error {
  return new Error(`${field} is ${JSON.stringify(value)}; it must be ${right}.`);
}
