import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { openGpujsMachine } from "../../src/device/gpujs_machine.ts";
import { conv2dTiled } from "../../src/kernels/conv2d_tiled.ts";
import { type Call, call, type Numbers } from "../../src/kernels/kernel.ts";
import { matmul } from "../../src/kernels/matmul.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Plan, PlanBuffer } from "../../src/plan/plan.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";

const machine = await openGpujsMachine();

/** Values with a prime period, so that no two rows of a small matrix are equal. */
function values(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 1009) / 504.5 - 1);
}

/** A plan of one call: the first operand is fed, the others are constants. */
function planOf(one: Call, words: Record<string, number>): Plan {
  const buffers = new Map<string, PlanBuffer>();
  let offset = 0;
  for (const [name, count] of Object.entries(words)) {
    if (name === "y" || buffers.size === 0) {
      buffers.set(name, { words: count, type: "f32", home: "arena", offset });
      offset += Math.ceil(count / 64) * 256;
    } else {
      const constant = tensor("float32", [count], values(count, count));
      buffers.set(name, { words: count, type: "f32", home: "constant", tensor: constant });
    }
  }
  const [first] = buffers.keys();
  const port = (name: string) => ({ name, buffer: name, dtype: "float32", shape: [words[name]] } as const);
  return { once: [], calls: [one], buffers, inputs: [port(first)], outputs: [port("y")], arenaBytes: offset };
}

async function resultOf(on: Machine, plan: Plan): Promise<Float32Array> {
  const [{ name, shape }] = plan.inputs;
  const outputs = await on.run(plan, new Map([[name, tensor("float32", shape, values(shape[0], 3))]]));
  return floats(outputs.get("y")!);
}

/** Sums in single against sums in double precision: at most `terms` roundings of numbers up to `terms`. */
async function assertAsReference(plan: Plan, terms: number) {
  const expected = await resultOf(referenceMachine(), plan);
  const actual = await resultOf(machine, plan);
  machine.release(plan);
  const bound = terms * terms * 2 ** -24 + 1e-6;
  actual.forEach((value, i) => {
    const difference = Math.abs(value - expected[i]);
    assert.ok(difference <= bound, `[${i}] is ${value}, expected ${expected[i]} within ${bound}`);
  });
}

function convolution(n: Numbers): Plan {
  const words = {
    x: (n.pixels / (n.out_height * n.out_width)) * n.height * n.width * n.blocks * 4,
    w: Math.ceil(n.out_blocks / 2) * n.kernel_y * n.kernel_x * n.blocks * 32,
    bias: n.out_channels,
    y: n.pixels * n.out_blocks * 4,
  };
  const bias = n.has_bias ? "bias" : undefined;
  return planOf(call(conv2dTiled, { x: "x", w: "w", bias, y: "y" }, n), words);
}

const small = (from: number, to: number) => fc.integer({ min: from, max: to });
const convolutions = fc.record({
  images: small(1, 3),
  height: small(3, 9),
  width: small(3, 9),
  blocks: small(1, 3),
  out_channels: small(1, 17),
  kernel_y: small(1, 3),
  kernel_x: small(1, 3),
  stride_y: small(1, 2),
  stride_x: small(1, 2),
  dilation_y: small(1, 2),
  dilation_x: small(1, 2),
  pad_top: small(0, 2),
  pad_left: small(0, 2),
  has_bias: small(0, 1),
  low: fc.constantFrom(-Infinity, 0),
  high: fc.constantFrom(Infinity, 6),
}).map(({ images, ...n }) => {
  const out = (size: number, pad: number, kernel: number, stride: number, dilation: number) =>
    Math.max(1, Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1);
  const out_height = out(n.height, n.pad_top, n.kernel_y, n.stride_y, n.dilation_y);
  const out_width = out(n.width, n.pad_left, n.kernel_x, n.stride_x, n.dilation_x);
  const out_blocks = Math.ceil(n.out_channels / 4);
  return { ...n, out_height, out_width, out_blocks, pixels: images * out_height * out_width };
});

test("the gpu.js machine convolves as the reference does", async () => {
  await fc.assert(
    fc.asyncProperty(convolutions, (n) => {
      return assertAsReference(convolution(n), n.kernel_y * n.kernel_x * n.blocks * 4 + 2);
    }),
    { numRuns: 40 },
  );
});

const products = fc.record({
  batch: small(1, 3),
  rows: small(1, 9),
  columns: small(1, 9),
  depth: small(1, 20),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  shared: fc.boolean(),
  bias: fc.constantFrom("none", "row", "column", "full"),
  alpha: fc.constantFrom(1, 0.5),
  beta: fc.constantFrom(1, 2),
  low: fc.constantFrom(-Infinity, 0),
});

function product(shape: typeof products extends fc.Arbitrary<infer T> ? T : never): Plan {
  const { batch, rows, columns, depth, transposeA, transposeB, shared, bias, alpha, beta, low } = shape;
  const words = { a: batch * rows * depth, b: (shared ? 1 : batch) * depth * columns, bias: rows * columns };
  const numbers = {
    has_bias: Number(bias !== "none"),
    batch,
    rows,
    columns,
    depth,
    a_batch: rows * depth,
    a_row: transposeA ? 1 : depth,
    a_depth: transposeA ? rows : 1,
    b_batch: shared ? 0 : depth * columns,
    b_depth: transposeB ? 1 : columns,
    b_column: transposeB ? depth : 1,
    bias_row: bias === "full" ? columns : Number(bias === "row"),
    bias_column: Number(bias === "column" || bias === "full"),
    alpha,
    beta,
    low,
    high: Infinity,
  };
  const buffers = { a: "a", b: "b", bias: bias === "none" ? undefined : "bias", y: "y" };
  return planOf(call(matmul, buffers, numbers), { ...words, y: batch * rows * columns });
}

test("the gpu.js machine multiplies matrices as the reference does", async () => {
  await fc.assert(
    fc.asyncProperty(products, (shape) => assertAsReference(product(shape), shape.depth + 2)),
    { numRuns: 40 },
  );
});

test("the gpu.js machine runs if gpu.js is installed, and says so", () => {
  assert.match(machine.description, /^gpu\.js \(WebAssembly, CPU\) — no WebGPU adapter, slow$/);
  assert.equal(machine.software, true);
});
