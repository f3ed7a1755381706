// A network of a given number of nodes for what must cope with large graphs: residual blocks up to the middle, then as
// many down again, of which every few add the output of their mirror image (as in U-Net, arXiv 1505.04597), so that
// connections are up to as long as the network. Every few blocks end in an operator that few runtimes have on codes.
import type { Graph } from "../../src/graph/graph.ts";
import { type Layer, NetworkBuilder } from "./network_builder.ts";

export type Ladder = {
  readonly nodes?: number;
  /** Blocks from one long connection to the next. */
  readonly skipPeriod?: number;
  /** Blocks from one float operator to the next. */
  readonly floatPeriod?: number;
  readonly channels?: number;
};

/** Conv, Relu, Conv, Add, Relu. */
const nodesPerBlock = 5;

/** Has at least `nodes` nodes, and more by the number of long connections. */
export function ladder(
  { nodes = 1000, skipPeriod = 10, floatPeriod = 9, channels = 16 }: Ladder = {},
): Graph {
  const builder = new NetworkBuilder(nodes);
  const convolve = (x: Layer) => builder.convolution(x, { channels, kernel: 3, gain: 0.5 });
  const blocks = Math.ceil(nodes / nodesPerBlock);
  const made: Layer[] = [];
  let x = convolve(builder.pictures(3, 32));
  for (let block = 0; block < blocks; block++) {
    const sum = builder.add(x, convolve(builder.relu(convolve(x))));
    const isFloat = block % floatPeriod === floatPeriod - 1;
    x = isFloat ? builder.node("Softplus", [sum.name], channels) : builder.relu(sum);
    made.push(x);
    const mirrored = blocks - 1 - block;
    if (mirrored < block && mirrored % skipPeriod === 0) x = builder.add(x, made[mirrored]);
  }
  return builder.finish("ladder", x, ["N", channels, 32, 32]);
}
