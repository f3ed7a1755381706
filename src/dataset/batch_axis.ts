// Where samples lie in the inputs of a model: along the dimension that inputs share by name, which is axis 0 of most.
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { ModelInput } from "./source.ts";

/** By input, the axis along which samples are put side by side; inputs without one are not in it. */
export type BatchAxes = ReadonlyMap<string, number>;

/** What the user says of inputs: an axis, or "none". */
export type GivenAxes = ReadonlyMap<string, number | "none">;

/** The names that exporters give to the dimension of samples. */
const batchName = /^(n|b|bs)$|batch/i;

/**
 * The batch axis of each input. An open dimension: the one named like a batch, else the one that all inputs share, else
 * axis 0. Where all dimensions are fixed: axis 0 of inputs whose first dimensions are one number, as long as an input has
 * further axes. Elsewhere a fixed input has none, but for an axis of size 1.
 * @throws ConfigError where `said` names no input, or an axis that it does not have.
 */
export function batchAxesOf(inputs: readonly ModelInput[], said: GivenAxes = new Map()): BatchAxes {
  checkGivenAxes(inputs, said);
  const axisOf = axisRuleFor(inputs);
  const axes = inputs.map((input) => [input.name, said.get(input.name) ?? axisOf(input)] as const);
  return new Map(axes.filter((one): one is [string, number] => typeof one[1] === "number"));
}

function checkGivenAxes(inputs: readonly ModelInput[], said: GivenAxes): void {
  for (const [name, axis] of said) {
    const input = inputs.find((one) => one.name === name);
    if (!input) throw unknownInput(`set the batch axis of "${name}"`, name, inputs);
    if (axis === "none" || axis < input.shape.length) continue;
    throw new ConfigError(
      `Cannot use axis ${axis} of input "${name}" for samples: it is ${inputText(input)}, expected ` +
        `${input.shape.length === 0 ? '"none"' : `0 to ${input.shape.length - 1}`}`,
    );
  }
}

/** ConfigError for a name that is no input of the model. */
export function unknownInput(what: string, name: string, inputs: readonly ModelInput[]): ConfigError {
  const names = inputs.map((one) => one.name);
  const near = nearestWord(name, names);
  return new ConfigError(
    `Cannot ${what}: the model's inputs are ${names.map((one) => `"${one}"`).join(", ")}` +
      `${near ? `, did you mean "${near}"` : ""}`,
  );
}

/** "float32 [batch,3,?]" */
export function inputText({ dtype, shape }: ModelInput): string {
  return `${dtype} [${shapeText(shape)}]`;
}

export function shapeText(shape: ModelInput["shape"]): string {
  return shape.map((dim) => dim === "" ? "?" : dim).join(",");
}

function axisRuleFor(inputs: readonly ModelInput[]): (input: ModelInput) => number | undefined {
  const shared = batchDimensionName(inputs);
  // A list of open length alone is a recording, not so many samples of a number each.
  const areLists = inputs.every(({ shape }) => shape.length <= 1);
  const open = ({ shape }: ModelInput) => {
    const named = shape.findIndex((dim) => typeof dim === "string" && batchName.test(dim));
    const known = shared === undefined ? -1 : shape.indexOf(shared);
    if (known >= 0) return known;
    if (named >= 0) return named;
    return typeof shape[0] === "string" && !areLists ? 0 : undefined;
  };
  const isOpen = inputs.some((input) => open(input) !== undefined);
  const first = [...new Set(inputs.map(({ shape }) => shape[0] ?? 1))];
  const isFront = !isOpen && first.length === 1 && !areLists;
  return (input) => {
    const found = open(input);
    if (found !== undefined) return found;
    if (isFront && input.shape.length > 0) return 0;
    const single = input.shape.indexOf(1);
    return single < 0 ? undefined : single;
  };
}

/** The name of the dimension of samples, where it shows. */
function batchDimensionName(inputs: readonly ModelInput[]): string | undefined {
  const names = [...new Set(inputs.flatMap(({ shape }) => shape))]
    .filter((dim): dim is string => typeof dim === "string" && dim !== "");
  const readers = (name: string) => inputs.filter(({ shape }) => shape.includes(name)).length;
  const likely = names.filter((name) => batchName.test(name));
  if (likely.length > 0) return likely.toSorted((a, b) => readers(b) - readers(a))[0];
  // A recurrent state [layers, batch, width] beside [time, batch, width]: the first axes say nothing.
  const fronts = inputs.map(({ shape }) => typeof shape[0]);
  const isMixed = fronts.includes("number") && fronts.includes("string");
  return isMixed ? names.find((name) => readers(name) === inputs.length) : undefined;
}
