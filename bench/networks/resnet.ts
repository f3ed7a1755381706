// ResNet-18 and ResNet-50 as torchvision builds them ("v1.5": the 3×3 convolution of a bottleneck has the stride),
// random weights.
import type { Graph } from "../../src/graph/graph.ts";
import { type Layer, NetworkBuilder, type PictureNetwork } from "./network_builder.ts";

/** By stage: inner channels and stride of the first block. */
const stages = [[64, 1], [128, 2], [256, 2], [512, 2]] as const;
const expansion = 4;
const classes = 1000;

export function resnet18({ pixels = 224, seed = 18 }: PictureNetwork = {}): Graph {
  return resnet("resnet18", [2, 2, 2, 2], basicBlock, new NetworkBuilder(seed), pixels);
}

export function resnet50({ pixels = 224, seed = 50 }: PictureNetwork = {}): Graph {
  return resnet("resnet50", [3, 4, 6, 3], bottleneck, new NetworkBuilder(seed), pixels);
}

type Block = (builder: NetworkBuilder, x: Layer, channels: number, stride: number) => Layer;

/** `depths`: the number of blocks by stage. */
function resnet(
  name: string,
  depths: readonly number[],
  block: Block,
  builder: NetworkBuilder,
  pixels: number,
): Graph {
  const input = builder.pictures(3, pixels);
  const stem = builder.relu(builder.convolution(input, { channels: 64, kernel: 7, stride: 2 }));
  let x = builder.maxPool(stem, 3, 2);
  stages.forEach(([channels, stride], stage) => {
    for (let i = 0; i < depths[stage]; i++) x = block(builder, x, channels, i === 0 ? stride : 1);
  });
  return builder.finish(name, builder.classifier(x, classes), ["N", classes]);
}

function basicBlock(builder: NetworkBuilder, x: Layer, channels: number, stride: number): Layer {
  const first = builder.relu(builder.convolution(x, { channels, kernel: 3, stride }));
  const branch = builder.convolution(first, { channels, kernel: 3, gain: 0.5 });
  return builder.relu(builder.add(branch, shortcut(builder, x, channels, stride)));
}

function bottleneck(builder: NetworkBuilder, x: Layer, channels: number, stride: number): Layer {
  const wide = channels * expansion;
  const narrow = builder.relu(builder.convolution(x, { channels, kernel: 1 }));
  const middle = builder.relu(builder.convolution(narrow, { channels, kernel: 3, stride }));
  const branch = builder.convolution(middle, { channels: wide, kernel: 1, gain: 0.5 });
  return builder.relu(builder.add(branch, shortcut(builder, x, wide, stride)));
}

/** The input itself, or projected where the number of channels changes. */
function shortcut(builder: NetworkBuilder, x: Layer, channels: number, stride: number): Layer {
  return x.channels === channels ? x : builder.convolution(x, { channels, kernel: 1, stride });
}
