// MobileNetV2 as torchvision builds it (width 1), random weights.
import type { Graph } from "../../src/graph/graph.ts";
import { type Layer, NetworkBuilder, type PictureNetwork } from "./network_builder.ts";

/** Expansion, channels, number of blocks and stride of the first: table 2 of arXiv 1801.04381. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const classes = 1000;

export function mobilenetV2({ pixels = 224, seed = 2 }: PictureNetwork = {}): Graph {
  const builder = new NetworkBuilder(seed);
  const input = builder.pictures(3, pixels);
  let x = builder.relu6(builder.convolution(input, { channels: 32, kernel: 3, stride: 2 }));
  for (const [expansion, channels, blocks, stride] of stages) {
    for (let block = 0; block < blocks; block++) {
      x = addInvertedResidual(builder, x, expansion, channels, block === 0 ? stride : 1);
    }
  }
  const last = builder.relu6(builder.convolution(x, { channels: 1280, kernel: 1 }));
  return builder.finish("mobilenet_v2", builder.classifier(last, classes), ["N", classes]);
}

function addInvertedResidual(
  builder: NetworkBuilder,
  x: Layer,
  expansion: number,
  channels: number,
  stride: number,
): Layer {
  const wide = x.channels * expansion;
  const expanded = expansion === 1 ? x : builder.relu6(builder.convolution(x, { channels: wide, kernel: 1 }));
  const depthwise = { channels: wide, kernel: 3, stride, groups: wide };
  const filtered = builder.relu6(builder.convolution(expanded, depthwise));
  const kept = stride === 1 && x.channels === channels;
  const projected = builder.convolution(filtered, { channels, kernel: 1, gain: kept ? 0.5 : 1 });
  return kept ? builder.add(x, projected) : projected;
}
