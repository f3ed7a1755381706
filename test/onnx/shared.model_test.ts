import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import onnxProto from "onnx-proto";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { freshName, renameInput, withNodes, withValues } from "../../src/graph/edit.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../../shared/models");
const skip = existsSync(folder) ? false : "the shared models are not here (../shared/models)";
const files = skip ? [] : readdirSync(folder).filter((file) => file.endsWith(".onnx"));

const load = (file: string) => new Uint8Array(readFileSync(join(folder, file)));

/** The graph with an Identity before the first node that reads the first input. */
function withIdentity(graph: Graph): Graph {
  const [input] = graph.inputs;
  const name = freshName(graph, `${input}_copy`);
  const identity: Node = {
    opType: "Identity",
    domain: "",
    name: "",
    inputs: [input],
    outputs: [name],
    attributes: new Map(),
  };
  const first = graph.nodes.findIndex((node) => node.inputs.includes(input));
  const nodes = graph.nodes.map((node, at) => at === first ? renameInput(node, input, name) : node);
  return withNodes(graph, [identity, ...nodes]);
}

type Writable = { encode(message: object): { finish(): Uint8Array } };

/**
 * Messages as the independent library writes them: texts, since a diff of megabytes of numbers takes minutes.
 */
function messages(type: Writable, list: readonly object[]): string[] {
  return list.map((message) => Buffer.from(type.encode(message).finish()).toString("base64"));
}

const bytesOf = (outputs: readonly Float32Array[]) =>
  outputs.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));

/** Fails without a diff if two runs differ in any bit. */
function assertSame(actual: readonly Float32Array[], expected: readonly Float32Array[], file: string): void {
  const others = bytesOf(expected);
  assert.ok(bytesOf(actual).every((bytes, i) => bytes.equals(others[i])), `${file}: outputs differ`);
}

/** Sizes of symbolic axes other than the batch: pixels, tokens, the height of a text line, audio samples. */
const openSizes = [64, 48, 576];

function feedsFor(graph: Graph, size: number): Record<string, Tensor> {
  const shapes = graph.inputs.map((name) => graph.values.get(name)!.shape!);
  const batches = shapes.map(([first]) => first);
  return Object.fromEntries(graph.inputs.map((name, i) => {
    const dims = shapes[i].map((dim) => typeof dim === "number" ? dim : batches.includes(dim) ? 2 : size);
    const count = dims.reduce((a, b) => a * b, 1);
    if (graph.values.get(name)!.dtype === "int64") {
      return [
        name,
        new Tensor("int64", BigInt64Array.from({ length: count }, (_, at) => BigInt(at % 2)), dims),
      ];
    }
    const values = Float32Array.from({ length: count }, (_, at) => ((at * 7919) % 255) / 255);
    return [name, new Tensor("float32", values, dims)];
  }));
}

async function run(bytes: Uint8Array, graph: Graph): Promise<Float32Array[]> {
  // Without fusion both models do the same arithmetic, so that results are equal to the bit.
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 3,
  });
  let outputs: InferenceSession.OnnxValueMapType | undefined;
  for (const size of openSizes) outputs ??= await session.run(feedsFor(graph, size)).catch(() => undefined);
  assert.ok(outputs, "ONNX Runtime runs the model in none of the sizes");
  await session.release();
  return graph.outputs.map((name) => outputs[name].data as Float32Array);
}

test("decodeModel, encodeModel: the shared models are preserved byte for byte", { skip }, () => {
  assert.ok(files.length >= 5);
  for (const file of files) {
    const bytes = load(file);
    assert.ok(Buffer.from(encodeModel(decodeModel(bytes))).equals(bytes), file);
  }
});

test(
  "encodeModel: after an edit ONNX Runtime computes the same, untouched messages are verbatim",
  { skip },
  async () => {
    for (const file of files) {
      const bytes = load(file);
      const graph = decodeModel(bytes);
      const edited = encodeModel(withIdentity(graph));
      const { ModelProto, NodeProto, TensorProto, ValueInfoProto } = onnxProto.onnx;
      const [before, after] = [ModelProto.decode(bytes), ModelProto.decode(edited)];
      const nodes = new Set(messages(NodeProto, after.graph!.node!));
      const lost = messages(NodeProto, before.graph!.node!).filter((node) => !nodes.has(node));
      assert.ok(lost.length <= 1, `${file}: ${lost.length} nodes changed`);
      for (
        const [key, type] of [["input", ValueInfoProto], ["output", ValueInfoProto], [
          "initializer",
          TensorProto,
        ]] as const
      ) {
        const [was, is] = [before, after].map(({ graph }) =>
          messages(type as Writable, graph![key]!).join("\n")
        );
        assert.ok(was === is, `${file}: ${key}`);
      }
      assert.deepEqual([after.metadataProps, after.opsetImport], [before.metadataProps, before.opsetImport]);
      assertSame(await run(edited, graph), await run(bytes, graph), file);
    }
  },
);

test("encodeModel: ONNX Runtime reads the same model from rewritten messages", { skip }, async () => {
  for (const file of files) {
    const bytes = load(file);
    const graph = decodeModel(bytes);
    const nodes = graph.nodes.map(({ source: _, ...node }) => node);
    const copies = [...graph.values].map(([name, value]) =>
      [name, value.constant ? { ...value, constant: { ...value.constant } } : value] as const
    );
    const { source: _, ...rest } = withValues(withNodes(graph, nodes), copies);
    assertSame(await run(encodeModel(rest), graph), await run(bytes, graph), file);
  }
});

test("decodeModel: onnx-proto reads the same nodes, attributes and initializers", { skip }, () => {
  for (const file of files) {
    const bytes = load(file);
    const graph = decodeModel(bytes);
    const read = onnxProto.onnx.ModelProto.decode(bytes);
    const byOutput = new Map(graph.nodes.map((node) => [node.outputs[0], node]));
    for (const node of read.graph!.node!) {
      const ours = byOutput.get(node.output![0])!;
      assert.deepEqual([ours.opType, ours.name, ours.inputs, ours.outputs], [
        node.opType,
        node.name ?? "",
        node.input,
        node.output,
      ]);
      for (const { name, i, f, ints } of node.attribute!) {
        const attribute = ours.attributes.get(name!)!;
        if (attribute.type === "int") assert.equal(attribute.value, BigInt(i!.toString()));
        if (attribute.type === "float") assert.equal(attribute.value, f);
        if (attribute.type === "ints") assert.deepEqual(attribute.value.map(String), ints!.map(String));
      }
    }
    for (const { name, dims, rawData } of read.graph!.initializer!) {
      const { constant } = graph.values.get(name!)!;
      assert.deepEqual(constant!.shape, dims!.map(Number), name!);
      if (rawData!.length > 0) assert.ok(Buffer.from(constant!.bytes).equals(rawData!), name!);
    }
    assert.equal(graph.nodes.length, read.graph!.node!.length);
    assert.equal(
      [...graph.values.values()].filter(({ constant }) => constant).length,
      read.graph!.initializer!.length,
    );
  }
});
