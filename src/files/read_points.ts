// The points of a network whose encodings were read back from a file.
import { producers } from "../graph/edit.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import type { Encodings } from "../quantize/encoding.ts";
import type { Points, TablePoint, WeightPoint } from "../quantize/points.ts";
import { lengthAlong, normalAxis } from "../tensor/shape.ts";
import { extentOf } from "./calibrated_points.ts";
import type { CalibratedPoint } from "./results.ts";

export function pointsIn(graph: Graph, encodings: Encodings): Points {
  const isConstant = (name: Name) => graph.values.get(name)?.constant !== undefined;
  const weights = graph.nodes.flatMap((node): WeightPoint[] => {
    const role = findOp(node)?.role;
    const name = role?.kind === "computes" ? node.inputs[role.weight] : undefined;
    if (role?.kind !== "computes" || name === undefined || !isConstant(name) || !encodings.has(name)) {
      return [];
    }
    const { shape } = graph.values.get(name)!.constant!;
    const axis = role.axis(node, shape.length);
    const bias = node.inputs[role.bias ?? -1];
    const isOwn = bias && isConstant(bias) &&
      graph.values.get(bias)!.constant!.shape.join() === `${lengthAlong(shape, axis)}`;
    return [{ name, node: node.outputs[0], axis, input: node.inputs[0], ...(isOwn && { bias }) }];
  });
  const makers = producers(graph);
  const encodedBy = new Map<Name, Name>();
  for (const [name, encoding] of encodings) {
    if (isConstant(name)) continue;
    const maker = makers.get(name);
    const source = maker && findOp(maker)?.role.kind === "carries" ? maker.inputs[0] : undefined;
    const isCarried = source !== undefined && encodings.has(source) && !isConstant(source) &&
      `${encodings.get(source)!.scale}` === `${encoding.scale}`;
    encodedBy.set(name, isCarried ? encodedBy.get(source) ?? source : name);
  }
  const activations = [...new Set(encodedBy.values())];
  return {
    activations,
    encodedBy,
    weights,
    tables: tablesIn(graph, encodings),
    quantized: new Set(),
    float: [],
  };
}

function tablesIn(graph: Graph, encodings: Encodings): TablePoint[] {
  const found = graph.nodes.flatMap((node): [Name, TablePoint][] => {
    const role = findOp(node)?.role;
    const [name] = node.inputs;
    const constant = graph.values.get(name)?.constant;
    if (role?.kind !== "carries" || !role.looksUp || !constant || !encodings.has(name)) return [];
    return [[name, { name, axis: normalAxis(role.looksUp(node), constant.shape.length) }]];
  });
  return [...new Map(found).values()];
}

/** Carried values share their source's encoding object again, so that changes apply to both. */
export function shareEncodings(encodings: Encodings, { encodedBy }: Points): Encodings {
  return new Map(
    [...encodings].map(([name, encoding]) =>
      [name, encodings.get(encodedBy.get(name) ?? name) ?? encoding] as const
    ),
  );
}

/** The points for files and reports, from their encodings alone. */
export function pointsFromEncodings(
  { activations, weights, tables }: Points,
  encodings: Encodings,
): CalibratedPoint[] {
  const kinds = new Map<Name, CalibratedPoint["kind"]>(activations.map((name) => [name, "activation"]));
  for (const { name } of tables) kinds.set(name, "weight");
  for (const { name, bias } of weights) {
    kinds.set(name, "weight");
    if (bias) kinds.set(bias, "bias");
  }
  return [...kinds].flatMap(([name, kind]) => {
    const encoding = encodings.get(name);
    if (!encoding) return [];
    const [scale, zeroPoint] = encoding.datatype ? [[], []] : [[...encoding.scale], [...encoding.zeroPoint]];
    return [{ name, kind, ...extentOf(encoding), scale, zeroPoint }];
  });
}
