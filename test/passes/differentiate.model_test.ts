// The gradients of a whole network.
import test from "node:test";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { load } from "../../src/mod.ts";
import { specialize } from "../../src/passes/specialize.ts";
import { prepare } from "../../src/recipe.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";
import { fill } from "./network.ts";
import { assertSlopes, inDoubles } from "./slopes.ts";

/** Short, so that hardly any Relu crosses its corner. */
const short = { step: 2 ** -26, tolerance: 2 ** -18 };

test(
  "resnet8's gradients by a weight tensor agree with finite differences",
  { skip: skipWithoutShared },
  async () => {
    const model = prepare(await load(sharedPath("models", "mlperf-tiny-resnet8.onnx")), plannedOpset);
    const feeds = new Map(model.inputs.map((name) => {
      const shape = model.values.get(name)!.shape!.map((dim) => typeof dim === "number" ? dim : 2);
      return [name, fill(shape, 3)] as const;
    }));
    const graph = specialize(model, new Map([...feeds].map(([name, { shape }]) => [name, shape])));
    const weights = graph.nodes.filter(({ opType }) => opType === "Conv").map(({ inputs }) => inputs[1]);
    const by = weights[2];
    const all = new Map([...feeds, [by, graph.values.get(by)!.constant!]]);
    assertSlopes(inDoubles(graph, [by]), all, [by], short);
  },
);
