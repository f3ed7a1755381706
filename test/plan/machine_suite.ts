// The contract of every Machine. A machine that cannot meet a criterion skips it with a reason.
import assert from "node:assert/strict";
import test from "node:test";
import { ModelError } from "../../src/error.ts";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import { planSteps } from "../../src/passes/specialize.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Feeds, Machine, Outputs } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import { floats, numbers, tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { toyNode } from "../graph/toy.ts";
import { signedCodes } from "../kernels/codes.ts";
import { graphOf, planOf, random, type Toy } from "./toy_plan.ts";

const microsoft = (...line: Parameters<typeof toyNode>) => ({ ...toyNode(...line), domain: "com.microsoft" });

export type Skips = readonly { readonly reason: string; readonly cases: readonly Case[] }[];

const pads = intsAttribute([1, 1, 1, 1]);
export const network: Toy = {
  nodes: [
    toyNode("Conv x w b > c", { pads }),
    "Relu c > r",
    toyNode("Conv r d > e", { pads, group: intAttribute(6) }),
    "Add e r > s",
    toyNode("MaxPool s > p", { kernel_shape: intsAttribute([2, 2]), strides: intsAttribute([2, 2]) }),
    "GlobalAveragePool p > g",
    "Flatten g > f",
    "Gemm f m > y",
    "Softmax y > z",
  ],
  feeds: { x: random([2, 3, 7, 8]) },
  constants: {
    w: random([6, 3, 3, 3], 2),
    b: random([6], 3),
    d: random([6, 1, 3, 3], 4),
    m: random([6, 5], 5),
  },
  outputs: ["z", "r"],
};

const codes: Toy = {
  nodes: ["QuantizeLinear x scale zero > q", toyNode("Transpose q > t", { perm: intsAttribute([1, 0]) })],
  feeds: { x: tensor("float32", [2, 3], [0.5, 1.5, -2.5, 300, -300, 127.5]) },
  constants: { scale: tensor("float32", [], [1]), zero: tensor("int8", [], [3]) },
  outputs: ["q", "t"],
};

const [scales, zeros] = [tensor("float32", [], [1 / 64]), tensor("uint8", [], [128])];
const bytes = (shape: Shape, seed: number) =>
  tensorOver("int8", shape, signedCodes(shape.reduce((product, dim) => product * dim, 1), seed));

/**
 * On packed codes: dense, depthwise and grouped convolutions, joins, pools, a product; with packing and unpacking.
 */
const integers: Toy = {
  nodes: [
    "QuantizeLinear x s z > q",
    toyNode("QLinearConv q s z w s o t z b > c", { pads }),
    toyNode("QLinearConv c t z d s o u z > e", { pads, group: intAttribute(6) }),
    toyNode("QLinearConv e u z g s o u z > h", { group: intAttribute(2) }),
    microsoft("QLinearAdd e u z c t z u z > a"),
    microsoft("QLinearConcat u z a u z h u z > j", { axis: intAttribute(1) }),
    toyNode("MaxPool j > p", { kernel_shape: intsAttribute([2, 3]), strides: intsAttribute([2, 1]) }),
    microsoft("QLinearGlobalAveragePool p u z u z > v"),
    "Flatten v > f",
    "QLinearMatMul f u z m s o wide z > k",
    "DequantizeLinear k wide z > y",
    toyNode("Transpose p > r", { perm: intsAttribute([0, 2, 3, 1]) }),
  ],
  feeds: { x: random([2, 3, 7, 8]) },
  constants: {
    s: scales,
    t: tensor("float32", [], [0.1]),
    u: tensor("float32", [], [0.3]),
    wide: tensor("float32", [], [1]),
    z: zeros,
    o: tensor("int8", [], [0]),
    w: bytes([6, 3, 3, 3], 2),
    b: tensor("int32", [6], [-9000, 300, 0, 70, 12345, -1]),
    d: bytes([6, 1, 3, 3], 3),
    g: bytes([10, 3, 1, 1], 4),
    m: bytes([16, 5], 5),
  },
  outputs: ["y", "r", "h"],
};

type Check = (machine: Machine) => Promise<void>;

