// Random convolutional networks: chains with branches of convolutions, pools, joins, pads and slices, so that
// layouts, padded channels, fused clamps and reused buffers are combined as in no row.
import fc from "fast-check";
import type { Attribute, Name, Node } from "../../src/graph/graph.ts";
import { nodeLabel } from "../../src/graph/graph.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { dyadic, int, ints, type Model, modelOf, valuesBetween, whole } from "./one_node.ts";

const layers = [
  "conv",
  "depthwise",
  "grouped",
  "pointwise",
  "relu",
  "clip",
  "sigmoid",
  "add",
  "addVector",
  "mul",
  "concat",
  "concatRows",
  "maxPool",
  "averagePool",
  "globalPool",
  "pad",
  "sliceChannels",
  "sliceRows",
  "normalize",
  "transpose",
  "identity",
] as const;
type Layer = (typeof layers)[number];
/** A layer's input and two random numbers; layers that do not fit are skipped. */
type Step = { layer: Layer; from: number; with: number; p: number; q: number };

const small = (most: number) => fc.integer({ min: 0, max: most });
const networksOf = (images: fc.Arbitrary<number>) =>
  fc.record({
    image: fc.tuple(images, fc.integer({ min: 1, max: 9 }), small(6), small(6)),
    steps: fc.array(
      fc.record({
        layer: fc.constantFrom(...layers),
        from: small(2),
        with: small(5),
        p: small(6),
        q: small(6),
      }),
      { minLength: 2, maxLength: 12 },
    ),
  }).map(({ image: [n, c, h, w], steps }) => build([n, c, h + 4, w + 4], steps));

export const networks = networksOf(fc.integer({ min: 1, max: 2 }));
/** Batches that exceed limits that their images do not. */
export const batches = networksOf(fc.integer({ min: 3, max: 7 }));

type Made = { readonly name: Name; readonly shape: Shape };

function build(image: Shape, steps: readonly Step[]): Model {
  const draft = new Draft(image);
  for (const step of steps) draft.add(step);
  return draft.model();
}

class Draft {
  private readonly nodes: Node[] = [];
  private readonly inputs: Tensor[];
  private readonly made: Made[];

  constructor(image: Shape) {
    this.inputs = [dyadic(image)];
    this.made = [{ name: "x0", shape: image }];
  }

  model(): Model {
    const read = new Set(this.nodes.flatMap((node) => node.inputs));
    const ends = this.made.map(({ name }) => name).filter((name) => name !== "x0" && !read.has(name));
    // An inner value is an output as well: it must survive fusion and reuse of its memory.
    const middle = this.made[Math.ceil(this.made.length / 2)]?.name;
    const outputs = new Set([...ends, ...(middle ? [middle] : [])]);
    return modelOf(this.nodes, this.inputs, [0], [...outputs], 13);
  }

  add({ layer, from, with: other, p, q }: Step) {
    const x = this.made.at(-1 - (from % this.made.length))!;
    const y = this.made.at(-1 - (other % this.made.length))!;
    this.layers[layer](x, y, p, q);
  }

  private constant(value: Tensor): Name {
    this.inputs.push(value);
    return `x${this.inputs.length - 1}`;
  }

  private push(
    opType: string,
    from: readonly Name[],
    shape: Shape,
    attributes: Record<string, Attribute> = {},
  ) {
    if (shape.some((size) => size < 1) || shape[1] > 24 || shape[2] * shape[3] > 400) return;
    const name = `v${this.made.length}`;
    const all = new Map(Object.entries(attributes));
    this.nodes.push({ opType, domain: "", name: "", inputs: from, outputs: [name], attributes: all });
    this.made.push({ name, shape });
  }

  private convolve(
    { name, shape: [n, c, h, w] }: Made,
    out: number,
    group: number,
    kernel: number,
    p: number,
  ) {
    const [stride, pad, bias] = [1 + p % 2, Math.floor(p / 2) % 2, p % 3];
    const over = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
    if (over(h) < 1 || over(w) < 1) return;
    const weight = valuesBetween([out, c / group, kernel, kernel], -0.4, 0.4, out + p);
    const inputs = [name, this.constant(weight), ...(bias ? [this.constant(dyadic([out], p))] : [])];
    this.push("Conv", inputs, [n, out, over(h), over(w)], {
      group: int(group),
      strides: ints([stride, stride]),
      pads: ints([pad, pad, pad, pad]),
    });
  }

