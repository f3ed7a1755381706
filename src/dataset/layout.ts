// How samples form batches: the batch size, and the axis and count per input.
import { ConfigError } from "../error.ts";
import type { BatchAxes } from "./batch_axis.ts";
import type { ModelInput, SourceInput } from "./source.ts";

/** `count` samples are stacked along `axis`; with a `count` of 1 in a larger batch, one sample serves all of it. */
export type StackPlace = { readonly axis: number; readonly count: number };

export type BatchLayout = {
  readonly size: number;
  /** Inputs that are absent are fed without stacking. */
  readonly places: ReadonlyMap<string, StackPlace>;
};

/** @throws ConfigError if inputs have batches of different fixed sizes. */
export function layoutOf(
  inputs: readonly ModelInput[],
  axes: BatchAxes,
  fed: readonly SourceInput[],
  most: number,
): BatchLayout {
  const shapeOf = (name: string) => inputs.find((one) => one.name === name)!.shape;
  const fixedSizeOf = ({ name, whole }: SourceInput) => whole ? 1 : shapeOf(name)[axes.get(name)!];
  const fixed = fed.filter(({ servesAll }) => !servesAll).map((one) => [one.name, fixedSizeOf(one)] as const)
    .filter((one): one is [string, number] => typeof one[1] === "number");
  const [first] = fixed;
  const other = fixed.find(([, size]) => size !== first[1]);
  if (other) {
    const [[a, m], [b, n]] = [first, other];
    throw new ConfigError(
      `Cannot make batches: input "${a}" takes ${m} samples at once and "${b}" ${n}, expected equal numbers; ` +
        "set their batch axes with --batch-axis NAME=AXIS or NAME=none",
    );
  }
  const size = first?.[1] ?? most;
  const places = fed.flatMap(({ name, whole }): [string, StackPlace][] => {
    if (whole) return [];
    const axis = axes.get(name)!;
    const dim = shapeOf(name)[axis];
    return [[name, { axis, count: typeof dim === "number" ? dim : size }]];
  });
  return { size, places: new Map(places) };
}