const cases = {
  "gives each output with its name, type and shape": async (machine) => {
    const outputs = await ran(machine, planOf(network));
    assert.deepEqual([...outputs.keys()], ["z", "r"]);
    assert.deepEqual([...outputs.values()].map(({ dtype, shape }) => ({ dtype, shape })), [
      { dtype: "float32", shape: [2, 5] },
      { dtype: "float32", shape: [2, 6, 7, 8] },
    ]);
  },
  "computes what the references define": async (machine) => {
    await assertAsReference(machine, network);
  },
  "widens and narrows integer types": async (machine) => {
    const outputs = await ran(machine, planOf(codes));
    assert.deepEqual(numbers(outputs.get("q")!), [3, 5, 1, 127, -128, 127]);
    assert.deepEqual(numbers(outputs.get("t")!), [3, 127, 5, -128, 1, 127]);
    assert.equal(outputs.get("t")!.dtype, "int8");
  },
  "computes on packed codes, to the last one": async (machine) => {
    const expected = await ran(referenceMachine(), planOf(integers));
    assert.deepEqual(await ran(machine, planOf(integers)), expected);
    for (const values of expected.values()) assert.ok(new Set(numbers(values)).size >= 8, "codes are spread");
  },
  "gives the same on every run of a plan": async (machine) => {
    const { plan, feeds } = planOf(network);
    const [first, second] = [await machine.run(plan, feeds), await machine.run(plan, feeds)];
    assert.deepEqual(second, first);
    machine.release(plan);
  },
  "keeps apart runs that overlap, of one plan and of two": async (machine) => {
    const { plan, feeds } = planOf(network);
    const other = planOf({ ...network, feeds: { x: random([1, 3, 5, 4], 7) }, outputs: ["s"] });
    const changed = new Map([["x", random([2, 3, 7, 8], 9)]]);
    const alone = [
      await machine.run(plan, feeds),
      await machine.run(other.plan, other.feeds),
      await machine.run(plan, changed),
    ];
    const together = await Promise.all([
      machine.run(plan, feeds),
      machine.run(other.plan, other.feeds),
      machine.run(plan, changed),
    ]);
    assert.deepEqual(together, alone);
    assert.notDeepEqual(together[0], together[2]);
    for (const one of [plan, other.plan]) machine.release(one);
  },
  "runs a released plan again, and releases one it never saw": async (machine) => {
    const { plan, feeds } = planOf(network);
    const first = await machine.run(plan, feeds);
    machine.release(plan);
    machine.release(planOf(codes).plan);
    assert.deepEqual(await machine.run(plan, feeds), first);
    machine.release(plan);
  },
  "hands inputs through, under another shape too": async (machine) => {
    const x = random([2, 3]);
    const outputs = await ran(
      machine,
      planOf({ nodes: ["Identity x > y", "Flatten x > z"], feeds: { x }, outputs: ["y", "z"] }),
    );
    assert.deepEqual(floats(outputs.get("y")!), floats(x));
    assert.deepEqual(floats(outputs.get("z")!), floats(x));
  },
  "reads one buffer under two shapes": async (machine) => {
    await assertAsReference(machine, twoShapes);
    const outputs = await ran(machine, planOf(twoShapes));
    assert.deepEqual(floats(outputs.get("m")!), floats(twoShapes.feeds.x));
    assert.deepEqual(floats(outputs.get("n")!), floats(twoShapes.feeds.x));
  },
  "refuses an input that is missing or of another shape, naming it, and goes on": async (machine) => {
    const { plan, feeds } = planOf(network);
    await assert.rejects(machine.run(plan, new Map()), (error) => {
      return error instanceof ModelError && /^Cannot run: input "x" is not fed/.test(error.message);
    });
    await assert.rejects(machine.run(plan, new Map([["x", random([2, 3, 8, 8])]])), (error) => {
      return error instanceof ModelError &&
        /input "x" is \[2,3,8,8\], expected \[2,3,7,8\]/.test(error.message);
    });
    assert.equal((await machine.run(plan, feeds)).size, 2);
    machine.release(plan);
  },
  "takes weights and normalizations that arrive with the data": async (machine) => {
    await assertAsReference(machine, fedWeights);
  },
  "reads one operand twice in one call": async (machine) => {
    await assertAsReference(machine, squares);
  },
  "carries states from run to run, each from what the one before left": async (machine) => {
    const plan = walkPlan();
    const x = (value: number) => new Map([["x", tensor("float32", [3], [value, 0, -value])]]);
    await machine.run(plan, x(1), []);
    const [second, third] = await Promise.all([
      machine.run(plan, x(2)),
      machine.run(plan, x(3), ["moved", "at"]),
    ]);
    assert.deepEqual(floats(second.get("moved")!), Float32Array.of(13, 20, 27));
    assert.deepEqual(floats(second.get("before")!), Float32Array.of(11, 20, 29));
    assert.deepEqual([...third.keys()], ["moved", "at"]);
    for (const value of third.values()) assert.deepEqual(floats(value), Float32Array.of(16, 20, 24));
    const fed = new Map([...x(1), ["at", tensor("float32", [3], [0, 1, 2])]]);
    assert.deepEqual(floats((await machine.run(plan, fed)).get("moved")!), Float32Array.of(1, 1, 1));
    assert.deepEqual(floats((await machine.run(plan, x(1))).get("moved")!), Float32Array.of(2, 1, 0));
    machine.release(plan);
    assert.deepEqual(floats((await machine.run(plan, x(1))).get("moved")!), Float32Array.of(11, 20, 29));
    machine.release(plan);
  },
  "reads what is asked for, and refuses what is no output": async (machine) => {
    const { plan, feeds } = planOf(network);
    assert.deepEqual([...(await machine.run(plan, feeds, ["r"])).keys()], ["r"]);
    assert.equal((await machine.run(plan, feeds, [])).size, 0);
    await assert.rejects(machine.run(plan, feeds, ["e"]), /^RangeError: Cannot read "e"/);
    machine.release(plan);
  },
  "describes itself": (machine) => {
    assert.match(machine.description, /\w/);
    assert.equal(typeof machine.software, "boolean");
    return Promise.resolve();
  },
} satisfies Record<string, Check>;

