// Draws a random network of 2 to 12 nodes from the rows of test/ops, so every operator with rows takes part.
import type { Graph, Name } from "../../src/graph/graph.ts";
import { domainOf, findOp } from "../../src/ops/table.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { type Row, valuesBetween } from "../ops/one_node.ts";
import { rows } from "../ops/rows/mod.ts";
import type { FedInput } from "./case.ts";
import type { Dice } from "./dice.ts";
import { Draft, type DraftValue } from "./draft.ts";
import { graft } from "./graft.ts";
import { setTraps } from "./traps.ts";

/** How often operators of each role are drawn: without layers nothing is quantized. */
const shares = { computes: 5, joins: 2, carries: 1, follows: 2, resists: 1 } as const;

const byOperator = Map.groupBy(
  rows.filter((row) => domainOf(row.opType) !== "halftone" && !row.outside),
  ({ opType }) => opType,
);
const operators = [...byOperator.keys()].flatMap((opType) => {
  const op = findOp({ opType, domain: domainOf(opType) });
  // Operators on codes are rare in a float network.
  const share = op && !op.quantization.codes ? 4 * shares[op.role.kind] : 1;
  return new Array<string>(share).fill(opType);
});
const layers = [...byOperator.keys()].filter((opType) => {
  const op = findOp({ opType, domain: domainOf(opType) });
  return op?.role.kind === "computes" && op.quantization.codes !== "multiplies";
});

export const oldestOpset = 7;

export type Network = { readonly graph: Graph; readonly fed: readonly FedInput[] };

/** Undefined if these dice give too few nodes, or no layer. */
export async function drawNetwork(dice: Dice, newestOpset: number): Promise<Network | undefined> {
  const opset = dice.chance(0.5) ? dice.pick([11, 13, 17, 21]) : dice.whole(oldestOpset, newestOpset);
  const draft = new Draft(opset);
  draft.input(
    valuesBetween(inputShape(dice), dice.pick([-1, -1, 0, -6]), dice.pick([1, 1, 2, 6]), dice.whole(1, 999)),
  );
  const count = dice.whole(2, 12);
  let left = 8 * count;
  const countDone = () =>
    draft.nodes.filter((node) => draft.computed.some(({ name }) => name === node.outputs[0])).length;
  while (countDone() < count && left-- > 0) {
    const isLayer = dice.chance(0.35);
    const opType = dice.pick(isLayer ? layers : operators);
    await graft(draft, dice, dice.pick(byOperator.get(opType)! as Row[]), readFrom(draft, dice));
  }
  const layerCount = draft.nodes.filter(({ opType }) => layers.includes(opType)).length;
  if (countDone() < 2 || layerCount === 0) return undefined;
  return setTraps(draft, dice, outputsOf(draft, dice));
}

function inputShape(dice: Dice): Shape {
  const rank = dice.pick([2, 3, 3, 4, 4, 4, 5]);
  const batch = dice.pick([1, 1, 2, 3]);
  const channels = dice.pick([1, 2, 3, 4, 5, 6, 8]);
  const most = [0, 0, 0, 12, 9, 5][rank];
  const sizes = Array.from({ length: rank - 2 }, () => dice.whole(Math.min(3, most), most));
  return [batch, rank === 2 ? dice.whole(3, 24) : channels, ...sizes];
}

/** Mostly the last value, so that networks are deep. */
function readFrom(draft: Draft, dice: Dice): DraftValue {
  const back = dice.chance(0.7) ? 0 : dice.whole(0, Math.min(4, draft.computed.length - 1));
  return draft.computed.at(-1 - back)!;
}

/** All values that no node reads, and sometimes some that are read. */
function outputsOf(draft: Draft, dice: Dice): Name[] {
  const read = new Set(draft.nodes.flatMap((node) => node.inputs));
  const results = draft.computed.slice(draft.inputs.length).map(({ name }) => name);
  const ends = results.filter((name) => !read.has(name));
  const middle = results.filter((name) => read.has(name) && dice.chance(0.08));
  return dice.shuffled([...ends, ...middle]);
}
