// What a DPU does not run of a graph of ONNX, and the option that names it.
import assert from "node:assert/strict";
import test from "node:test";
import { nodesOnCpu } from "../../src/dpu/place_nodes.ts";
import { dpuLimits } from "../../src/dpu/names.ts";
import { optionsFor, recipeOf } from "../../src/recipe/options.ts";
import { proposePoints } from "../../src/recipe/place_points.ts";
import { tinyGraph } from "../cli/tiny.ts";

// Its pools have windows of 1 to 3 and 7; the one of this network is 8 by 8.
const dpu = "DPUCVDX8H_ISA1_F2W2_8PE";
const why = "'kernel'(8 x 8) is not in DPU supported range([1-3, 7])";

test("nodesOnCpu: nodes by name, with what keeps them from the DPU", () => {
  assert.deepEqual([...nodesOnCpu(tinyGraph(), dpuLimits(dpu)!)], [["pool", why]]);
  assert.deepEqual([...nodesOnCpu(tinyGraph(), dpuLimits("DPUCZDX8G_ISA1_B512")!)], []);
});

test("what the DPU does not run is not quantized; an exclusion's own reason comes first", () => {
  const floatNodes = (exclude: string[]) => {
    const recipe = recipeOf(optionsFor({ preset: "dpu", dpu, exclude }), tinyGraph());
    return proposePoints(tinyGraph(), recipe).points.float.map(({ name, why }) => [name, why]);
  };
  assert.deepEqual(floatNodes([])[0], ["pool", why]);
  assert.deepEqual(floatNodes(["pool"])[0], ["pool", 'excluded by "pool"']);
});

test("an unknown DPU is refused with the nearest name, and one beside another preset", () => {
  const recipeFor = (given: Parameters<typeof optionsFor>[0]) => () =>
    recipeOf(optionsFor(given), tinyGraph());
  assert.throws(
    recipeFor({ preset: "dpu", dpu: "DPUCAHX8L_ISA0_PS" }),
    /^ConfigError: Cannot quantize for DPU "DPUCAHX8L_ISA0_PS": .* did you mean "DPUCAHX8L_ISA0_SP"\?$/,
  );
  assert.throws(recipeFor({ preset: "dpu", dpu: "0x1" }), /expected a name or a fingerprint \(0x…\)$/);
  assert.throws(
    recipeFor({ dpu }),
    /^ConfigError: Cannot quantize for DPU ".*" with preset "ort-cpu": expected/,
  );
});
