// ResNet-50 as torchvision builds it ("v1.5": the 3×3 convolution of a bottleneck has the stride), random weights.
import type { Graph } from "../../src/graph/graph.ts";
import { Drawing, type Drawn } from "./drawing.ts";

export type PictureNetwork = { readonly pixels?: number; readonly seed?: number };

/** By stage: blocks, channels inside of each, stride of the first. */
const stages = [[3, 64, 1], [4, 128, 2], [6, 256, 2], [3, 512, 2]] as const;
const expansion = 4;
const classes = 1000;

export function resnet50({ pixels = 224, seed = 50 }: PictureNetwork = {}): Graph {
  const drawing = new Drawing(seed);
  const input = drawing.pictures(3, pixels);
  const stem = drawing.relu(drawing.convolution(input, { channels: 64, kernel: 7, stride: 2 }));
  let x = drawing.maxPool(stem, 3, 2);
  for (const [blocks, channels, stride] of stages) {
    for (let block = 0; block < blocks; block++) {
      x = bottleneck(drawing, x, channels, block === 0 ? stride : 1);
    }
  }
  return drawing.finish("resnet50", drawing.classifier(x, classes), ["N", classes]);
}

function bottleneck(drawing: Drawing, x: Drawn, channels: number, stride: number): Drawn {
  const wide = channels * expansion;
  const narrow = drawing.relu(drawing.convolution(x, { channels, kernel: 1 }));
  const middle = drawing.relu(drawing.convolution(narrow, { channels, kernel: 3, stride }));
  const branch = drawing.convolution(middle, { channels: wide, kernel: 1, gain: 0.5 });
  const skip = x.channels === wide ? x : drawing.convolution(x, { channels: wide, kernel: 1, stride });
  return drawing.relu(drawing.add(branch, skip));
}
