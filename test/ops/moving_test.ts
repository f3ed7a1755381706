// What operators that move elements refuse at planning time.
import assert from "node:assert/strict";
import test from "node:test";
import { inferShapes } from "../../src/passes/infer_shapes.ts";
import { dyadic, int, oneNode, type Row, text, whole } from "./one_node.ts";
import { exact } from "./agreement.ts";

const refused: readonly (Pick<Row, "opType" | "inputs" | "attributes"> & { readonly message: RegExp })[] = [
  { opType: "Gather", inputs: [dyadic([2, 3]), whole([0, 2])], message: /element 2 of 2, expected -2..1/ },
  {
    opType: "GatherElements",
    inputs: [dyadic([2, 3]), whole([0, -4], [1, 2])],
    attributes: { axis: int(1) },
    message: /element -4 of 3/,
  },
  { opType: "GatherND", inputs: [dyadic([2, 3]), whole([1, 3], [1, 2])], message: /element 3 of 3/ },
  {
    opType: "ScatterElements",
    inputs: [dyadic([2, 3]), whole([2], [1, 1]), dyadic([1, 1])],
    message: /element 2 of 2/,
  },
  {
    opType: "ScatterND",
    inputs: [dyadic([2, 3]), whole([-3], [1, 1]), dyadic([1, 3])],
    message: /element -3 of 2/,
  },
  {
    opType: "ScatterND",
    inputs: [dyadic([2, 3]), whole([1], [1, 1]), dyadic([1, 2])],
    message: /updates of \[1,2\], expected \[1,3\]/,
  },
  { opType: "Gather", inputs: [dyadic([0, 3]), whole([0])], message: /element 0 of 0/ },
  {
    opType: "Pad",
    inputs: [dyadic([2]), whole([1, 1])],
    attributes: { mode: text("mirror") },
    message: /mode is "mirror", expected constant, reflect, edge, wrap/,
  },
  {
    opType: "Pad",
    inputs: [dyadic([2, 2]), whole([1, 1])],
    message: /2 pads, expected two for each of 2 axes/,
  },
  { opType: "Split", inputs: [dyadic([5]), whole([5, 1])], message: /parts are \[5,1\]/ },
  {
    opType: "Resize",
    inputs: [dyadic([1, 1, 2, 2]), undefined, undefined, whole([1, 1, 4, 4])],
    attributes: { mode: text("lanczos") },
    message: /mode is "lanczos", expected nearest, linear, cubic/,
  },
  {
    opType: "DepthToSpace",
    inputs: [dyadic([1, 6, 1, 1])],
    attributes: { blocksize: int(2) },
    message: /1,1.5,2,2/,
  },
  {
    opType: "Tile",
    inputs: [dyadic([2, 2]), whole([2])],
    message: /repeats are \[2\], expected one per axis/,
  },
];

for (const { opType, inputs, attributes, message } of refused) {
  test(`${opType} is refused: ${message.source}`, () => {
    const { graph } = oneNode({ opType, about: "", inputs, attributes, within: exact });
    assert.throws(() => inferShapes(graph), message);
  });
}
