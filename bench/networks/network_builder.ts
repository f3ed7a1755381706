// A float network written layer by layer, with weights drawn at random: uniform with the variance that keeps
// activations finite through any depth (He et al., arXiv 1502.01852). Normalizations are folded, as exporters leave
// them.
import { floatAttribute, intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { seedOf, uniform } from "../../src/tensor/seeded.ts";
import { elementCount, type Shape } from "../../src/tensor/shape.ts";
import { type Tensor, tensor, tensorOver } from "../../src/tensor/tensor.ts";

export type Layer = { readonly name: Name; readonly channels: number };

/** Options of the networks that classify pictures. */
export type PictureNetwork = { readonly pixels?: number; readonly seed?: number };

export type Convolution = {
  readonly channels: number;
  /** Edge of a square window, or height and width. */
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  /** On all sides; by default half the window, which keeps the size at stride 1. */
  readonly pad?: number;
  readonly groups?: number;
  /** Scales the weights; what is added to a skip connection takes less than 1. */
  readonly gain?: number;
};

const opset = 13;

export class NetworkBuilder {
  private readonly nodes: Node[] = [];
  private readonly values = new Map<Name, Value>();
  private readonly inputs: Name[] = [];
  private readonly seed: number;
  private drawnConstants = 0;

  constructor(seed = 0) {
    this.seed = seed;
  }

  /** Pictures of any batch size, `[N, channels, height, width]`. */
  pictures(channels: number, height: number, width = height): Layer {
    return this.input("input", ["N", channels, height, width], channels);
  }

  input(name: Name, shape: readonly (number | string)[], channels: number): Layer {
    this.inputs.push(name);
    this.values.set(name, { dtype: "float32", shape });
    return { name, channels };
  }

  convolution(x: Layer, { channels, kernel, stride = 1, pad, groups = 1, gain = 1 }: Convolution): Layer {
    const window = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const fanIn = (x.channels / groups) * elementCount(window);
    const bound = gain * Math.sqrt(6 / fanIn);
    const weight = this.random("weight", [channels, x.channels / groups, ...window], bound);
    const bias = this.random("bias", [channels], 0.1);
    const attributes = { ...windowAttributes(window, stride, pad), group: intAttribute(groups) };
    return this.node("Conv", [x.name, weight, bias], channels, attributes);
  }

  relu(x: Layer): Layer {
    return this.node("Relu", [x.name], x.channels);
  }

  /** Between 0 and 6. */
  relu6(x: Layer): Layer {
    const [low, high] = [0, 6].map((value) => this.constant("limit", tensor("float32", [], [value])));
    return this.node("Clip", [x.name, low, high], x.channels);
  }

  add(x: Layer, y: Layer): Layer {
    return this.node("Add", [x.name, y.name], x.channels);
  }

  /** Along the channels. */
  concat(layers: readonly Layer[]): Layer {
    const channels = layers.reduce((sum, layer) => sum + layer.channels, 0);
    return this.node("Concat", layers.map(({ name }) => name), channels, { axis: intAttribute(1) });
  }

  maxPool(x: Layer, kernel: number, stride: number, pad?: number): Layer {
    return this.node("MaxPool", [x.name], x.channels, windowAttributes([kernel, kernel], stride, pad));
  }

  /** Stride 1; padding counts as zeros, as PyTorch averages by default. */
  averagePool(x: Layer, kernel: number): Layer {
    return this.node("AveragePool", [x.name], x.channels, {
      ...windowAttributes([kernel, kernel], 1),
      count_include_pad: intAttribute(1),
    });
  }

  /** Global average, flattened, then a matrix product with a bias. */
  classifier(x: Layer, classes: number): Layer {
    const pooled = this.node("GlobalAveragePool", [x.name], x.channels);
    const flat = this.node("Flatten", [pooled.name], x.channels, { axis: intAttribute(1) });
    const weight = this.random("weight", [classes, x.channels], Math.sqrt(3 / x.channels));
    const bias = this.random("bias", [classes], 0.1);
    return this.node("Gemm", [flat.name, weight, bias], classes, {
      alpha: floatAttribute(1),
      beta: floatAttribute(1),
      transB: intAttribute(1),
    });
  }

  /** Uniform between −bound and bound. */
  random(stem: string, shape: Shape, bound: number): Name {
    const next = uniform(seedOf(this.seed, this.drawnConstants));
    const values = new Float32Array(elementCount(shape));
    for (let i = 0; i < values.length; i++) values[i] = (2 * next() - 1) * bound;
    return this.constant(stem, tensorOver("float32", shape, values));
  }

  node(
    opType: string,
    inputs: readonly Name[],
    channels: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Layer {
    const name = `${opType.toLowerCase()}_${this.nodes.length}`;
    const entries = new Map(Object.entries(attributes));
    this.nodes.push({ opType, domain: "", name, inputs, outputs: [name], attributes: entries });
    return { name, channels };
  }

  /** The graph whose only output is `y`, of this shape. */
  finish(name: string, y: Layer, shape: readonly (number | string)[]): Graph {
    const values = new Map(this.values).set(y.name, { dtype: "float32", shape });
    return { name, nodes: this.nodes, values, inputs: this.inputs, outputs: [y.name], opset };
  }

  private constant(stem: string, constant: Tensor): Name {
    const name = `${stem}_${this.drawnConstants++}`;
    this.values.set(name, { dtype: constant.dtype, shape: constant.shape, constant });
    return name;
  }
}

function windowAttributes(window: Shape, stride: number, pad?: number): Record<string, Attribute> {
  const pads = window.map((edge) => pad ?? edge >> 1);
  return {
    kernel_shape: intsAttribute(window),
    strides: intsAttribute([stride, stride]),
    pads: intsAttribute([...pads, ...pads]),
  };
}
