// Inception v3 as torchvision builds it for inference (arXiv 1512.00567, without the auxiliary classifier), random
// weights.
import type { Graph } from "../../src/graph/graph.ts";
import { type Convolution, type Layer, NetworkBuilder, type PictureNetwork } from "./network_builder.ts";

/** A convolution and a ReLU, or two side by side that read the same input. */
type Step = Convolution | readonly [Convolution, Convolution];
/** The branches of a module; the pool comes last: an average before a 1×1 convolution, or a maximum of stride 2. */
type Module = { readonly branches: readonly (readonly Step[])[]; readonly pooled: number | "max" };

const square = (kernel: number, channels: number): Convolution => ({ kernel, channels });
const row = (width: number, channels: number): Convolution => ({ kernel: [1, width], channels });
const column = (height: number, channels: number): Convolution => ({ kernel: [height, 1], channels });
/** Without padding. */
const valid = (channels: number, stride: 1 | 2): Convolution => ({ kernel: 3, channels, stride, pad: 0 });
const both = (channels: number) => [row(3, channels), column(3, channels)] as const;

const moduleA = (pooled: number): Module => ({
  branches: [
    [square(1, 64)],
    [square(1, 48), square(5, 64)],
    [square(1, 64), square(3, 96), square(3, 96)],
  ],
  pooled,
});

const moduleB: Module = {
  branches: [[valid(384, 2)], [square(1, 64), square(3, 96), valid(96, 2)]],
  pooled: "max",
};

const moduleC = (inner: number): Module => ({
  branches: [
    [square(1, 192)],
    [square(1, inner), row(7, inner), column(7, 192)],
    [square(1, inner), column(7, inner), row(7, inner), column(7, inner), row(7, 192)],
  ],
  pooled: 192,
});

const moduleD: Module = {
  branches: [
    [square(1, 192), valid(320, 2)],
    [square(1, 192), row(7, 192), column(7, 192), valid(192, 2)],
  ],
  pooled: "max",
};

const moduleE: Module = {
  branches: [
    [square(1, 320)],
    [square(1, 384), both(384)],
    [square(1, 448), square(3, 384), both(384)],
  ],
  pooled: 192,
};

const modules: readonly Module[] = [
  ...[32, 64, 64].map(moduleA),
  moduleB,
  ...[128, 160, 160, 192].map(moduleC),
  moduleD,
  ...[moduleE, moduleE],
];
const classes = 1000;

export function inceptionV3({ pixels = 299, seed = 3 }: PictureNetwork = {}): Graph {
  const builder = new NetworkBuilder(seed);
  const stem = addSteps(builder, builder.pictures(3, pixels), [valid(32, 2), valid(32, 1), square(3, 64)]);
  const middle = addSteps(builder, builder.maxPool(stem, 3, 2, 0), [square(1, 80), valid(192, 1)]);
  let x = builder.maxPool(middle, 3, 2, 0);
  for (const one of modules) x = addModule(builder, x, one);
  return builder.finish("inception_v3", builder.classifier(x, classes), ["N", classes]);
}

function addModule(builder: NetworkBuilder, x: Layer, { branches, pooled }: Module): Layer {
  const joined = branches.map((steps) => addSteps(builder, x, steps));
  const pool = pooled === "max"
    ? builder.maxPool(x, 3, 2, 0)
    : addSteps(builder, builder.averagePool(x, 3), [square(1, pooled)]);
  return builder.concat([...joined, pool]);
}

function addSteps(builder: NetworkBuilder, x: Layer, steps: readonly Step[]): Layer {
  const layer = (from: Layer, one: Convolution) => builder.relu(builder.convolution(from, one));
  return steps.reduce(
    (from, step) =>
      "kernel" in step ? layer(from, step) : builder.concat(step.map((one) => layer(from, one))),
    x,
  );
}
