// Device memory of plans: the arena is at most 1.2 times the largest live set.
import assert from "node:assert/strict";
import test from "node:test";
import { mobilenetV2 } from "../../bench/networks/mobilenet_v2.ts";
import { resnet50 } from "../../bench/networks/resnet.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { load, modelInputs } from "../../src/mod.ts";
import { planFor } from "../../src/passes/specialize.ts";
import { plannedOpset } from "../../src/passes/upgrade_opset.ts";
import { prepare } from "../../src/recipe.ts";
import { models } from "../../bench/models.ts";
import { sharedPath, skipWithoutShared } from "../shared.ts";
import { arenaBuffers, overlaps } from "./overlaps.ts";

const networks: readonly (readonly [name: string, load: () => Promise<Graph>, skip: string | false])[] = [
  ...models.map(({ name }) =>
    [name, () => load(sharedPath("models", `${name}.onnx`)), skipWithoutShared] as const
  ),
  ["ResNet-50", () => Promise.resolve(resnet50()), false],
  ["MobileNetV2", () => Promise.resolve(mobilenetV2()), false],
];

for (const [name, open, skip] of networks) {
  test(
    `the arena of ${name} is at most 1.2 times the largest live set, at batch 1 and 8`,
    { skip },
    async () => {
      const graph = prepare(await open(), plannedOpset);
      for (const batch of [1, 8]) {
        const shapes = modelInputs(graph).map(({ name, shape }) =>
          [name, shape.map((dim) => typeof dim === "number" ? dim : batch)] as const
        );
        const plan = planFor(graph, new Map(shapes));
        const placed = arenaBuffers(plan);
        assert.deepEqual(overlaps(placed), []);
        const live = plan.calls.map((_, at) =>
          placed.filter(({ first, last }) => first <= at && at <= last).reduce(
            (sum, { bytes }) => sum + bytes,
            0,
          )
        );
        const most = Math.max(...live);
        const share = (plan.arenaBytes / most).toFixed(3);
        assert.ok(
          plan.arenaBytes <= 1.2 * most,
          `batch ${batch}: ${plan.arenaBytes} bytes, ${share} of ${most}`,
        );
      }
    },
  );
}
