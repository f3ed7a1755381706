// The samples of one unit: its quantized and float inputs and its target output. If they fit on the device, they are
// constants there, and steps gather mini-batches from them; otherwise the host slices them for each step.
import { intAttribute } from "../../graph/attribute.ts";
import { withNodes, withValues } from "../../graph/edit.ts";
import type { Graph, Name, Node, Value } from "../../graph/graph.ts";
import type { Feeds, Machine } from "../../plan/machine.ts";
import { sameShape, type Shape } from "../../tensor/shape.ts";
import { slicesAt } from "../../tensor/stack.ts";
import { type Tensor, tensor } from "../../tensor/tensor.ts";

/** Tensors with samples along axis 0. */
export type Samples = { readonly count: number; readonly values: ReadonlyMap<Name, Tensor> };

/** Limit on the host, and again on the device: besides the prefixes, this is the memory that gradient steps need. */
const mostBytes = 2 ** 29;

/**
 * Concatenates the tensors of all batches, up to the budget and up to the first batch of another shape. Undefined
 * without batches or without a common number of samples along axis 0.
 */
export async function samplesOf(
  names: readonly Name[],
  batches: AsyncIterable<readonly Tensor[]>,
  budgetBytes = mostBytes,
): Promise<Samples | undefined> {
  const parts: Tensor[][] = [];
  let bytes = 0;
  let isFull = false;
  // The sweep runs to its end even if nothing more is kept: later sweeps continue from the values it leaves.
  for await (const batch of batches) {
    bytes += batch.reduce((sum, one) => sum + one.bytes.length, 0);
    isFull ||= parts.length > 0 && (bytes > budgetBytes || !areAlike(batch, parts[0]));
    if (!isFull) parts.push([...batch]);
  }
  const counts = parts.map((tensors) => new Set(tensors.map(({ shape }) => shape[0])));
  if (parts.length === 0 || counts.some((each) => each.size > 1)) return undefined;
  const values = names.map((name, i) => [name, concatenate(parts.map((tensors) => tensors[i]))] as const);
  return { count: values[0][1].shape[0], values: new Map(values) };
}

/** Whether they can be concatenated along axis 0. */
function areAlike(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.every(({ shape }, i) => sameShape(shape.slice(1), b[i].shape.slice(1)));
}

function concatenate(parts: readonly Tensor[]): Tensor {
  const [{ dtype, shape: [, ...rest] }] = parts;
  const bytes = new Uint8Array(parts.reduce((sum, one) => sum + one.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return { dtype, shape: [parts.reduce((sum, { shape }) => sum + shape[0], 0), ...rest], bytes };
}

export type Sampler = {
  /** Gathers its samples itself if they are on the device. */
  readonly graph: Graph;
  /** Shapes of the feeds of a mini-batch. */
  readonly shapes: ReadonlyMap<Name, Shape>;
  /** The feeds of a mini-batch with these samples. */
  readonly feeds: (indices: readonly number[]) => Feeds;
};

const picked = "picked samples";

/**
 * Makes `graph` read mini-batches of `batch` samples. On a software adapter, device memory is host memory, so nothing
 * is copied there.
 */
export function samplerFor(
  graph: Graph,
  { values }: Samples,
  batch: number,
  { software, limits }: Pick<Machine, "software" | "limits">,
): Sampler {
  const own = [...values].filter(([name]) => graph.inputs.includes(name));
  const most = software ? 0 : limits?.bindingBytes ?? Infinity;
  const fits = own.every(([, { bytes }]) => bytes.length <= most);
  const shapes = own.map(([name, { shape }]) => [name, shape.with(0, batch)] as const);
  if (!fits) {
    const feeds = (indices: readonly number[]) =>
      new Map(own.map(([name, all]) => [name, slicesAt(all, 0, indices)] as const));
    return { graph, shapes: new Map(shapes), feeds };
  }
  const gathers = own.map(([name]): Node => ({
    ...{ opType: "Gather", domain: "", name, inputs: [`${name}/all`, picked], outputs: [name] },
    attributes: new Map([["axis", intAttribute(0)]]),
  }));
  const constants = own.map(([name, { dtype, shape, bytes }]): [Name, Value] => {
    return [`${name}/all`, { dtype, shape, constant: { dtype, shape, bytes } }];
  });
  const inputs = [...graph.inputs.filter((name) => !values.has(name)), picked];
  const known = withValues(graph, [...constants, [picked, { dtype: "int32", shape: [batch] }]]);
  return {
    graph: { ...withNodes(known, [...gathers, ...graph.nodes]), inputs },
    shapes: new Map([[picked, [batch]]]),
    feeds: (indices) => new Map([[picked, tensor("int32", [batch], indices)]]),
  };
}
