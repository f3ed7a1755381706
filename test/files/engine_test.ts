// Engine files: what is read back, and what is refused. Agreement on devices: engine.gpu_test.ts.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { ModelError } from "../../src/error.ts";
import { type Engine, engineBytes, parseEngine } from "../../src/files/engine.ts";
import { checkPlan } from "../../src/files/check_plan.ts";
import { withVariants } from "../../src/device/tuner.ts";
import { scratchName } from "../../src/device/variants.ts";
import { kernel, nameOf } from "../../src/kernels/kernel.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { packPlan } from "../../src/plan/pack.ts";
import type { Plan, PlanBuffer } from "../../src/plan/plan.ts";
import { floats, tensor } from "../../src/tensor/tensor.ts";
import { network } from "../plan/machine_suite.ts";
import { planOf, random } from "../plan/toy_plan.ts";
import { engineAgreement, throughFile } from "./engine_agreement.ts";
import { forgeEngine, headerOf, noDigest } from "./forge_engine.ts";

engineAgreement("Reference machine", () => Promise.resolve(referenceMachine()));

test("Reference machine: plans with chosen variants, in several steps too, compute the same bits", async () => {
  const machine = referenceMachine();
  const { plan, feeds } = planOf({
    nodes: ["MatMul t d > p"],
    feeds: { t: random([3, 2048], 4) },
    constants: { d: random([2048, 12], 5) },
    outputs: ["p"],
  });
  const names = new Set(
    plan.calls.flatMap(({ kernel: { variants }, numbers }) =>
      variants?.others(numbers, Infinity).map(nameOf) ?? []
    ),
  );
  const steps = [...names].map((name) => withVariants(plan, () => name));
  assert.ok(steps.some(({ buffers }) => buffers.has(scratchName)));
  for (const chosen of steps) {
    const expected = await machine.run(chosen, feeds);
    assert.deepEqual(await machine.run(throughFile(await packPlan(machine, chosen)), feeds), expected);
  }
});

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function toyEngine(): Promise<Engine> {
  const { plan } = planOf(network);
  const packed = await packPlan(referenceMachine(), plan);
  const runs = [{ name: "fp32", plan: packed, madeFor: { device: "reference", driver: "1" } }];
  return { version: "0.1.0", model: { name: "toy.onnx", digest: "d" }, runs };
}

test("parseEngine reads back the plan, its numbers and its constants", async () => {
  const engine = await toyEngine();
  const bytes = engineBytes(engine, digestOf);
  const read = parseEngine(bytes, digestOf);
  assert.deepEqual({ ...read, runs: [] }, { ...engine, runs: [] });
  const [{ plan: before }, { plan: after }] = [engine.runs[0], read.runs[0]];
  assert.deepEqual(after.buffers, before.buffers);
  assert.deepEqual([after.inputs, after.outputs], [before.inputs, before.outputs]);
  assert.deepEqual(after.calls.map(({ numbers }) => numbers), before.calls.map(({ numbers }) => numbers));
  assert.ok(after.calls.every(({ kernel }) => kernel.variants === undefined));
  assert.deepEqual(engineBytes(read, digestOf), bytes);
});

test("numbers that JSON has not survive: infinities, NaN, minus zero", async () => {
  const engine = await toyEngine();
  const [{ plan, ...run }] = engine.runs;
  const numbers = { low: -Infinity, high: Infinity, none: NaN, zero: -0, tenth: Math.fround(0.1) };
  const [first, ...others] = plan.calls;
  const runs = [{ ...run, plan: { ...plan, calls: [{ ...first, numbers }, ...others] } }];
  const read = parseEngine(engineBytes({ ...engine, runs }, digestOf), digestOf);
  assert.deepEqual(read.runs[0].plan.calls[0].numbers, numbers);
});

test("constants of an engine are views of the file, aligned for every type", async () => {
  const bytes = engineBytes(await toyEngine(), digestOf);
  const { plan } = parseEngine(bytes, digestOf).runs[0];
  const constants = [...plan.buffers.values()].flatMap((one) => one.home === "constant" ? one.tensor : []);
  assert.ok(constants.length > 3);
  for (const constant of constants) {
    assert.equal(constant.bytes.buffer, bytes.buffer);
    assert.equal(floats(constant).buffer, bytes.buffer);
  }
});

