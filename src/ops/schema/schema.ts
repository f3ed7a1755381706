// Schemas of ONNX's own operators and of ONNX Runtime's: the inputs, outputs and attributes of each version, with
// their types. The lines of schemas.ts and runtime_schemas.ts read `NAME | SINCE[!];INPUTS;OUTPUTS;ATTRIBUTES;TYPES |
// …`: `!` marks a version that only says "deprecated". INPUTS, OUTPUTS: `name:T`, `name?:T` if it may be absent,
// `name*N:T` for N or more at the end, `**N` if those may differ in type; `@key=X`: attribute `key` states the type,
// X (a code or a type variable) is the default. ATTRIBUTES: `name:kind`, `!` for required, `=default`. TYPES: `T=`
// and the bits of TensorProto.DataType in hexadecimal, bit 31 for anything but tensors.
import { runtimeSchemas } from "./runtime_schemas.ts";
import { schemas } from "./schemas.ts";

export { newestOpset } from "./schemas.ts";

export type Port = {
  readonly name: string;
  readonly type: string;
  /** The least number of values: 0 if optional. */
  readonly least: number;
  /** Any number of values from here on; `alike`: all of one type. */
  readonly variadic?: "alike" | "mixed";
  /** The attribute that states the type, and the default code or type variable. */
  readonly stated?: { readonly key: string; readonly absent: string };
};

export type AttributeSchema = {
  readonly kind: string;
  readonly required: boolean;
  /** The default as text; undefined if there is none. */
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

/**
 * Operators that ONNX Runtime had in ONNX's domain before ONNX; its optimizer writes them into files of any opset.
 */
const early = new Set(["LayerNormalization"]);

/** The version of an ONNX operator in a model of this opset; undefined if there is none yet. */
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
