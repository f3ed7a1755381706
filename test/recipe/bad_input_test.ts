// Errors of the library for bad models, data and options, before any work if possible.
import assert from "node:assert/strict";
import test from "node:test";
import { intsAttribute } from "../../src/graph/attribute.ts";
import type { Dim, Graph } from "../../src/graph/graph.ts";
import {
  calibrate,
  ConfigError,
  HalftoneError,
  ModelError,
  modelInputs,
  quantize,
  type QuantizeOptions,
  UnsupportedError,
} from "../../src/mod.ts";
import type { Batch } from "../../src/plan/machine.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { type Tensor, tensor } from "../../src/tensor/tensor.ts";
import { fill, network, node } from "../passes/network.ts";

const picture = { x: [1, 2, 4, 4] };
const weight = fill([3, 2, 3, 3]);
const spoilt = (at: number, value: number) =>
  tensor("float32", [3, 2, 3, 3], Array.from({ length: 54 }, (_, i) => i === at ? value : 0.5));
const renameInputs = (graph: Graph, names: string[]): Graph => ({
  ...graph,
  nodes: graph.nodes.map((one, i) => ({ ...one, name: names[i] ?? "" })),
});
const layer = (w: Tensor, b: Tensor = fill([3], 2)) =>
  renameInputs(
    network([node("Conv x w b > c"), node("Relu c > r"), node("Conv r v > y")], picture, {
      w,
      b,
      v: fill([2, 3, 1, 1]),
    }, ["y"]),
    ["stem"],
  );

/** One batch of the input, and how often it was read. */
function oneBatch(feed: Tensor, name = "x") {
  const asked = { times: 0 };
  async function* batches(): AsyncGenerator<Batch> {
    asked.times++;
    yield { feeds: new Map([[name, feed]]), count: 1 };
  }
  return { count: 1, batches, asked };
}

type Kind = typeof ModelError;
async function refuses(
  kind: Kind,
  message: RegExp,
  graph: Graph,
  options: Partial<QuantizeOptions> = {},
  source = oneBatch(fill([1, 2, 4, 4])),
) {
  await assert.rejects(calibrate(graph, source, referenceMachine(), options), (error) => {
    assert.ok(error instanceof HalftoneError, String((error as Error).stack));
    assert.equal(error.name, kind.name, error.message);
    assert.match([...error.where, error.message].join(" › "), message);
    assert.ok(!error.message.endsWith("."), error.message);
    return true;
  });
  return source.asked.times;
}

test("calibrate names a weight or bias that is NaN or infinite before it reads data", async () => {
  const nan = layer(spoilt(3, NaN));
  const expected = /^Conv "stem" › Cannot quantize weight "w": element 3 is NaN, expected finite numbers$/;
  assert.equal(await refuses(ModelError, expected, nan), 0);
  assert.equal(
    await refuses(ModelError, /weight "w": element 9 is -Infinity/, layer(spoilt(9, -Infinity))),
    0,
  );
  const bias = tensor("float32", [3], [0, 1, Infinity]);
  assert.equal(await refuses(ModelError, /bias "b": element 2 is Infinity/, layer(weight, bias)), 0);
});

test("calibrate names a bad weight of a Constant node", async () => {
  const value = { type: "tensor", value: spoilt(1, NaN) } as const;
  const nodes = [node("Constant > w", { value }), node("Conv x w > y")];
  await refuses(ModelError, /weight "w": element 1 is NaN/, network(nodes, picture, {}, ["y"]));
});

test("calibrate names a normalization that makes weights NaN or infinite", async () => {
  const stats = { g: fill([3]), h: fill([3]), m: fill([3]), v: tensor("float32", [3], [1, -9, 1]) };
  const nodes = [node("Conv x w > c"), node("BatchNormalization c g h m v > y")];
  const graph = network(nodes, picture, { w: weight, ...stats }, ["y"]);
  assert.equal(await refuses(ModelError, /BatchNormalization "y".*channel 1 has gain NaN/, graph), 0);
});

test("calibrate lists all unsupported operators at once, before it reads data", async () => {
  const nodes = [node("Shimmer x > s"), node("Fold s > f"), node("Fold f > g"), node("Conv g w > y")];
  const graph = network(nodes, picture, { w: weight }, ["y"]);
  const expected =
    /Fold \(2 nodes\), Shimmer are unknown .* cut the model .*"rest.onnx", \["g"\], \["y"\]\)$/;
  assert.equal(await refuses(UnsupportedError, expected, graph), 0);
});

test("calibrate names the value and the node of an activation that is NaN or infinite", async () => {
  const graph = network([node("Log x > l"), node("Conv l w > y")], picture, { w: weight }, ["y"]);
  await refuses(ModelError, /^Log "l" › .*value "l": \d+ of its elements are NaN or infinite/, graph);
  const input = tensor("float32", [1, 2, 4, 4], Array(32).fill(Infinity));
  const ofInput = /^Cannot calibrate value "x": 32 of its elements are NaN or infinite/;
  await refuses(ModelError, ofInput, layer(weight), {}, oneBatch(input));
});

test("calibrate names an activation that overflows, though a clamp follows", async () => {
  const huge = tensor("float32", [3, 2, 3, 3], Array(54).fill(1e38));
  const ones = tensor("float32", [1, 2, 4, 4], Array(32).fill(1));
  const expected = /value "r": it reaches 3\.40\d+e\+38, where float32 overflows, expected finite numbers/;
  await refuses(ModelError, expected, layer(huge), {}, oneBatch(ones));
});

