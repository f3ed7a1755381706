// The spellings of a constant: an initializer, a Constant node, or arithmetic on other constants; some are shared.
import type { Name } from "../../src/graph/graph.ts";
import { elementCount } from "../../src/tensor/shape.ts";
import { fromNumbers, numbers, type Tensor } from "../../src/tensor/tensor.ts";
import { ints, whole } from "../ops/one_node.ts";
import type { Dice } from "./dice.ts";
import type { Draft } from "./draft.ts";

const plainShare = 0.7;

/**
 * Adds a constant with these elements and returns its name; sometimes reuses one of the same type and shape instead.
 */
export async function placeConstant(draft: Draft, dice: Dice, value: Tensor): Promise<Name> {
  const isFloat = value.dtype === "float32";
  if (isFloat && dice.chance(value.shape.length === 1 ? 0.25 : 0.12)) {
    const fits = ([, one]: [Name, Tensor]) =>
      one.dtype === value.dtype && one.shape.join() === value.shape.join();
    const shared = [...draft.constants].filter(fits);
    if (shared.length > 0) return dice.pick(shared)[0];
  }
  const scaled = isFloat && dice.chance(0.15) ? times(value, dice.pick([1e-3, 0.05, 8, 30])) : value;
  if (dice.chance(plainShare)) return draft.constant(scaled);
  const made = await dice.pick(spellings)(draft, scaled);
  return made ?? draft.constant(scaled);
}

function times(value: Tensor, factor: number): Tensor {
  return fromNumbers(value.dtype, value.shape, numbers(value).map((one) => Math.fround(one * factor)));
}

type Spelling = (draft: Draft, value: Tensor) => Promise<Name | undefined>;

const spellings: readonly Spelling[] = [
  (draft, value) => addComputed(draft, "Constant", [], { value: { type: "tensor", value } }),
  (draft, value) => addComputed(draft, "Identity", [draft.constant(value)]),
  // x/2 + x/2 is exact for floats, x + 0 for integers.
  (draft, value) => {
    const isFloat = value.dtype === "float32";
    if (!isFloat && value.dtype !== "int64") return Promise.resolve(undefined);
    const parts = isFloat ? [times(value, 0.5), times(value, 0.5)] : [value, times(value, 0)];
    return addComputed(draft, "Add", parts.map((part) => draft.constant(part)));
  },
  (draft, value) => {
    const flat = { ...value, shape: [elementCount(value.shape)] };
    return addComputed(draft, "Reshape", [draft.constant(flat), draft.constant(whole(value.shape))]);
  },
  (draft, value) => {
    const { shape } = value;
    if (shape.length !== 2) return Promise.resolve(undefined);
    const list = numbers(value);
    const turned = Array.from({ length: list.length }, (_, i) => {
      const [column, row] = [Math.floor(i / shape[0]), i % shape[0]];
      return list[row * shape[1] + column];
    });
    const other = fromNumbers(value.dtype, [shape[1], shape[0]], turned);
    return addComputed(draft, "Transpose", [draft.constant(other)], { perm: ints([1, 0]) });
  },
  (draft, value) => {
    const [first, ...rest] = new Set(numbers(value));
    if (rest.length > 0 || first === undefined || value.shape.length === 0) return Promise.resolve(undefined);
    const one = fromNumbers(value.dtype, [1], [first]);
    const attributes = { value: { type: "tensor", value: one } as const };
    return addComputed(draft, "ConstantOfShape", [draft.constant(whole(value.shape))], attributes);
  },
];

async function addComputed(
  draft: Draft,
  opType: string,
  inputs: readonly Name[],
  attributes: Parameters<typeof Object.entries>[0] = {},
): Promise<Name | undefined> {
  const name = draft.fresh("k");
  const node = draft.node({ opType }, inputs, [name], new Map(Object.entries(attributes)) as never);
  return await draft.add(node) ? name : undefined;
}
