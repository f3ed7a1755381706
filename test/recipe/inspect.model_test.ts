// The shared models on their targets.
import assert from "node:assert/strict";
import test from "node:test";
import { inspect, load } from "../../src/mod.ts";
import { modelPath } from "../golden/texts.ts";
import { skipWithoutShared } from "../shared.ts";

const skip = skipWithoutShared;

test(
  "inspect: ResNet-8 runs on codes except its Softmax, with the published multiply-adds",
  { skip },
  async () => {
    const { nodes } = inspect(await load(modelPath("mlperf-tiny-resnet8")), { preset: "dpu" });
    const float = nodes.filter(({ onCodes }) => !onCodes).map(({ type, why }) => [type, why]);
    assert.deepEqual(float, [["Softmax", "its operator stays float"]]);
    const work = nodes.reduce((sum, { multiplyAdds }) => sum + multiplyAdds!, 0);
    // MLPerf Tiny gives 12.5 million.
    assert.equal(work, 12_501_632);
  },
);