test("parseEngine refuses other files, other forms, and damaged files, saying what to do", async () => {
  const whole = engineBytes(await toyEngine(), digestOf);
  const text = (of: Uint8Array) => new TextDecoder("latin1").decode(of);
  const bytesOf = (of: string) => Uint8Array.from(of, (letter) => letter.charCodeAt(0));
  const flipped = whole.slice();
  flipped[flipped.length - 70] ^= 1;
  const again = /make it again: pass --save-engine$/;
  const refused: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(), /another kind of file, expected one that --save-engine wrote/],
    ["an ONNX file", Uint8Array.of(8, 7, 18, 3, 1, 2, 3), /another kind of file/],
    [
      "a newer form",
      bytesOf(text(whole).replace("engine 1", "engine 2")),
      /its format is 2, expected 1; make/,
    ],
    ["half a first line", whole.slice(0, 60), /damaged: its first line is incomplete/],
    ["half a file", whole.slice(0, whole.length >> 1), /damaged: it has \d+ bytes, expected \d+/],
    ["a flipped bit", flipped, /damaged: its digest is another/],
  ];
  for (const [what, bytes, message] of refused) {
    assert.throws(() => parseEngine(bytes, digestOf), (error) => {
      assert.ok(error instanceof ModelError, what);
      assert.match(error.message, message, what);
      if (!message.source.includes("another kind")) assert.match(error.message, again, what);
      return true;
    });
  }
});

test("parseEngine refuses forged headers: unknown kernels, buffers and keys, constants beyond the file", async () => {
  const whole = engineBytes(await toyEngine(), noDigest);
  const header = headerOf(whole);
  const forged: [string, (text: string) => string][] = [
    ["a kernel", (text) => text.replace(/"kernel":"[^"]+"/, '"kernel":"evil"')],
    ["a buffer of a call", (text) => text.replace(/"buffers":\{"(\w+)":\d+/, '"buffers":{"$1":999999')],
    ["an unknown key", (text) => text.replace('"calls":', '"code":"x","calls":')],
    ["a constant", (text) => text.replace(/"at":\d+/, '"at":123456789')],
    ["a shape", (text) => text.replace(/"arenaBytes":\d+/, '"arenaBytes":1')],
    ["half", (text) => text.slice(0, text.length >> 1)],
  ];
  for (const [what, change] of forged) {
    const changed = change(header);
    assert.notEqual(changed, header, what);
    const file = forgeEngine(whole, changed);
    assert.throws(() => parseEngine(file, noDigest), {
      name: "ModelError",
      message: /the file is damaged: its contents are not those of an engine/,
    }, what);
  }
});

test("engineBytes refuses more than 2 GiB before it allocates", async () => {
  const engine = await toyEngine();
  const [{ plan, ...run }] = engine.runs;
  const tensor = { dtype: "float32", shape: [2 ** 30], bytes: { length: 2 ** 32 } as Uint8Array } as const;
  const huge: PlanBuffer = { words: 2 ** 30, type: "f32", home: "constant", tensor };
  const runs = [{ ...run, plan: { ...plan, buffers: new Map([...plan.buffers, ["huge", huge]]) } }];
  assert.throws(() => engineBytes({ ...engine, runs }, digestOf), {
    name: "UnsupportedError",
    message: "Cannot save an engine: it would have 4 GiB, expected at most 2 GiB",
  });
});

const arena = (words: number, offset: number): PlanBuffer => ({ words, type: "f32", home: "arena", offset });
const write = kernel("write", { writes: ["y"], grid: () => [1], reference: () => {} });
const planWith = (given: Partial<Plan>): Plan => ({
  ...{ once: [], calls: [], buffers: new Map(), inputs: [], outputs: [], arenaBytes: 1024 },
  ...given,
});
const inconsistent: [string, Partial<Plan>, RegExp][] = [
  ["outside the arena", { buffers: new Map([["a", arena(200, 256)]]) }, /"a" leaves the arena/],
  ["at an odd offset", { buffers: new Map([["a", arena(1, 4)]]) }, /begins at 4.*multiple of 256/],
  [
    "across segments",
    { buffers: new Map([["a", arena(100, 256)]]), segmentBytes: 512 },
    /"a" leaves the arena/,
  ],
  [
    "a window beyond its buffer",
    {
      buffers: new Map([
        ["a", arena(100, 0)],
        ["w", { words: 50, type: "f32", home: "window", of: "a", offset: 256 }],
      ]),
    },
    /"w" leaves "a"/,
  ],
  [
    "a constant with too many elements",
    {
      buffers: new Map([["c", {
        words: 1,
        type: "f32",
        home: "constant",
        tensor: tensor("float32", [2], [1, 2]),
      }]]),
    },
    /"c" has 1 words for 2 elements/,
  ],
  [
    "a port larger than its buffer",
    {
      buffers: new Map([["a", arena(4, 0)]]),
      inputs: [{ name: "x", buffer: "a", dtype: "float32", shape: [5] }],
    },
    /"x" has 5 elements, its buffer 4 words/,
  ],
  [
    "a call without its result",
    { calls: [{ kernel: write, buffers: {}, numbers: {} }] },
    /write has no buffer "y"/,
  ],
];

test("checkPlan accepts plans and names what cannot be", () => {
  checkPlan(planOf(network).plan);
  checkPlan(planWith({ buffers: new Map([["a", arena(100, 256)]]) }));
  for (const [what, given, message] of inconsistent) {
    assert.throws(() => checkPlan(planWith(given)), message, what);
  }
});
