// Layer rules of a configuration file, down to the encodings.
import assert from "node:assert/strict";
import test from "node:test";
import { parseQuantInfo, quantInfoOf } from "../../src/files/quant_info.ts";
import { calibrate, configure, type Graph, quantize } from "../../src/mod.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { tinyGraph } from "../cli/tiny.ts";

const graph = tinyGraph();
const tinyData = {
  count: 2,
  async *batches() {
    const picture = Array.from({ length: 384 }, (_, i) => Math.sin(i));
    yield { feeds: new Map([["picture", tensor("float32", [2, 3, 8, 8], picture)]]), count: 2 };
  },
};
const configureOf = (file: unknown) => configure(JSON.stringify(file), graph);
const whole = {
  target_device: "CPU",
  overall_quantize_config: {
    method: "maxmin",
    scale_type: "float",
    calib_statistic_method: "max",
    round_mode: "half_even",
  },
};

test("configure: a file's parameters reach the encodings, layer by layer", async () => {
  const layer_quantize_config = [
    {
      layer_name: "stem",
      quantizable_data_type: ["weights", "activation"],
      tensor_quantize_config: { weights: { bit_width: 4 }, activation: { datatype: "bfloat16" } },
    },
    { layer_name: "classes", quantizable_data_type: ["activation"] },
  ];
  const { options } = configureOf({ ...whole, layer_quantize_config });
  const { encodings, graph: placed } = await calibrate(graph, tinyData, referenceMachine(), options);
  const stem = placed.nodes.find(({ opType }) => opType === "Conv")!;
  const classes = placed.nodes.find(({ opType }) => opType === "Gemm")!;
  assert.equal(encodings.get(stem.inputs[1])?.bits, 4);
  assert.ok(!encodings.has(classes.inputs[1]));
  assert.ok([...encodings.values()].some(({ datatype }) => datatype === "bfloat16"));
  const read = parseQuantInfo(JSON.stringify(
    quantInfoOf({ graph: placed, encodings, points: [] }, "0", "digest"),
  ));
  assert.deepEqual(read.encodings, encodings);
  assert.ok(quantize(placed, encodings).nodes.some(({ opType }) => opType === "Cast"));
});

test("configure: a quantized layer in a float network rounds its input, its weights and its bias", async () => {
  const configureMixed = async (target_device: string, datatype: string) => {
    const codes = target_device === "DPU" ? {} : whole.overall_quantize_config;
    const rule = {
      layer_type: "Linear",
      quantizable_data_type: ["input", "weights", "bias", "activation"],
      overall_quantize_config: { ...codes, datatype: "int" },
    };
    const { options, notes } = configureOf({
      target_device,
      overall_quantize_config: { datatype },
      layer_quantize_config: [rule],
    });
    assert.ok(!notes.some((note) => note.includes("parameters of input")), notes.join("\n"));
    const { encodings, graph: placed } = await calibrate(graph, tinyData, referenceMachine(), options);
    const [stem, classes] = ["Conv", "Gemm"].map((type) => placed.nodes.find((one) => one.opType === type)!);
    const kindOf = (name: string) => {
      const found = encodings.get(name);
      return found && (found.datatype ?? `int${found.bits}`);
    };
    return [...stem.inputs, ...classes.inputs].map(kindOf);
  };
  const [none, half] = [undefined, "bfloat16"];
  assert.deepEqual(await configureMixed("CPU", "float32"), [none, none, none, "int8", "int8", "int32"]);
  assert.deepEqual(await configureMixed("CPU", "bfloat16"), [half, half, half, "int8", "int8", "int32"]);
  assert.deepEqual(await configureMixed("DPU", "float32"), [none, none, none, "int8", "int8", "int8"]);
});

test("configure: float32 throughout is refused", async () => {
  const { options } = configureOf({
    target_device: "CPU",
    overall_quantize_config: { datatype: "float32" },
  });
  await assert.rejects(
    () => calibrate(graph, tinyData, referenceMachine(), options),
    /^ConfigError: Cannot quantize: every tensor is to stay float32/,
  );
});

test("configure: a layer's rule for its input holds for the value; the first of two readers counts", async () => {
  const rule = (layer_name: string, kind: string, bit_width: number) => ({
    layer_name,
    quantizable_data_type: ["input", "weights", "bias", "activation"],
    tensor_quantize_config: { [kind]: { bit_width } },
  });
  const forked: Graph = {
    ...graph,
    nodes: [...graph.nodes, { ...graph.nodes[4], name: "again", outputs: ["again"] }],
    outputs: ["classes", "again"],
  };
  const encodingsBy = async (...layer_quantize_config: unknown[]) => {
    const { options, notes } = configure(JSON.stringify({ ...whole, layer_quantize_config }), forked);
    const { encodings } = await calibrate(forked, tinyData, referenceMachine(), options);
    return {
      notes: notes.filter((note) => note.startsWith("layer ")),
      bits: ["picture", "relu", "pool"].map((name) => encodings.get(name)?.bits),
    };
  };
  assert.deepEqual(await encodingsBy(rule("classes", "input", 4)), { notes: [], bits: [8, 8, 4] });
  assert.deepEqual(await encodingsBy(rule("again", "input", 5), rule("classes", "input", 4)), {
    notes: [
      'layer "again" sets other parameters for its input "pool" than layer "classes", which also reads it: ' +
      "the first rule counts",
    ],
    bits: [8, 8, 4],
  });
  assert.deepEqual(await encodingsBy(rule("pool", "activation", 6), rule("classes", "input", 4)), {
    notes: [
      'layer "classes" sets other parameters for its input "pool" than layer "pool" for its result, the same value: ' +
      "those of the result count",
    ],
    bits: [8, 8, 6],
  });
});

test("configure: a rule for the input of a layer without weights has no effect, with a note", () => {
  const { notes } = configureOf({
    ...whole,
    layer_quantize_config: [{
      layer_name: "pool",
      quantizable_data_type: ["input", "weights", "bias", "activation"],
      tensor_quantize_config: { input: { bit_width: 4 } },
    }],
  });
  assert.match(notes.join(), /parameters of input have no effect, its layers have no weights/);
});
