// Models of half precision: computed in float32, as before the model was rounded to half; their files keep the types of
// inputs and outputs. Doubles are refused by name.
import assert from "node:assert/strict";
import test from "node:test";
import { InferenceSession } from "onnxruntime-node";
import { intAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { exportAs } from "../../src/mod.ts";
import { encodeModel } from "../../src/onnx/mod.ts";
import { widenHalves } from "../../src/passes/widen.ts";
import { prepare } from "../../src/recipe.ts";
import { dtypes } from "../../src/tensor/dtype.ts";
import { floats } from "../../src/tensor/tensor.ts";
import { byOnnxRuntime } from "../ops/one_node.ts";
import { distance, fill, network, node, typesOf } from "../passes/network.ts";
import { atEveryLevel, feedsOf, quantizeBy } from "./by_onnx_runtime.ts";
import { networks } from "./networks.ts";
import { oddNetworks } from "./odd_networks.ts";

const half = dtypes.indexOf("float16");

/** A float16 model with float16 at its ends: the float16 form has a Cast there, which then casts to what there is. */
function halfThroughout(float: Graph): Graph {
  const graph = exportAs("float16", float);
  const ends = new Set([...graph.inputs, ...graph.outputs]);
  const isFloat = (name: string) => ends.has(name) && graph.values.get(name)?.dtype !== "int64";
  const values = [...graph.values].map(([name, value]) =>
    [name, isFloat(name) ? { ...value, dtype: "float16" as const } : value] as const
  );
  const nodes = graph.nodes.map((one) =>
    one.opType === "Cast" && graph.outputs.includes(one.outputs[0])
      ? { ...one, attributes: new Map([["to", intAttribute(half)]]) }
      : one
  );
  return { ...graph, nodes, values: new Map(values) };
}

for (const [name, float] of Object.entries(networks)) {
  test(`half precision, ${name}: gets the codes of the float model`, async () => {
    const expected = new Map(
      [...await byOnnxRuntime({ graph: float, feeds: feedsOf(float) })].map((
        [name, one],
      ) => [name, floats(one)]),
    );
    const form = await quantizeBy(exportAs("float16", float));
    assert.ok(![...form.values.values()].some(({ dtype }) => dtype === "float16"));
    const model = await quantizeBy(float);
    const count = (graph: Graph) => graph.nodes.filter(({ opType }) => opType === "QuantizeLinear").length;
    assert.equal(count(form), count(model));
    for (const [level, outputs] of await atEveryLevel(form)) {
      const difference = distance(expected, outputs);
      // 8 bits: a hundredth or two, as the float model's file has them.
      assert.ok(difference < 0.04, `${level}: outputs differ by ${difference}`);
    }
  });

  test(`half precision, ${name}: a file keeps float16 at its ends and loads`, async () => {
    const graph = widenHalves(halfThroughout(float));
    assert.equal(widenHalves(graph), graph);
    for (const name of [...graph.inputs, ...graph.outputs]) {
      assert.equal(graph.values.get(name)!.dtype, "float16");
    }
    const session = await InferenceSession.create(encodeModel(graph), { logSeverityLevel: 4 });
    await session.release();
  });
}

for (const [name, { graph, feeds }] of Object.entries(oddNetworks)) {
  test(`half precision, ${name}: converted back to float32, it computes the float model`, async () => {
    const form = exportAs("float16", graph);
    const widened = widenHalves(form);
    assert.ok(!encodesHalves(widened), typesOf(widened));
    const expected = await byOnnxRuntime({ graph, feeds });
    const wanted = new Map([...expected].map(([name, one]) => [name, floats(one)] as const));
    for (const [level, outputs] of await atEveryLevel(widened, feeds)) {
      const difference = distance(wanted, outputs);
      // Constants that were rounded to half.
      assert.ok(difference < 2 ** -6, `${level}: outputs differ by ${difference}`);
    }
  });
}

function encodesHalves(graph: Graph): boolean {
  return [...graph.values.values()].some(({ dtype }) => dtype === "float16") ||
    graph.nodes.some(({ attributes }) =>
      [...attributes.values()].some((one) => one.type === "graph" && encodesHalves(one.value))
    );
}

test("double precision: layers are refused by name, the rest stays float", async () => {
  const cast = (line: string, dtype: "float32" | "float64") =>
    node(`Cast ${line}`, { to: intAttribute(dtypes.indexOf(dtype)) });
  const x = { x: [2, 3, 6, 6] };
  const constants = { w: fill([4, 3, 3, 3], 1), v: fill([2, 4, 1, 1], 2) };
  const layer = network(
    [cast("x > d", "float64"), cast("w > wd", "float64"), node("Conv d wd > c"), cast("c > y", "float32")],
    x,
    constants,
    ["y"],
  );
  assert.throws(
    () => prepare(layer, 13),
    /Cannot process Conv "c": it computes in float64, expected float32; export the model in float32/,
  );
  const island = network(
    [
      node("Conv x w > c"),
      cast("c > d", "float64"),
      node("Mul d d > m"),
      cast("m > p", "float32"),
      node("Conv p v > y"),
    ],
    x,
    constants,
    ["y"],
  );
  const qdq = await quantizeBy(island);
  assert.match(typesOf(qdq), /Cast Mul Cast QuantizeLinear/);
  await atEveryLevel(qdq);
});
