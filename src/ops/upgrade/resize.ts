// Older Upsample, Resize and RoiAlign: how output pixels map to input coordinates.
import { floatsAttribute, textAttribute } from "../../graph/attribute.ts";
import { constant as constantIn } from "../../graph/edit.ts";
import type { Node } from "../../graph/graph.ts";
import { numbers, tensor } from "../../tensor/tensor.ts";
import { type Around, type Rewriting, stemOf, withAttribute, withoutAttributes } from "./upgrade.ts";

/** Until 7, Upsample had one attribute per axis. */
export function scalesByName(node: Node): Rewriting {
  const [height, width] = ["height_scale", "width_scale"].map((key) => node.attributes.get(key));
  if (height?.type !== "float" || width?.type !== "float") return node;
  const scales = floatsAttribute([1, 1, height.value, width.value]);
  return withAttribute(withoutAttributes(node, "height_scale", "width_scale"), "scales", scales);
}

/** Until 10, coordinates had no half-pixel offset: rounded down if an axis grows, up if it shrinks. */
export function resizePlainly(node: Node, { graph, constant }: Around): Node {
  const [x, scales] = node.inputs;
  const given = constantIn(graph, scales);
  const shrinks = given !== undefined && numbers(given).some((ratio) => ratio < 1);
  // A required input until 13.
  const roi = constant(`${stemOf(node)}_roi`, tensor("float32", [0], []));
  const placed = withAttribute(node, "coordinate_transformation_mode", textAttribute("asymmetric"));
  return {
    ...withAttribute(placed, "nearest_mode", textAttribute(shrinks ? "ceil" : "floor")),
    inputs: [x, roi, scales],
  };
}

/** TensorFlow's coordinates, until 12, are half a pixel larger; rounding half a pixel lower gives the same pixels. */
export function tensorFlowPixels(node: Node): Rewriting {
  const coordinates = node.attributes.get("coordinate_transformation_mode")?.value;
  if (coordinates !== "tf_half_pixel_for_nn") return node;
  const rounding = String(node.attributes.get("nearest_mode")?.value ?? "round_prefer_floor");
  const lower = new Map([["floor", "round_prefer_ceil"], ["round_prefer_floor", "ceil"]]).get(rounding);
  if (!lower) return `no later opset has tf_half_pixel_for_nn with nearest_mode "${rounding}"`;
  const moved = withAttribute(node, "coordinate_transformation_mode", textAttribute("half_pixel"));
  return withAttribute(moved, "nearest_mode", textAttribute(lower));
}

/** Until 15, regions began at the corners of pixels, without an attribute. */
export function cornersOfPixels(node: Node): Node {
  return withAttribute(node, "coordinate_transformation_mode", textAttribute("output_half_pixel"));
}
