// Graphs that are not one plan: where they are cut, which plans are kept, what the machine runs.
import assert from "node:assert/strict";
import test from "node:test";
import type { HalftoneError } from "../../src/error.ts";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Attribute, Graph, Name, Node, Value } from "../../src/graph/graph.ts";
import { run } from "../../src/run/run.ts";
import { runner } from "../../src/run/runner.ts";
import { plansOf } from "../../src/run/stages.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Machine } from "../../src/plan/machine.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { numbers, type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { network, node } from "../passes/network.ts";

const row = (...values: number[]) => tensor("float32", [values.length], values);
const pair = (a: number, b: number) => tensor("float32", [1, 2], [a, b]);
const whole = (...values: number[]) => tensor("int64", [values.length], values);

/** The reference machine, and the plans that it ran and released. */
function watchMachine() {
  const [ran, released]: [Plan[], Plan[]] = [[], []];
  const machine = referenceMachine();
  const watching: Machine = {
    ...machine,
    run(plan, feeds) {
      ran.push(plan);
      return machine.run(plan, feeds);
    },
    release: (plan) => void released.push(plan),
  };
  return { machine: watching, ran, released };
}

function withTypes(graph: Graph, types: Readonly<Record<Name, Value>>): Graph {
  return { ...graph, values: new Map([...graph.values, ...Object.entries(types)]) };
}

const listOf = (dtype: Value["dtype"]): Value => ({ dtype, shape: ["n"] });
const body = (nodes: Node[], inputs: Name[], outputs: Name[], opset = 13): Attribute => ({
  type: "graph",
  value: { name: "", nodes, values: new Map(), inputs, outputs, opset },
});

test("a static graph is one plan, made once for each shape", async () => {
  const { machine, ran } = watchMachine();
  const graph = network([node("Abs x > y")], { x: [] }, {}, ["y"]);
  const run = runner(machine, withTypes(graph, { x: listOf("float32") }));
  for (const values of [[-1, 2], [3, -4], [5]]) {
    const found = await run(new Map([["x", row(...values)]]));
    assert.deepEqual(numbers(found.get("y")!), values.map(Math.abs));
  }
  assert.equal(new Set(ran).size, 2);
  assert.equal(ran.length, 3);
});

/** y = x repeated max(x) times. */
const repeating = () => {
  const nodes = [
    node("ReduceMax x > largest", { keepdims: intAttribute(1) }),
    node("Squeeze largest first > most"),
    node("Cast most > shape", { to: intAttribute(7) }),
    node("ConstantOfShape shape > zeros"),
    node("Unsqueeze zeros last > column"),
    node("Add column x > y"),
  ];
  return network(nodes, { x: [1, 2] }, { first: whole(0), last: whole(1) }, ["y"]);
};

test("a computed shape cuts the graph; plans are kept by its values", async () => {
  const { machine, ran, released } = watchMachine();
  const run = runner(machine, repeating());
  for (const [a, b] of [[1, 3], [2, 3], [2, 1]]) {
    const y = (await run(new Map([["x", pair(a, b)]]))).get("y")!;
    const count = Math.max(a, b);
    assert.deepEqual(y.shape, [count, 2]);
    assert.deepEqual(numbers(y), Array.from({ length: count }, () => [a, b]).flat());
  }
  assert.equal(new Set(ran).size, 3);
  run.release();
  assert.deepEqual(new Set(released), new Set(ran));
});

test("plansOf refuses a computed shape and names the node", () => {
  const planOf = plansOf(repeating());
  assert.throws(() => planOf(new Map([["x", pair(1, 2)]])), (error: Error) => {
    assert.match(error.message, /^Cannot make one plan of this model: .* \(run\(\) takes the others\)$/);
    assert.equal((error as HalftoneError).where.length, 1);
    return true;
  });
});

test("an input that decides a shape is bound by its content, also through arithmetic", async () => {
  const nodes = [node("Mul half two > shape"), node("Reshape x shape > y")];
  const graph = withTypes(network(nodes, { x: [4], half: [] }, { two: whole(2) }, ["y"]), {
    half: listOf("int64"),
  });
  const { machine, ran } = watchMachine();
  const run = runner(machine, graph);
  for (const half of [[1, 1], [2], [1, 1]]) {
    const { shape } = (await run(new Map([["x", row(1, 2, 3, 4)], ["half", whole(...half)]]))).get("y")!;
    assert.deepEqual(shape, half.map((one) => 2 * one));
  }
  assert.equal(new Set(ran).size, 2);
  assert.deepEqual(ran[0].inputs.map(({ name }) => name), ["x"]);
});

test("each stage keeps sixteen plans and releases the oldest", async () => {
  const { machine, ran, released } = watchMachine();
  const run = runner(
    machine,
    withTypes(network([node("Abs x > y")], { x: [] }, {}, ["y"]), { x: listOf("float32") }),
  );
  for (let n = 1; n <= 18; n++) await run(new Map([["x", row(...new Array(n).fill(-1))]]));
  assert.deepEqual(released, ran.slice(0, 2));
});

test("a body's weights are constants of its plan, and values from outside are fed", async () => {
  const nodes = [
    node("Abs x > outside"),
    node("Loop most _ x > y", {
      body: body([node("Mul s weight > t"), node("Add t outside > u"), node("Identity on > again")], [
        "i",
        "on",
        "s",
      ], ["again", "u"]),
    }),
  ];
  const constants = { weight: row(2), most: tensor("int64", [], [3]) };
  const { machine, ran } = watchMachine();
  const run = runner(machine, network(nodes, { x: [1] }, constants, ["y"]));
  const found = await run(new Map([["x", row(-1)]]));
  assert.deepEqual(numbers(found.get("y")!), [-1]);
  const inBody = ran.at(-1)!;
  assert.deepEqual(inBody.inputs.map(({ name }) => name).toSorted(), ["i", "on", "outside", "s"]);
  assert.ok([...inBody.buffers.values()].some(({ home }) => home === "constant"));
});

test("outputs that are inputs, constants or early come through a cut", async () => {
  const nodes = [...repeating().nodes, node("Abs x > early")];
  const graph = network(nodes, { x: [1, 2] }, { first: whole(0), last: whole(1) }, [
    "x",
    "last",
    "early",
    "y",
    "most",
  ]);
  const found = await runner(referenceMachine(), graph)(new Map([["x", pair(-1, 1)]]));
  assert.deepEqual([...found.keys()], graph.outputs);
  assert.deepEqual(["x", "last", "early", "y", "most"].map((name) => numbers(found.get(name)!)), [
    [-1, 1],
    [1],
    [1, 1],
    [-1, 1],
    [1],
  ]);
});

test("run keeps a model's plans with the machine, and reports invalid feeds", async () => {
  const { machine, ran } = watchMachine();
  const graph = withTypes(network([node("Abs x > y")], { x: [] }, {}, ["y"]), {
    x: { dtype: "float32", shape: ["n", 2] },
  });
  const x = tensor("float32", [1, 2], [-1, 2]);
  for (let i = 0; i < 2; i++) assert.deepEqual(numbers((await run(graph, { x }, machine)).y), [1, 2]);
  assert.equal(new Set(ran).size, 1);
  const assertRefused = (feeds: Record<string, Tensor>, message: RegExp) =>
    assert.rejects(run(graph, feeds, machine), message);
  await assertRefused({}, /input "x" is not fed, expected float32 \[n,2\]$/);
  await assertRefused({ x: whole(1) }, /input "x" is int64, expected float32 \[n,2\]$/);
  await assertRefused({ x, z: x }, /it has no input "z", expected "x"$/);
  await assertRefused({ x: row(1) }, /Cannot bind input "x" to \[1\]: the model expects \[n,2\]$/);
});

test("a chain of 600 conditions is planned in linear time", async () => {
  const nodes: Node[] = [];
  for (let i = 0; i < 600; i++) {
    const branches = {
      then_branch: body([node(`Neg x${i} > t${i}`)], [], [`t${i}`]),
      else_branch: body([node(`Abs x${i} > e${i}`)], [], [`e${i}`]),
    };
    const condition = [node(`ReduceSum x${i} > s${i}`), node(`Greater s${i} zero > c${i}`)];
    nodes.push(...condition, node(`If c${i} > x${i + 1}`, branches));
  }
  const graph = network(nodes, { x0: [2] }, { zero: row(0) }, ["x600"]);
  const { machine, ran } = watchMachine();
  const { x600 } = await run(graph, { x0: row(1, -3) }, machine);
  assert.deepEqual(numbers(x600), [-1, -3]);
  assert.equal(ran.length, 601);
});
