import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import ts from "typescript";
import { argumentKeys, settingKeys, settings } from "../../provider/src/config/settings";
import {
  getPluginTypeToken,
  getTypeToken,
  parsePluginTypeToken,
} from "../../provider/src/resource/providerText";

const provider = join(__dirname, "../../provider");
const entry = join(provider, "src/plugin/program/index.ts");

/** A type in Pulumi's schema. */
type TypeSpec =
  | { readonly type: "string" | "number" | "boolean" }
  | { readonly type: "array"; readonly items: TypeSpec }
  | { readonly type: "object"; readonly additionalProperties: TypeSpec }
  | { readonly $ref: string };

type PropertySpec = TypeSpec & { readonly description?: string; readonly secret?: true };

interface ObjectSpec {
  readonly properties: Record<string, PropertySpec>;
  readonly required: string[];
}

/** Makes Pulumi's schema of the plugin from what `pulumi-dashscope/plugin` exports: its types, and the doc comments on them. */
export function buildSchema(version: string): object {
  return new SchemaBuilder().build(version);
}

class SchemaBuilder {
  readonly #checker: ts.TypeChecker;
  readonly #exports: readonly ts.Symbol[];
  readonly #types: Record<string, ObjectSpec & { readonly type: "object"; readonly description: string }> =
    {};

  constructor() {
    const { config } = ts.readConfigFile(join(provider, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, provider);
    const program = ts.createProgram([entry], { ...options, noEmit: true });
    this.#checker = program.getTypeChecker();
    const source = program.getSourceFile(entry);
    const module = source && this.#checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`The schema can't be made: there is no ${entry}.`);
    this.#exports = this.#checker
      .getExportsOfModule(module)
      .map((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol,
      );
  }

  build(version: string): object {
    const resources = this.#exports.flatMap((symbol) => {
      const resource = parsePluginTypeToken(`dashscope:index:${symbol.name}`);
      return resource === undefined
        ? []
        : [[getPluginTypeToken(resource), this.#describeResource(symbol, getTypeToken(resource))]];
    });
    const functions = this.#exports
      .filter(({ name, flags }) => flags & ts.SymbolFlags.Function && !name.endsWith("Output"))
      .map((symbol) => [`dashscope:index:${symbol.name}`, this.#describeFunction(symbol)]);
    const account = this.#exports.find(({ name }) => name === "Provider");
    if (account === undefined) throw new Error("The schema can't be made: the plugin exports no `Provider`.");
    const { properties } = this.#describeObject(this.#findArguments(account));
    return {
      name: "dashscope",
      displayName: "DashScope",
      version,
      description: "Alibaba Cloud Model Studio (DashScope) threads as Pulumi resources",
      keywords: ["pulumi", "dashscope", "category/cloud", "kind/native"],
      license: "Apache-2.0",
      publisher: "pulumi-dashscope",
      config: { variables: describeSettings() },
      provider: {
        description: this.#describe(account),
        inputProperties: Object.fromEntries(
          argumentKeys.map((key) => [key, markSecret(key, properties[key])]),
        ),
      },
      types: this.#types,
      resources: Object.fromEntries(resources),
      functions: Object.fromEntries(functions),
      language: {
        csharp: { respectSchemaVersion: true },
        go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
        nodejs: { respectSchemaVersion: true },
        python: { respectSchemaVersion: true, pyproject: { enabled: true } },
      },
    };
  }

  #describeResource(symbol: ts.Symbol, alias: string): object {
    const inputs = this.#describeObject(this.#findArguments(symbol));
    const instance = this.#checker.getDeclaredTypeOfSymbol(symbol);
    const outputs = this.#describeProperties(
      instance
        .getProperties()
        .filter(({ declarations = [] }) =>
          declarations.some((one) => one.parent === symbol.valueDeclaration),
        ),
    );
    return {
      description: this.#describe(symbol),
      inputProperties: inputs.properties,
      requiredInputs: inputs.required,
      ...outputs,
      aliases: [{ type: alias }],
    };
  }

  #describeFunction(symbol: ts.Symbol): object {
    const [signature] = this.#checker.getTypeOfSymbol(symbol).getCallSignatures();
    const [parameter] = signature?.getParameters() ?? [];
    const result = signature && this.#checker.getAwaitedType(signature.getReturnType());
    if (parameter === undefined || result === undefined) throw this.#fail(symbol, "isn't a lookup");
    return {
      description: this.#describe(symbol),
      inputs: this.#describeObject(this.#checker.getTypeOfSymbol(parameter)),
      outputs: this.#describeObject(result),
    };
  }

  /** The type of the second parameter of a class's constructor. */
  #findArguments(symbol: ts.Symbol): ts.Type {
    const [signature] = this.#checker.getTypeOfSymbol(symbol).getConstructSignatures();
    const parameter = signature?.getParameters()[1];
    if (parameter === undefined) throw this.#fail(symbol, "takes no arguments");
    return this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(parameter));
  }

  #describeObject(type: ts.Type): ObjectSpec {
    return this.#describeProperties(type.getProperties());
  }

  #describeProperties(symbols: readonly ts.Symbol[]): ObjectSpec {
    const described = symbols
      .filter(({ flags }) => flags & ts.SymbolFlags.Property)
      .map((symbol) => ({ symbol, type: this.#checker.getTypeOfSymbol(symbol) }));
    return {
      properties: Object.fromEntries(
        described.map(({ symbol, type }) => [
          symbol.name,
          {
            ...this.#convert(type, symbol),
            description: `${this.#describe(symbol)}${describeValues(this.#unwrap(type))}`,
          },
        ]),
      ),
      required: described
        .filter(({ symbol, type }) => !(symbol.flags & ts.SymbolFlags.Optional) && !this.#isOptional(type))
        .map(({ symbol }) => symbol.name),
    };
  }

  #isOptional(type: ts.Type): boolean {
    const own = this.#unwrap(type);
    return own.isUnion() && own.types.some(({ flags }) => flags & ts.TypeFlags.Undefined);
  }

  /** The type in an output, which is an intersection of it and of what it lifts. */
  #unwrap(type: ts.Type): ts.Type {
    const [lifted] = (type.aliasSymbol?.name === "Output" && type.aliasTypeArguments) || [];
    if (lifted !== undefined) return lifted;
    if (type.symbol?.name !== "OutputInstance" || !isReference(type)) return type;
    return this.#checker.getTypeArguments(type)[0] ?? type;
  }

  #convert(given: ts.Type, owner: ts.Symbol): TypeSpec {
    const parts = listParts(this.#unwrap(given));
    if (parts.length === 0) throw this.#fail(owner, "has no type");
    if (parts.every(({ flags }) => flags & ts.TypeFlags.StringLike)) return { type: "string" };
    if (parts.every(({ flags }) => flags & ts.TypeFlags.NumberLike)) return { type: "number" };
    if (parts.every(({ flags }) => flags & ts.TypeFlags.BooleanLike)) return { type: "boolean" };
    const [type, ...others] = parts;
    if (type === undefined || others.length > 0) throw this.#fail(owner, "has no single type");
    const element = this.#checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (this.#checker.isArrayType(type) && element)
      return { type: "array", items: this.#convert(element, owner) };
    const value = this.#checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (value) return { type: "object", additionalProperties: this.#convert(value, owner) };
    return { $ref: `#/types/${this.#nameType(type)}` };
  }

  /** An argument and an output that have the same properties are one type. An output that has others is another. */
  #nameType(type: ts.Type): string {
    const { symbol } = type;
    const spec = {
      type: "object" as const,
      description: this.#describe(symbol),
      ...this.#describeObject(type),
    };
    const name = symbol.name.replace(/Args$/, "");
    for (const token of [`dashscope:index:${name}`, `dashscope:index:${name}Result`]) {
      const known = this.#types[token];
      if (known !== undefined && !isDeepStrictEqual(withoutDescriptions(known), withoutDescriptions(spec)))
        continue;
      // The doc comments of the arguments speak of outputs, which every language has in its own way.
      if (known === undefined || symbol.name === name) this.#types[token] = spec;
      return token;
    }
    throw this.#fail(symbol, "is used in three ways");
  }

  /** The doc comment, also that of the interface which declares it, without what only TypeScript understands. */
  #describe(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    if (text === "") throw this.#fail(symbol, "has no doc comment");
    return text.replace(/\{@link (\w+)\}/g, "`$1`");
  }

  #fail(symbol: ts.Symbol, why: string): Error {
    return new Error(`The schema can't be made: \`${this.#checker.getFullyQualifiedName(symbol)}\` ${why}.`);
  }
}

