// The input lists of integer forms: codes, scale and zero point of each operand, as ONNX's QLinear operators and
// those of ONNX Runtime have them.
import { constant } from "../../graph/edit.ts";
import type { Graph, Name, Node } from "../../graph/graph.ts";
import { elementCount } from "../../tensor/shape.ts";
import { numbers, type Tensor } from "../../tensor/tensor.ts";
import type { Coded, CodesForm, OnCodes } from "./coded.ts";

const list = ({ codes, scale, zeroPoint }: Coded): Name[] => [codes, scale, zeroPoint];

type Product = {
  readonly opType: string;
  readonly domain?: string;
  /** The output-channel axis of the weights. */
  readonly axis: (node: Node, rank: number) => number | undefined;
  /** Whether the bias precedes the result's scale and zero point. */
  readonly biasFirst?: boolean;
  /** Whether weights of rank 3 or more have scales per matrix, [..., 1, N]. */
  readonly eachMatrix?: boolean;
};

/** x, w and a bias whose scale is scale(x) · scale(w). */
export function productOnCodes(
  { opType, domain = "", axis, biasFirst = false, eachMatrix = false }: Product,
): OnCodes {
  return ([x, w, bias], y, node, graph) => {
    if (
      !x || !w || (node.inputs[2] && !bias) || !isByte(x) || x.axis !== undefined ||
      !(isByte(w) || isNibble(w))
    ) {
      return undefined;
    }
    const rank = graph.values.get(w.codes)?.shape?.length;
    if (w.axis !== undefined && (rank === undefined || (w.axis + rank) % rank !== axis(node, rank))) {
      return undefined;
    }
    if (bias && !isBias(graph, x, w, bias)) return undefined;
    const result = [y.scale, y.zeroPoint];
    const last = bias ? [bias.codes] : biasFirst ? [""] : [];
    const tail = biasFirst ? [...last, ...result] : [...result, ...last];
    const reshaped = eachMatrix ? perMatrix(graph, w) : undefined;
    return { opType, domain, inputs: [...list(x), ...list(w), ...tail], reshaped };
  };
}

/** Scales and zero points [N] of weights [..., K, N], as inputs 4 and 5 in the shape [..., 1, N]. */
function perMatrix(graph: Graph, w: Coded): CodesForm["reshaped"] {
  const shape = constant(graph, w.codes)?.shape;
  if (!shape || shape.length < 3 || w.axis === undefined) return undefined;
  const repeat = (name: Name): Tensor => {
    const { dtype, bytes } = constant(graph, name)!;
    const repeated = new Uint8Array(bytes.length * elementCount(shape.slice(0, -2)));
    for (let at = 0; at < repeated.length; at += bytes.length) repeated.set(bytes, at);
    return { dtype, shape: [...shape.slice(0, -2), 1, ...shape.slice(-1)], bytes: repeated };
  };
  return new Map([[4, repeat(w.scale)], ...(w.zeroPoint ? [[5, repeat(w.zeroPoint)] as const] : [])]);
}

/** Every input, then the result's scale and zero point. */
export function allOnCodes(opType: string, domain = "com.microsoft"): OnCodes {
  return (inputs, y, node) => {
    const coded = listAll(inputs, node);
    return coded && { opType, domain, inputs: [...coded, y.scale, y.zeroPoint] };
  };
}

/** The result's scale and zero point, then every input. */
export function joinOnCodes(opType: string): OnCodes {
  return (inputs, y, node) => {
    const coded = listAll(inputs, node);
    return coded && { opType, domain: "com.microsoft", inputs: [y.scale, y.zeroPoint, ...coded] };
  };
}

/** Whether both have the same 8-bit type, scale and zero point, per tensor. */
export function sameCoding(graph: Graph, a: Coded, b: Coded): boolean {
  const same = (one: Name, other: Name) => {
    if (one === other) return true;
    const [x, y] = [one, other].map((name) => constant(graph, name));
    return x !== undefined && y !== undefined && String(numbers(x)) === String(numbers(y));
  };
  const isPlain = a.dtype === b.dtype && isByte(a) && a.axis === undefined && b.axis === undefined;
  return isPlain && same(a.scale, b.scale) && same(a.zeroPoint, b.zeroPoint);
}

/** 8-bit codes, which kernels hold four per word. */
export function isByte({ dtype }: Pick<Coded, "dtype">): boolean {
  return dtype === "int8" || dtype === "uint8";
}

/** 4-bit codes, which weights may have. */
export function isNibble({ dtype }: Pick<Coded, "dtype">): boolean {
  return dtype === "int4" || dtype === "uint4";
}

function listAll(inputs: readonly (Coded | undefined)[], node: Node): Name[] | undefined {
  const isPlain = inputs.every((input, i) =>
    input ? isByte(input) && input.axis === undefined : node.inputs[i] === ""
  );
  return isPlain ? inputs.flatMap((input) => input ? list(input) : ["", "", ""]) : undefined;
}

/**
 * Whether the bias counts in units of scale(x) · scale(w), because integer kernels add its codes to sums of products.
 */
function isBias(graph: Graph, x: Coded, w: Coded, bias: Coded): boolean {
  const [a, b, c] = [x, w, bias].map(({ scale }) => constant(graph, scale));
  if (!a || !b || !c || bias.dtype !== "int32" || !constant(graph, bias.codes)) return false;
  const zeroPoint = constant(graph, bias.zeroPoint);
  if (zeroPoint && numbers(zeroPoint).some((zero) => zero !== 0)) return false;
  const [[unit], weights, units] = [a, b, c].map(numbers);
  return weights.every((scale, i) => {
    const found = units[units.length > 1 ? i : 0];
    return Math.abs(found - unit * scale) <= 1e-6 * unit * scale;
  });
}