test("calibrate refuses an exclusion that matches nothing, and suggests the nearest word", async () => {
  const exclude = (rule: string) => ({ exclude: ["Relu", rule] });
  const graph = layer(weight);
  const near = /^Cannot exclude "stemm": no node has such a name or type, did you mean "stem"\?$/;
  assert.equal(await refuses(ConfigError, near, graph, exclude("stemm")), 0);
  await refuses(ConfigError, /"Cnv": .* did you mean "Conv"\?/, graph, exclude("Cnv"));
  await refuses(ConfigError, /"\/backbone\\..*\/": no node has such a name or type$/, graph, {
    exclude: ["/backbone\\..*/"],
  });
  await refuses(ConfigError, /Cannot read --exclude \/\(\/: /, graph, exclude("/(/"));
});

test("calibrate takes exclusions by name, by output, by type and by expression", async () => {
  for (const rule of ["stem", "c", "/^st/"]) {
    const { floatNodes } = await calibrate(
      layer(weight),
      oneBatch(fill([1, 2, 4, 4])),
      referenceMachine(),
      {
        exclude: [rule],
      },
    );
    assert.deepEqual(floatNodes.find(({ name }) => name === "stem")?.why, `excluded by "${rule}"`);
  }
});

test("calibrate refuses a network in which nothing can be quantized, with the reasons", async () => {
  const graph = network([node("Softmax x > s"), node("Neg s > y")], picture, {}, ["y"]);
  const expected = /all 2 nodes stay float.*Softmax "s": its operator stays float; Neg "y"/;
  assert.equal(await refuses(ConfigError, expected, graph), 0);
  await refuses(ConfigError, /all 3 nodes stay float.*excluded by "\/\.\/"/, layer(weight), {
    exclude: ["/./"],
  });
});

test("calibrate refuses options that contradict each other", async () => {
  const graph = layer(weight);
  await refuses(ConfigError, /weights to 17 bits: expected 2 to 16/, graph, { weightBits: 17 });
  await refuses(ConfigError, /weights to 2\.5 bits/, graph, { weightBits: 2.5 });
  await refuses(ConfigError, /activations to 1 bits: expected 2 to 16/, graph, { activationBits: 1 });
  await refuses(ConfigError, /keep 101 percent of the values/, graph, {
    method: "percentile",
    percentage: 101,
  });
});

test("calibrate refuses data of another shape, name or number, and no data at all", async () => {
  const graph = layer(weight);
  const shapes = /input "x" to \[1,3,4,4\]: the model expects \[1,2,4,4\]/;
  await refuses(ModelError, shapes, graph, {}, oneBatch(fill([1, 3, 4, 4])));
  await refuses(ModelError, /input "x": no shape is given/, graph, {}, oneBatch(fill([1, 2, 4, 4]), "z"));
  const none = { count: 0, batches: async function* () {}, asked: { times: 0 } };
  await refuses(ModelError, /no sample of the data set could be read/, graph, {}, none);
});

const withInput = (shape: Dim[] | undefined, dtype: DType = "float32"): Graph => {
  const graph = layer(weight);
  return { ...graph, values: new Map([...graph.values, ["x", { dtype, shape }]]) };
};

test("calibrate binds open dimensions, also spatial ones, to the data", async () => {
  for (const shape of [["N", 2, "H", "W"], [1, 2, "", ""]]) {
    const source = oneBatch(fill([1, 2, 6, 5]));
    const { points } = await calibrate(withInput(shape), source, referenceMachine());
    assert.ok(points.length > 0);
  }
  const small = oneBatch(fill([1, 2, 2, 2]));
  await refuses(
    UnsupportedError,
    /Conv "stem" › .*window of 3 over 2/,
    withInput(["N", 2, "H", "W"]),
    {},
    small,
  );
});

test("calibrate binds an input without a shape to the data; modelInputs reports that it has none", async () => {
  const graph = withInput(undefined);
  assert.throws(() => modelInputs(graph), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(error.message, /Cannot feed input "x": the model states no shape for it/);
    return true;
  });
  const { images } = await calibrate(graph, oneBatch(fill([1, 2, 4, 4])), referenceMachine());
  assert.equal(images, 1);
});

test("calibrate refuses to compute on an input that is not float32", async () => {
  const bytes = tensor("uint8", [1, 2, 4, 4], Array(32).fill(7));
  const graph = withInput(["N", 2, 4, 4], "uint8");
  await assert.rejects(calibrate(graph, oneBatch(bytes), referenceMachine()), (error) => {
    assert.ok(error instanceof HalftoneError);
    assert.match(error.message, /uint8/);
    return true;
  });
});

test("quantize refuses encodings of values that the model does not have", () => {
  const encoding = { scale: Float32Array.of(1), zeroPoint: Int32Array.of(0), bits: 8, signed: true };
  assert.throws(() => quantize(layer(weight), new Map([["elsewhere", encoding]])), (error) => {
    assert.ok(error instanceof ModelError);
    assert.match(error.message, /"elsewhere", which the model does not have/);
    return true;
  });
});

test("pools and strides that the image does not fit are named by node", async () => {
  const pool = node("MaxPool x > p", { kernel_shape: intsAttribute([9, 9]) });
  const graph = network([pool, node("Conv p w > y")], picture, { w: weight }, ["y"]);
  await refuses(UnsupportedError, /^MaxPool "p" › .*window of 9 over 4/, graph);
});