/** The parts of an input that are plain values: an input may also be a promise or an output. */
function listParts(type: ts.Type): readonly ts.Type[] {
  const parts = type.isUnion() ? type.types : [type];
  return parts.filter(
    ({ flags, symbol }) =>
      !(flags & ts.TypeFlags.Undefined) && !["Promise", "OutputInstance"].includes(symbol?.name),
  );
}

/** Names the strings that are allowed, if only some are. */
function describeValues(type: ts.Type): string {
  const values = listParts(type).flatMap((part) => (part.isStringLiteral() ? [`"${part.value}"`] : []));
  return values.length === 0 ? "" : ` One of ${values.join(" and ")}.`;
}

function isReference(type: ts.Type): type is ts.TypeReference {
  return "target" in type;
}

function withoutDescriptions({ properties, required }: ObjectSpec): object {
  const types = Object.entries(properties).map(([name, { description: _, ...type }]) => [name, type]);
  return { properties: Object.fromEntries(types), required };
}

function markSecret(key: keyof typeof settings, property: PropertySpec | undefined): object {
  return { ...property, ...("secret" in settings[key] && { secret: true }) };
}

/** Environment variables aren't defaults of the schema: the shell's key would be written into the state. */
function describeSettings(): object {
  const types = { string: "string", boolean: "boolean", seconds: "number", count: "number" } as const;
  return Object.fromEntries(
    settingKeys.map((key) => {
      const { kind, description } = settings[key];
      return [key, markSecret(key, { type: types[kind], description })];
    }),
  );
}
