// Text of TorchScript: literals, calls, identifiers, and a class with one method.

/** A literal that torch reads as a float: it has a point. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'float("nan")' : `float("${value > 0 ? "" : "-"}inf")`;
  }
  const [mantissa, exponent] = `${Object.is(value, -0) ? "-0" : value}`.split("e");
  const pointed = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent}`;
}

export const boolText = (value: boolean | number): string => value ? "True" : "False";
export const listText = (items: readonly (string | number)[]): string => `[${items.join(", ")}]`;
export const floatsText = (values: readonly number[]): string => listText(values.map(floatText));

/** A call of one of torch's operators. */
export function torchCall(name: string, ...operands: readonly (string | number)[]): string {
  return `torch.${name}(${operands.join(", ")})`;
}

/** What a name may not be: keywords of Python, and names that code uses. */
const reserved =
  ("False None True and as assert async await break class continue def del elif else except finally " +
    "for from global if import in is lambda nonlocal not or pass raise return try while with yield " +
    "self torch ops annotate int float bool str print range len device inf nan uninitialized training " +
    "Tensor List Dict Tuple Optional Module number unchecked_cast CONSTANTS forward").split(" ");

/** Gives each text an identifier of its own, as near to it as possible. */
export function identifiers(): (stem: string) => string {
  const taken = new Set(reserved);
  const counts = new Map<string, number>();
  return (stem) => {
    const plain = stem.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
    const word = /^[A-Za-z]/.test(plain) ? plain : `v${plain && `_${plain}`}`;
    let [name, count] = [word, counts.get(word) ?? 0];
    while (taken.has(name)) name = `${word}_${++count}`;
    counts.set(word, count);
    taken.add(name);
    return name;
  };
}

export type Method = {
  readonly buffers: readonly string[];
  readonly inputs: readonly string[];
  readonly statements: readonly string[];
  readonly results: readonly string[];
};

/** The source of class `__torch__.NAME`: several results are a tuple. */
export function classText(name: string, { buffers, inputs, statements, results }: Method): string {
  const isOne = results.length === 1;
  const type = isOne ? "Tensor" : `Tuple[${results.map(() => "Tensor").join(", ")}]`;
  return [
    `class ${name}(Module):`,
    "  __parameters__ = []",
    `  __buffers__ = [${buffers.map((buffer) => `"${buffer}", `).join("")}]`,
    ...buffers.map((buffer) => `  ${buffer} : Tensor`),
    `  def forward(self: __torch__.${name}${
      inputs.map((input) => `,\n    ${input}: Tensor`).join("")
    }) -> ${type}:`,
    ...statements.map((statement) => `    ${statement}`),
    `    return ${isOne ? results[0] : `(${results.join(", ")})`}`,
    "",
  ].join("\n");
}