  private pool(opType: string, { name, shape: [n, c, h, w] }: Made, p: number, q: number) {
    const [kernel, stride, ceil] = [2 + p % 2, 1 + q % 2, p % 2];
    const round = ceil ? Math.ceil : Math.floor;
    const over = (size: number) => {
      const count = round((size - kernel) / stride) + 1;
      return ceil && (count - 1) * stride >= size ? count - 1 : count;
    };
    if (h < kernel || w < kernel) return;
    this.push(opType, [name], [n, c, over(h), over(w)], {
      kernel_shape: ints([kernel, kernel]),
      strides: ints([stride, stride]),
      ceil_mode: int(ceil),
    });
  }

  private slice({ name, shape }: Made, axis: number, p: number, q: number) {
    const [start, step] = [p % shape[axis], 1 + q % 2];
    const inputs = [[start], [shape[axis]], [axis], [step]].map((list) => this.constant(whole(list)));
    const count = Math.ceil((shape[axis] - start) / step);
    this.push("Slice", [name, ...inputs], shape.map((size, i) => i === axis ? count : size));
  }

  private concat(x: Made, y: Made, axis: number) {
    if (x.shape.some((size, i) => i !== axis && size !== y.shape[i])) return;
    const shape = x.shape.map((size, i) => i === axis ? size + y.shape[i] : size);
    this.push("Concat", [x.name, y.name], shape, { axis: int(axis) });
  }

  private join(opType: string, x: Made, y: Made) {
    if (x.shape.join() === y.shape.join()) this.push(opType, [x.name, y.name], x.shape);
  }

  private readonly layers: Record<Layer, (x: Made, y: Made, p: number, q: number) => void> = {
    conv: (x, _, p, q) => this.convolve(x, 1 + q * 2, 1, 1 + p % 3, p),
    pointwise: (x, _, p, q) => this.convolve(x, 1 + q, 1, 1, p),
    depthwise: (x, _, p, q) => this.convolve(x, x.shape[1] * (1 + q % 2), x.shape[1], 3, p),
    grouped: (x, _, p) => x.shape[1] % 2 === 0 && this.convolve(x, 6, 2, 3, p),
    relu: (x) => this.push("Relu", [x.name], x.shape),
    clip: (x, _, p) => {
      const bounds = [-p / 8, p / 4].map((bound) => this.constant(tensor("float32", [], [bound])));
      this.push("Clip", [x.name, ...bounds], x.shape);
    },
    sigmoid: (x) => this.push("Sigmoid", [x.name], x.shape),
    add: (x, y) => this.join("Add", x, y),
    mul: (x, y) => this.join("Mul", x, y),
    addVector: (x, _, p) => this.push("Add", [x.name, this.constant(dyadic([x.shape[1], 1, 1], p))], x.shape),
    concat: (x, y) => this.concat(x, y, 1),
    concatRows: (x, y) => this.concat(x, y, 2),
    maxPool: (x, _, p, q) => this.pool("MaxPool", x, p, q),
    averagePool: (x, _, p, q) => this.pool("AveragePool", x, p, q),
    globalPool: (x) => this.push("GlobalAveragePool", [x.name], [x.shape[0], x.shape[1], 1, 1]),
    pad: (x, _, p, q) => {
      const pads = [0, p % 2, q % 3, p % 3, 0, q % 2, 0, 1];
      const shape = x.shape.map((size, i) => size + pads[i] + pads[i + 4]);
      this.push("Pad", [x.name, this.constant(whole(pads))], shape);
    },
    sliceChannels: (x, _, p, q) => this.slice(x, 1, p, q),
    sliceRows: (x, _, p, q) => this.slice(x, 2, p, q),
    normalize: (x, _, p) => {
      const c = x.shape[1];
      const list = [
        valuesBetween([c], 0.5, 1.5, p),
        dyadic([c], p),
        dyadic([c], p + 3),
        valuesBetween([c], 0.5, 2, p + 9),
      ];
      this.push("BatchNormalization", [x.name, ...list.map((one) => this.constant(one))], x.shape);
    },
    transpose: (x) =>
      this.push("Transpose", [x.name], [0, 1, 3, 2].map((axis) => x.shape[axis]), {
        perm: ints([0, 1, 3, 2]),
      }),
    identity: (x) => this.push("Identity", [x.name], x.shape),
  };
}

/** The network as text, for messages. */
export function describeNetwork({ graph }: Model): string {
  const lines = graph.nodes.map((node) => `${nodeLabel(node)} of ${node.inputs.join(", ")}`);
  return `x0 [${graph.values.get("x0")?.shape}]\n${lines.join("\n")}\noutputs ${graph.outputs.join(", ")}`;
}
