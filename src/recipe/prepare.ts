// The float graph that is calibrated: everything that changes float arithmetic happens before any data is seen.
import { removeUnused } from "../graph/edit.ts";
import type { Graph, Node } from "../graph/graph.ts";
import { refuseDoubles } from "../passes/doubles.ts";
import { foldBatchnorm } from "../passes/fold_batchnorm.ts";
import { weightSteps } from "../passes/fold_constants.ts";
import { holdConstants } from "../passes/hold_constants.ts";
import { inferShapes } from "../passes/infer_shapes.ts";
import { decideBranches, inlineBranches } from "../passes/inline_branches.ts";
import { inlineFunctions } from "../passes/inline_functions.ts";
import { type Keeps, recognize } from "../passes/recognize.ts";
import { rewrite } from "../passes/rewrite.ts";
import { splitConstants } from "../passes/split_constants.ts";
import { isFused, unfuse } from "../passes/unfuse.ts";
import { plannedOpset, upgradeOpset } from "../passes/upgrade_opset.ts";
import { widenHalves } from "../passes/widen.ts";
import type { Encodings } from "../quantize/encoding.ts";
import { opsetOf } from "../quantize/target.ts";

/**
 * The graph to calibrate, at this opset or above. Unknown operators stay in it, and so do nodes to keep: no pattern
 * absorbs them, and a fused one is not taken apart.
 */
export function prepare(model: Graph, opset: number, keeps: Keeps = () => false): Graph {
  const inlined = removeUnused(refuseDoubles(widenHalves(inlineFunctions(model))));
  // The parts of a fused node are operators of the planned opset.
  const least = inlined.nodes.some(isFused) ? plannedOpset : 0;
  const graph = unfuse(upgradeOpset(least)(inlined), keeps);
  const upgrade = upgradeOpset(opset);
  const fold = (one: Graph) => recognize(one, keeps);
  // Operators fold in the forms that src/ops declares. If the codes need no such opset, the file keeps its own forms
  // and its arithmetic on shapes; plans upgrade and fold them anyway.
  if (Math.max(graph.opset, opset) < plannedOpset) {
    const passes = { upgrade, inlineBranches, holdConstants, recognize: fold, foldBatchnorm, splitConstants };
    return rewrite(graph, passes);
  }
  const foldWeights = (one: Graph) => inferShapes(one, weightSteps);
  return rewrite(graph, {
    upgrade,
    foldWeights,
    decideBranches,
    recognize: fold,
    foldBatchnorm,
    splitConstants,
  });
}

/** The same for values that have encodings already: their nodes are kept. */
export function prepareFor(encodings: Encodings, model: Graph): Graph {
  const isCoded = (node: Node) => node.outputs.some((name) => encodings.has(name));
  return prepare(model, opsetOf(encodings), (node, isInner) => isInner && isCoded(node));
}
