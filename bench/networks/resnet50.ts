// ResNet-50 as torchvision builds it ("v1.5": the 3×3 convolution of a bottleneck has the stride), random weights.
import type { Graph } from "../../src/graph/graph.ts";
import { type Layer, NetworkBuilder } from "./network_builder.ts";

export type PictureNetwork = { readonly pixels?: number; readonly seed?: number };

/** By stage: number of blocks, their inner channels, stride of the first. */
const stages = [[3, 64, 1], [4, 128, 2], [6, 256, 2], [3, 512, 2]] as const;
const expansion = 4;
const classes = 1000;

export function resnet50({ pixels = 224, seed = 50 }: PictureNetwork = {}): Graph {
  const builder = new NetworkBuilder(seed);
  const input = builder.pictures(3, pixels);
  const stem = builder.relu(builder.convolution(input, { channels: 64, kernel: 7, stride: 2 }));
  let x = builder.maxPool(stem, 3, 2);
  for (const [blocks, channels, stride] of stages) {
    for (let block = 0; block < blocks; block++) {
      x = bottleneck(builder, x, channels, block === 0 ? stride : 1);
    }
  }
  return builder.finish("resnet50", builder.classifier(x, classes), ["N", classes]);
}

function bottleneck(builder: NetworkBuilder, x: Layer, channels: number, stride: number): Layer {
  const wide = channels * expansion;
  const narrow = builder.relu(builder.convolution(x, { channels, kernel: 1 }));
  const middle = builder.relu(builder.convolution(narrow, { channels, kernel: 3, stride }));
  const branch = builder.convolution(middle, { channels: wide, kernel: 1, gain: 0.5 });
  const skip = x.channels === wide ? x : builder.convolution(x, { channels: wide, kernel: 1, stride });
  return builder.relu(builder.add(branch, skip));
}