/** A value, and the same elements under another shape, both channels last (max pools of one pixel). */
const pool = { kernel_shape: intsAttribute([1, 1]) };
const twoShapes: Toy = {
  nodes: ["Reshape x to > r", toyNode("MaxPool x > m", pool), toyNode("MaxPool r > n", pool)],
  feeds: { x: random([1, 3, 2, 4]) },
  constants: { to: tensor("int64", [4], [1, 2, 4, 3]) },
  outputs: ["m", "n"],
};

/** Operands that are constants in most models, dense, depthwise and grouped. */
const fedWeights: Toy = {
  nodes: [
    toyNode("Conv x w b > c", { pads }),
    toyNode("Conv c d > e", { pads, group: intAttribute(4) }),
    toyNode("Conv e g > h", { group: intAttribute(2) }),
    "BatchNormalization h s s t v > y",
  ],
  feeds: {
    x: random([1, 3, 5, 4]),
    w: random([4, 3, 3, 3], 2),
    b: random([4], 3),
    d: random([4, 1, 3, 3], 4),
    g: random([6, 2, 1, 1], 5),
    s: random([6], 6),
    t: random([6], 7),
    v: tensor("float32", [6], [1, 2, 3, 4, 5, 6]),
  },
  outputs: ["y"],
};

const squares: Toy = {
  nodes: ["Mul x x > y", "MatMul x x > z"],
  feeds: { x: random([5, 5]) },
  outputs: ["y", "z"],
};

/** A state to which x is added, and a copy of its old value. */
const walk: Toy = {
  nodes: ["Add at x > moved", "Identity at > before"],
  feeds: { at: tensor("float32", [3], [10, 20, 30]), x: tensor("float32", [3], [0, 0, 0]) },
  outputs: ["moved", "before"],
};

export function walkPlan(): Plan {
  const states = new Map([["at", { initial: walk.feeds.at, next: "moved" }]]);
  return planSteps(graphOf(walk), new Map([["x", [3]]]), states);
}

/** The suite's plans, for machines that only check plans. */
export const toys: Readonly<Record<string, Toy>> = {
  network,
  codes,
  integers,
  twoShapes,
  fedWeights,
  squares,
};

export type Case = keyof typeof cases;

export function machineSuite(name: string, newMachine: () => Promise<Machine>, skips: Skips = []): void {
  let opened: Promise<Machine> | undefined;
  for (const [criterion, check] of Object.entries(cases)) {
    const skip = skips.find((one) => one.cases.includes(criterion as Case));
    const why = skip ? `: skipped, ${skip.reason}` : "";
    test(`${name} ${criterion}${why}`, { skip: skip !== undefined }, async () => {
      opened ??= newMachine();
      await check(await opened);
    });
  }
  test(`${name} closes`, async () => (await opened)?.close());
}

async function ran(machine: Machine, { plan, feeds }: { plan: Plan; feeds: Feeds }): Promise<Outputs> {
  const outputs = await machine.run(plan, feeds);
  machine.release(plan);
  return outputs;
}

/** Sums of up to a few dozen numbers in single against double precision. */
async function assertAsReference(machine: Machine, toy: Toy): Promise<void> {
  const expected = await ran(referenceMachine(), planOf(toy));
  for (const [name, actual] of await ran(machine, planOf(toy))) {
    const wanted = floats(expected.get(name)!);
    floats(actual).forEach((value, i) => {
      assert.ok(Math.abs(value - wanted[i]) <= 1e-5, `${name}[${i}] is ${value}, expected ${wanted[i]}`);
    });
  }
}
