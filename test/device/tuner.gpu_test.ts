// Tuned machines: results equal the reference, whichever variants run.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openAdapter } from "../../src/device/adapter.ts";
import { type Choice, type Choices, choicesOf } from "../../src/device/choices.ts";
import { gpuMachine } from "../../src/device/gpu_machine.ts";
import { matricesOf, openDevice } from "../../src/device/open_device.ts";
import { restrictVariants, shadersHash } from "../../src/device/variants.ts";
import type { MatrixShape } from "../../src/kernels/kernel.ts";
import { intsAttribute } from "../../src/graph/attribute.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Outputs } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import { toyNode } from "../graph/toy.ts";
import { trouble } from "../kernels/check.ts";
import { exact, seededFloats, sums } from "../kernels/row.ts";
import { planOf, random } from "../plan/toy_plan.ts";

const pads = intsAttribute([1, 1, 1, 1]);
const scalar = (dtype: "float32" | "uint8" | "int8", value: number) => tensor(dtype, [], [value]);
const codes = (dtype: "uint8" | "int8", shape: readonly number[], low: number) => {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return tensor(dtype, shape, seededFloats(count, 9).map((v) => Math.floor((v + 1) * 127.9) + low));
};

/** A convolution of floats and one of codes, a deep product with few rows and columns, and batches of products. */
const { plan, feeds } = planOf({
  nodes: [
    toyNode("Conv x w b > c", { pads }),
    "MatMul t d > p",
    "MatMul l r > q",
    toyNode("QLinearConv u us uz k ks kz vs vz > v", { pads }),
  ],
  feeds: {
    x: random([1, 12, 19, 21]),
    t: random([3, 2048], 4),
    l: random([2, 70, 36], 6),
    r: random([2, 36, 68], 7),
    u: codes("uint8", [1, 10, 13, 11], 0),
  },
  constants: {
    w: random([37, 12, 3, 3], 2),
    b: random([37], 3),
    d: random([2048, 8], 5),
    us: scalar("float32", 0.02),
    uz: scalar("uint8", 120),
    k: codes("int8", [70, 10, 3, 3], -127),
    ks: scalar("float32", 0.01),
    kz: scalar("int8", 0),
    vs: scalar("float32", 0.5),
    vz: scalar("uint8", 128),
  },
  outputs: ["c", "p", "q", "v"],
});
const expected = await referenceMachine().run(plan, feeds);

function assertAnswers(outputs: Outputs) {
  for (const [name, bound] of [["c", sums], ["p", sums], ["q", sums], ["v", exact]] as const) {
    const [found, wanted] = [outputs, expected].map((some) => Float64Array.from(numbers(some.get(name)!)));
    assert.equal(trouble(found, wanted, bound), undefined, name);
  }
}

async function openAuto() {
  const adapter = await openAdapter("auto");
  return { adapter, device: await openDevice(adapter) };
}

async function openTuned(choices: Choices) {
  const { adapter, device } = await openAuto();
  return gpuMachine(device, adapter, choices);
}

/** Choices as if each of these stems had been measured to be fastest wherever it is a variant. */
function choicesOfStems(
  plan: Plan,
  stems: readonly string[],
  matrices: readonly MatrixShape[],
): { choices: Choices; used: Set<string> } {
  const table: Record<string, Record<string, Choice>> = {};
  const used = new Set<string>();
  for (const { kernel: whole, numbers } of plan.calls) {
    const kernel = restrictVariants(whole, matrices);
    if (!kernel.variants) continue;
    const others = kernel.variants.others(numbers, Infinity);
    const chosen = others.find(({ stem }) => stems.includes(stem))?.stem ?? kernel.stem;
    used.add(chosen);
    const choice = { shaders: shadersHash(kernel, others), chosen };
    table[kernel.stem] = { ...table[kernel.stem], [kernel.variants.bucket(numbers)]: choice };
  }
  const fail = () => Promise.reject(new Error("measured what is known"));
  return { choices: { read: () => Promise.resolve(table), add: fail }, used };
}

for (
  const stems of [
    ["conv2d_tile", "matmul_tile", "qconv2d_tile"],
    ["conv2d_wide", "matmul_wide"],
    ["matmul_split"],
  ]
) {
  test(`a machine that runs ${stems.join(", ")} equals the reference`, async () => {
    const { adapter, device } = await openAuto();
    const { choices, used } = choicesOfStems(plan, stems, matricesOf(device));
    assert.deepEqual(stems.filter((stem) => !used.has(stem)), []);
    const machine = gpuMachine(device, adapter, choices);
    assertAnswers(await machine.run(plan, feeds));
    machine.close();
  });
}

test("a machine that measures equals the reference and stores its choices", async () => {
  const folder = await mkdtemp(join(tmpdir(), "halftone-test-"));
  try {
    const choices = choicesOf(await openAdapter("auto"), join(folder, "kernels.json"));
    const machine = await openTuned(choices);
    assertAnswers(await machine.run(plan, feeds));
    machine.close();
    const table = await choices.read();
    assert.ok(Object.keys(table).length > 0);
    const known = new Set(plan.calls.flatMap(({ kernel }) => kernel.variants ? [kernel.stem] : []));
    assert.deepEqual(Object.keys(table).filter((stem) => !known.has(stem)), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
