// Which operators of a graph a DPU runs, in the order of the inspector of Vitis AI 2.5 and 3.5
// (pytorch_nndct/hardware/dpu_partition.py): each operator by its own rule, then sources by what reads them, then
// patterns of several operators.
import type { XirGraph, XirOp } from "../xir/graph.ts";
import type { Limits } from "./limits/limits.ts";
import { instead, never, rules, spokenName, withoutLayout } from "./rules.ts";
import type { Breach, Site } from "./rules/rule.ts";

/** `change` is absent if nothing about the operator itself keeps it from the DPU. */
export type Allocation = { readonly onDpu: boolean; readonly constraint?: string; readonly change?: string };

/** The operators of a graph by name, and what reads each. */
type Neighbours = {
  readonly ops: ReadonlyMap<string, XirOp>;
  readonly readers: ReadonlyMap<string, readonly XirOp[]>;
};

/**
 * By name of the operator; constants are left out.
 *
 * `excluded`: why operators that the DPU could run are not to be quantized, by name.
 */
export function allocate(
  graph: XirGraph,
  limits: Limits,
  excluded: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, Allocation> {
  const neighbours = neighboursIn(graph);
  const allocations = new Map<string, Allocation>();
  const computed = graph.ops.filter(({ type }) => !isSource(type));
  for (const op of computed) {
    const reason = excluded.get(op.name);
    const breach: Partial<Breach> | undefined = breachOf(op, neighbours, limits) ??
      (reason === undefined ? undefined : { constraint: `Not in quantizable part. (${reason})` });
    allocations.set(op.name, { onDpu: breach === undefined, ...breach });
  }
  for (const op of computed) placeConcat(op, neighbours, allocations);
  for (const op of graph.ops) {
    if (op.type === "data") allocations.set(op.name, placeSource(op, neighbours, allocations));
  }
  for (const op of computed) placePermute(op, neighbours, allocations);
  for (const op of computed) placeReshape(op, neighbours, allocations, graph.outputs.includes(op.name));
  return allocations;
}

function isSource(type: string): boolean {
  return type === "data" || type === "const";
}

function neighboursIn({ ops }: XirGraph): Neighbours {
  const readers = new Map<string, XirOp[]>();
  for (const op of ops) {
    for (const name of new Set(Object.values(op.inputs).flat())) {
      readers.set(name, [...readers.get(name) ?? [], op]);
    }
  }
  return { ops: new Map(ops.map((op) => [op.name, op])), readers };
}

/** The activation that an operator reads first. */
function firstInput(op: XirOp, { ops }: Neighbours): XirOp | undefined {
  return (op.inputs.input ?? []).map((name) => ops.get(name)!).find(({ type }) => type !== "const");
}

/** (Upstream says of an operator that XIR has, but no DPU, that it cannot be converted, too.) */
function breachOf(op: XirOp, neighbours: Neighbours, limits: Limits): Breach | undefined {
  const { type, refused, layout } = op;
  if (refused !== undefined) {
    return {
      constraint: `${type} can't be converted to XIR. (${refused})`,
      change: refused.startsWith("the shape of")
        ? "give the inputs fixed shapes (--shapes)"
        : "replace it by operators that XIR has",
    };
  }
  if (Object.hasOwn(never, type)) {
    return {
      constraint: `DPU does not support ${spokenName[type] ?? type}`,
      change: layout ? withoutLayout[layout] : never[type],
    };
  }
  if (!Object.hasOwn(rules, type)) {
    return {
      constraint: `${type} can't be assigned to DPU.`,
      change: instead[type] ?? "replace it by operators that the DPU has",
    };
  }
  const site: Site = {
    op,
    input: firstInput(op, neighbours)?.shape ?? [],
    argument: (name) => (op.inputs[name] ?? []).map((one) => neighbours.ops.get(one)!),
  };
  return rules[type](site, limits);
}

type Allocations = Map<string, Allocation>;

/**
 * A concatenation joins results of the DPU in its memory, and those of other devices only along channels. (From the
 * inspector of 3.5: the older one has this rule, but does not call it.)
 */
function placeConcat(op: XirOp, { ops }: Neighbours, allocations: Allocations): void {
  if (op.type !== "concat" || !allocations.get(op.name)!.onDpu) return;
  const inputs = (op.inputs.input ?? []).filter((name) => ops.get(name)!.type !== "const");
  const onCpu = inputs.filter((name) => allocations.get(name)?.onDpu === false);
  if (onCpu.length === 0) return;
  const { axis } = op.attributes;
  const change = "keep what it concatenates on the DPU";
  if (onCpu.length === inputs.length) {
    allocations.set(op.name, { onDpu: false, constraint: "All input of concat are on CPU.", change });
  } else if (op.shape.length !== 4 || axis !== 3) {
    const constraint =
      `One of the input is from non-DPU device. And output is not 4d. And axis == ${axis} is not supported.`;
    allocations.set(op.name, { onDpu: false, constraint, change: `${change}, or concatenate channels` });
  }
}

/** An input is loaded by the DPU if an operator on it reads it. */
function placeSource(op: XirOp, { readers }: Neighbours, allocations: Allocations): Allocation {
  if ((readers.get(op.name) ?? []).some(({ name }) => allocations.get(name)?.onDpu)) return { onDpu: true };
  return { onDpu: false, constraint: "All the children nodes are assigned to CPU." };
}

/** The only reader of an operator's result. */
function onlyReader(op: XirOp, { readers }: Neighbours): XirOp | undefined {
  const found = readers.get(op.name) ?? [];
  return found.length === 1 ? found[0] : undefined;
}

const toChannelsFirst = "0,3,1,2";

/** A permutation in front of a reshape and a product becomes a permutation of the product's weights. */
function placePermute(op: XirOp, neighbours: Neighbours, allocations: Allocations): void {
  if (op.type !== "transpose" || String(op.attributes.order) !== toChannelsFirst) return;
  const reshape = onlyReader(op, neighbours);
  if (reshape?.type !== "reshape" && reshape?.type !== "flatten") return;
  const product = onlyReader(reshape, neighbours);
  if (product?.type !== "matmul") return;
  const { onDpu } = allocations.get(product.name)!;
  if (onDpu) allocations.set(op.name, { onDpu });
}

/** Where data enters or leaves the DPU, the batch stays the first dimension. */
function placeReshape(
  op: XirOp,
  neighbours: Neighbours,
  allocations: Allocations,
  isResult: boolean,
): void {
  if (op.type !== "reshape" && op.type !== "flatten") return;
  if (!allocations.get(op.name)!.onDpu) return;
  const input = firstInput(op, neighbours);
  const readers = neighbours.readers.get(op.name) ?? [];
  const around = [...input ? [input] : [], ...readers];
  const isInside = !isResult && around.every(({ name }) => allocations.get(name)?.onDpu);
  if (isInside || input?.shape[0] === op.shape[0]) return;
  allocations.set(op.name, {
    onDpu: false,
    constraint: "First dimension is changed.",
    change: "keep the first dimension, which is the batch",
  });
}
