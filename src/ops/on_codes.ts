// How float operators list their inputs on codes: codes, scale and zero point each, as ONNX's QLinear operators and
// ONNX Runtime's do. An operator's declaration says which of these is its own.
import type { Graph, Name } from "../graph/graph.ts";
import { numbers } from "../tensor/tensor.ts";
import type { Coded, Op } from "./op.ts";

type OnCodes = NonNullable<Op["onCodes"]>;

const listed = ({ codes, scale, zeroPoint }: Coded): Name[] => [codes, scale, zeroPoint];

/** x, w and a bias whose scale is scale(x) · scale(w); `biasFirst` where the bias stands before the result's coding. */
export function productOnCodes(opType: string, domain = "", biasFirst = false): OnCodes {
  return ([x, w, bias], y, _, graph) => {
    if (!x || !w || (bias && !isBias(graph, x, w, bias))) return undefined;
    const result = [y.scale, y.zeroPoint];
    const last = bias ? [bias.codes] : biasFirst ? [""] : [];
    const tail = biasFirst ? [...last, ...result] : [...result, ...last];
    return { opType, domain, inputs: [...listed(x), ...listed(w), ...tail] };
  };
}

/** Every input, then the result's scale and zero point. */
export function allOnCodes(opType: string, domain = "com.microsoft"): OnCodes {
  return (inputs, y) => {
    const coded = inputs.flatMap((input) => input ? listed(input) : ["", "", ""]);
    return { opType, domain, inputs: [...coded, y.scale, y.zeroPoint] };
  };
}

/** The result's scale and zero point, then every input. */
export function joinOnCodes(opType: string): OnCodes {
  return (inputs, y) => {
    const coded = inputs.flatMap((input) => input ? listed(input) : ["", "", ""]);
    return { opType, domain: "com.microsoft", inputs: [y.scale, y.zeroPoint, ...coded] };
  };
}

/** Integer kernels add the codes of a bias to sums of products as they are: their units must be one. */
function isBias(graph: Graph, x: Coded, w: Coded, bias: Coded): boolean {
  const [a, b, c] = [x, w, bias].map(({ scale }) => graph.values.get(scale)?.constant);
  const codes = graph.values.get(bias.codes)?.constant;
  if (!a || !b || !c || codes?.dtype !== "int32") return false;
  const [[unit], weights, units] = [a, b, c].map(numbers);
  return weights.every((scale, i) => {
    const found = units[units.length > 1 ? i : 0];
    return Math.abs(found - unit * scale) <= 1e-6 * unit * scale;
  });
}
