// A unit as it computes after quantization: rounded weights, and roundings wherever the network has them.
import { intAttribute } from "../../graph/attribute.ts";
import type { Name, Node } from "../../graph/graph.ts";
import { findOp } from "../../ops/table.ts";
import { codesOf, type Encoding } from "../../quantize/encoding.ts";
import { codeType } from "../../quantize/insert_qdq.ts";
import type { WeightPoint } from "../../quantize/points.ts";
import { tensor } from "../../tensor/tensor.ts";
import type { Tunable } from "../tunable.ts";
import { nodesIn, type Unit } from "../unit.ts";
import type { NewGraphBuilder } from "./graph_builder.ts";

/** Replacements for the numbers that are tuned. */
export type Replacements = {
  /** Values to read in place of the unit's inputs. */
  readonly inputs?: ReadonlyMap<Name, Name>;
  readonly weight: (point: WeightPoint) => Name;
  /** "" if the layer has no bias. */
  readonly bias: (point: WeightPoint) => Name;
  /** Rounds a value inside the unit by its encoding. */
  readonly round: (name: Name, encoding: Encoding) => Name;
};

/** Adds the unit's nodes to a graph; the unit's output is not rounded. */
export function addUnit(
  builder: NewGraphBuilder,
  { graph, encodings, points }: Tunable,
  unit: Unit,
  parts: Replacements,
): void {
  const replaced = new Map(parts.inputs);
  for (const node of nodesIn(graph, unit)) {
    const point = points.weights.find((one) => one.node === node.outputs[0]);
    const inputs = node.inputs.map((name) => {
      const { constant } = graph.values.get(name) ?? {};
      return constant && name !== point?.name ? builder.constant(constant) : replaced.get(name) ?? name;
    });
    builder.copy(node, point ? replaceInputs(node, point, inputs, parts) : inputs);
    for (const name of node.outputs) {
      const encoding = encodings.get(name);
      if (encoding && !encoding.datatype && name !== unit.output) {
        replaced.set(name, parts.round(name, encoding));
      }
    }
  }
}

function replaceInputs(
  node: Node,
  point: WeightPoint,
  inputs: readonly Name[],
  { weight, bias }: Replacements,
): Name[] {
  const role = findOp(node)?.role;
  if (role?.kind !== "computes") throw new Error(`Invariant: "${node.outputs[0]}" computes with no weights`);
  const replacedInputs = inputs.with(role.weight, weight(point));
  const b = bias(point);
  if (b === "" || role.bias === undefined) return replacedInputs;
  return Array.from(
    { length: Math.max(replacedInputs.length, role.bias + 1) },
    (_, i) => i === role.bias ? b : replacedInputs[i] ?? "",
  );
}

/** Rounds x to an encoding's codes, with any value as scale. */
export function addRounding(builder: NewGraphBuilder, x: Name, encoding: Encoding, scale: Name): Name {
  const [low, high] = codesOf(encoding);
  const { zeroPoint, axis } = encoding;
  const isCentred = zeroPoint.every((code) => code === 0);
  const shape = axis === undefined ? [] : [zeroPoint.length];
  const zero = isCentred ? [] : [builder.constant(tensor(codeType(encoding), shape, zeroPoint))];
  return builder.add("FakeQuantize", [x, scale, ...zero], {
    ...(axis !== undefined && { axis: intAttribute(axis) }),
    code_low: intAttribute(low),
    code_high: intAttribute(high),
  });
}

/** An encoding's scale, shaped to broadcast along its axis of a tensor of this rank. */
export function addSpreadScale(builder: NewGraphBuilder, { scale, axis }: Encoding, rank: number): Name {
  const shape = axis === undefined
    ? []
    : Array.from({ length: rank }, (_, i) => i === axis ? scale.length : 1);
  return builder.constant(tensor("float32", shape, scale));
}

/** Encodings that are used only inside the unit, with the values that share them; only these may be trained. */
export function ownEncodings({ graph, encodings }: Tunable, unit: Unit): Map<Encoding, Name[]> {
  const holders = new Map<Encoding, Name[]>();
  for (const [name, encoding] of encodings) holders.set(encoding, [...holders.get(encoding) ?? [], name]);
  const inside = new Set(nodesIn(graph, unit).flatMap(({ outputs }) => outputs));
  inside.delete(unit.output);
  return new Map(
    [...holders].filter(([encoding, names]) => !encoding.datatype && names.every((name) => inside.has(name))),
  );
}
