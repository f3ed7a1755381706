// A small network with encodings as for DPUs, and the text of its .xmodel file for the golden.
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph, Name } from "../../src/graph/graph.ts";
import type { Encoding } from "../../src/quantize/encoding.ts";
import { insertQdq } from "../../src/quantize/insert_qdq.ts";
import { decodeXmodel } from "../../src/xir/decode.ts";
import { encodeXmodel } from "../../src/xir/encode.ts";
import { fixGraph } from "../../src/xir/fix_graph.ts";
import type { XirGraph } from "../../src/xir/graph.ts";
import { toXir } from "../../src/xir/to_xir.ts";
import { fill, network, node } from "../passes/network.ts";

/** Signed codes of a power-of-two step. */
export function position(fixPoint: number, bits = 8): Encoding {
  return { scale: Float32Array.of(2 ** -fixPoint), zeroPoint: Int32Array.of(0), bits, signed: true };
}

const pads = { pads: intsAttribute([1, 1, 1, 1]) };
const float = network(
  [
    node("Conv x w b > c", pads),
    node("Relu c > r"),
    node("Conv r d > e", { ...pads, group: intAttribute(4) }),
    node("LeakyRelu e > l", { alpha: floatAttribute(0.1) }),
    node("Add l r > a"),
    node("HardSwish a > h"),
    node("AveragePool h > p", { kernel_shape: intsAttribute([3, 3]), strides: intsAttribute([3, 3]) }),
    node("Flatten p > f"),
    node("Gemm f v g > y"),
  ],
  { x: ["N", 3, 6, 6] as unknown as number[] },
  { w: fill([4, 3, 3, 3]), b: fill([4]), d: fill([4, 1, 3, 3], 2), v: fill([16, 5], 3), g: fill([5]) },
  ["y"],
  14,
);

const positions: Readonly<Record<Name, number>> = {
  x: 6,
  w: 7,
  b: 7,
  r: 5,
  d: 6,
  l: 5,
  a: 4,
  h: 4,
  p: 5,
  f: 5,
  v: 7,
  g: 8,
  y: 3,
}; // deno-fmt-ignore

export function quantizeBlock(): Graph {
  const encodings = new Map(Object.entries(positions).map(([name, fixPoint]) => [name, position(fixPoint)]));
  return insertQdq(encodings)(float);
}

/** One operator per line. */
export function textOf({ name, ops, outputs }: XirGraph): string {
  const lines = ops.map(({ name, type, attributes, inputs, shape }) => {
    const values = Object.entries(attributes).map(([key, value]) =>
      `${key}=${value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value)}`
    );
    const read = Object.entries(inputs).map(([key, names]) => `${key}=${names}`);
    return [`${type} ${name} [${shape}]`, ...read, ...values].join(" ");
  });
  return [`graph ${name} returns ${outputs}`, ...lines, ""].join("\n");
}

export const blockText = () => textOf(decodeXmodel(encodeXmodel(toXir(fixGraph(quantizeBlock())))));
export const blockGolden = new URL("../golden/dpu_block.xmodel.txt", import.meta.url);
