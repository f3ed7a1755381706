// Schemas of ONNX's own operators and of ONNX Runtime's: which inputs, outputs and attributes each version has, with their
// types. The lines of schemas.ts and runtime_schemas.ts read `NAME | SINCE[!];INPUTS;OUTPUTS;ATTRIBUTES;TYPES | …`:
// `!` marks a version that only says "deprecated".
// INPUTS, OUTPUTS: `name:T`, `name?:T` where it may be absent, `name*N:T` for N or more at the end, `**N` where those may
// differ in type; `@key=X`: attribute `key` states the type, where it is absent X does (a code or a type variable).
// ATTRIBUTES: `name:kind`, `!` for required, `=default`.
// TYPES: `T=` and the bits of TensorProto.DataType in hexadecimal, bit 31 for what is no tensor.
import { runtimeSchemas } from "./runtime_schemas.ts";
import { schemas } from "./schemas.ts";

export { newestOpset } from "./schemas.ts";

export type Port = {
  readonly name: string;
  readonly type: string;
  /** The fewest of these: 0 where one may be absent. */
  readonly least: number;
  /** Any number of values from here on; `alike`: all of one type. */
  readonly variadic?: "alike" | "mixed";
  /** The attribute that states the type, and the code or type variable that holds without it. */
  readonly stated?: { readonly key: string; readonly absent: string };
};

export type AttributeSchema = {
  readonly kind: string;
  readonly required: boolean;
  /** As text; undefined where there is none. */
  readonly fallback?: string;
};

export type Schema = {
  readonly since: number;
  readonly deprecated: boolean;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
  /** By type variable: a bit for each allowed code of TensorProto.DataType. */
  readonly types: ReadonlyMap<string, number>;
};

/** The text of all versions of an operator, by domain and name. */
const lines = new Map(
  ([["", schemas], ["com.microsoft", runtimeSchemas]] as const).flatMap(([domain, text]) =>
    text.trim().split("\n").map((line) => [keyOf(line.slice(0, line.indexOf(" ")), domain), line] as const)
  ),
);
const read = new Map<string, readonly Schema[]>();

function keyOf(opType: string, domain: string): string {
  return domain === "" ? opType : `${domain}.${opType}`;
}

/** All versions of an operator of ONNX's own ("") or of ONNX Runtime's ("com.microsoft"), oldest first; else none. */
export function schemasOf(opType: string, domain = ""): readonly Schema[] {
  const key = keyOf(opType, domain);
  const known = read.get(key);
  if (known) return known;
  const found = (lines.get(key)?.split(" | ").slice(1) ?? []).map(schemaOf);
  if (found.length > 0) read.set(key, found);
  return found;
}

/** What ONNX Runtime had in ONNX's own domain before ONNX: its optimizer wrote it into files of any opset. */
const early = new Set(["LayerNormalization"]);

/** The version of an ONNX operator that a model of this opset means; undefined where there was none yet. */
export function schemaAt(opType: string, opset: number): Schema | undefined {
  const versions = schemasOf(opType);
  return versions.findLast(({ since }) => since <= opset) ?? (early.has(opType) ? versions[0] : undefined);
}

function schemaOf(text: string): Schema {
  const [since, inputs, outputs, attributes, types] = text.split(";");
  const words = (part: string) => part === "" ? [] : part.split(" ");
  return {
    since: parseInt(since),
    deprecated: since.endsWith("!"),
    inputs: words(inputs).map(portOf),
    outputs: words(outputs).map(portOf),
    attributes: new Map(words(attributes).map(attributeOf)),
    types: new Map(
      words(types).map((word) => {
        const equals = word.lastIndexOf("=");
        return [word.slice(0, equals), parseInt(word.slice(equals + 1), 16)] as const;
      }),
    ),
  };
}

const portForm = /^(\w+)(\?|\*\*?\d+)?:([^@]+)(?:@(\w+)=(\w*))?$/;

function portOf(word: string): Port {
  const [, name, mark = "", type, key, absent] = portForm.exec(word)!;
  const variadic = mark.startsWith("**") ? "mixed" : mark.startsWith("*") ? "alike" : undefined;
  const least = variadic ? Number(mark.replaceAll("*", "")) : mark === "?" ? 0 : 1;
  return { name, type, least, variadic, ...(key && { stated: { key, absent } }) };
}

const attributeForm = /^(\w+):(\w)(!?)(?:=(.*))?$/;

function attributeOf(word: string): [string, AttributeSchema] {
  const [, name, kind, required, fallback] = attributeForm.exec(word)!;
  return [name, { kind, required: required !== "", fallback }];
}
