// The batch axis of each input: the dimension that inputs share by name, which is axis 0 in most models.
import { ConfigError } from "../error.ts";
import { nearestWord } from "../files/nearest.ts";
import type { ModelInput } from "./source.ts";

/** The batch axis of each input; inputs without one are absent. */
export type BatchAxes = ReadonlyMap<string, number>;

/** Batch axes given by the user: an axis, or "none". */
export type GivenAxes = ReadonlyMap<string, number | "none">;

/** Names that exporters give to the batch dimension. */
const batchName = /^(n|b|bs)$|batch/i;

/**
 * The batch axis of each input. Among open dimensions: the one named like a batch, else the one that all inputs share,
 * else axis 0. If all dimensions are fixed: axis 0, provided the inputs agree on its length and some input has further
 * axes. Otherwise a fixed input has none, except an axis of size 1.
 * @throws ConfigError if `given` names an unknown input, or an axis that it does not have.
 */
export function batchAxesOf(inputs: readonly ModelInput[], given: GivenAxes = new Map()): BatchAxes {
  checkGivenAxes(inputs, given);
  const axisOf = axisRuleFor(inputs);
  const axes = inputs.map((input) => [input.name, given.get(input.name) ?? axisOf(input)] as const);
  return new Map(axes.filter((one): one is [string, number] => typeof one[1] === "number"));
}

function checkGivenAxes(inputs: readonly ModelInput[], given: GivenAxes): void {
  for (const [name, axis] of given) {
    const input = inputs.find((one) => one.name === name);
    if (!input) throw unknownInput(`set the batch axis of "${name}"`, name, inputs);
    if (axis === "none" || axis < input.shape.length) continue;
    throw new ConfigError(
      `Cannot use axis ${axis} of input "${name}" for samples: it is ${inputText(input)}, expected ` +
        `${input.shape.length === 0 ? '"none"' : `0 to ${input.shape.length - 1}`}`,
    );
  }
}

/** ConfigError for a name that is not an input of the model. */
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
  // If every input is one list of open length, it is a recording, not that many samples of one number.
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

/** The name of the batch dimension, if it can be told. */
function batchDimensionName(inputs: readonly ModelInput[]): string | undefined {
  const names = [...new Set(inputs.flatMap(({ shape }) => shape))]
    .filter((dim): dim is string => typeof dim === "string" && dim !== "");
  const readers = (name: string) => inputs.filter(({ shape }) => shape.includes(name)).length;
  const likely = names.filter((name) => batchName.test(name));
  if (likely.length > 0) return likely.toSorted((a, b) => readers(b) - readers(a))[0];
  // A recurrent state [layers, batch, width] beside [time, batch, width]: the first axes mean nothing.
  const fronts = inputs.map(({ shape }) => typeof shape[0]);
  const isMixed = fronts.includes("number") && fronts.includes("string");
  return isMixed ? names.find((name) => readers(name) === inputs.length) : undefined;
}
