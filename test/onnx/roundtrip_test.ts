import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { Attribute, Graph, Node, Value } from "../../src/graph/graph.ts";
import { decodeModel, encodeModel } from "../../src/onnx/mod.ts";
import { bytesFor, type DType, dtypes } from "../../src/tensor/dtype.ts";
import { elementCount } from "../../src/tensor/shape.ts";

const stored = dtypes.filter((dtype) => dtype !== "undefined" && dtype !== "string");
const dtype: fc.Arbitrary<DType> = fc.constantFrom(...stored);
const text = fc.string({ unit: "grapheme", maxLength: 6 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float32 = fc.float({ noNaN: true });

const tensors = fc.tuple(dtype, fc.array(fc.nat({ max: 4 }), { maxLength: 4 })).chain(([dtype, shape]) => {
  const length = bytesFor(dtype, elementCount(shape));
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ dtype, shape, bytes }));
});

const attribute: fc.Arbitrary<Attribute> = fc.oneof(
  int64.map((value) => ({ type: "int", value }) as const),
  float32.map((value) => ({ type: "float", value }) as const),
  text.map((value) => ({ type: "string", value }) as const),
  tensors.map((value) => ({ type: "tensor", value }) as const),
  fc.array(int64, { maxLength: 5 }).map((value) => ({ type: "ints", value }) as const),
  fc.array(float32, { maxLength: 5 }).map((value) => ({ type: "floats", value }) as const),
  fc.array(text, { maxLength: 5 }).map((value) => ({ type: "strings", value }) as const),
);

const dim = fc.oneof(fc.nat({ max: 2 ** 31 }), fc.constantFrom("", "N", "batch"));
const shape = fc.option(fc.array(dim, { maxLength: 4 }), { nil: undefined });
const described: fc.Arbitrary<Value> = fc.tuple(dtype, shape).map(([dtype, shape]) =>
  shape ? { dtype, shape } : { dtype }
);

type Drawn = {
  constants: readonly { dtype: DType; shape: number[]; bytes: Uint8Array }[];
  inputs: readonly Value[];
  nodes: readonly {
    op: string;
    domain: string;
    reads: number[];
    attributes: [string, Attribute][];
    value: Value;
  }[];
  opset: number;
  name: string;
};

const drawn: fc.Arbitrary<Drawn> = fc.record({
  constants: fc.array(tensors, { maxLength: 4 }),
  inputs: fc.array(described, { minLength: 1, maxLength: 3 }),
  nodes: fc.array(
    fc.record({
      op: fc.constantFrom("Add", "Conv", "Relu"),
      domain: fc.constantFrom("", "vendor"),
      reads: fc.array(fc.nat(), { maxLength: 3 }),
      attributes: fc.uniqueArray(fc.tuple(text, attribute), { maxLength: 3, selector: ([key]) => key }),
      value: described,
    }),
    { minLength: 1, maxLength: 6 },
  ),
  opset: fc.integer({ min: 1, max: 28 }),
  name: text,
});

/** A well-formed graph: each node reads inputs, constants or earlier nodes. */
function graphOf({ constants, inputs, nodes, opset, name }: Drawn): Graph {
  const values = new Map<string, Value>();
  inputs.forEach((value, i) => values.set(`in${i}`, value));
  constants.forEach((constant, i) => {
    values.set(`const${i}`, { dtype: constant.dtype, shape: constant.shape, constant });
  });
  const readable = [...values.keys(), ""];
  const made = nodes.map(({ op, domain, reads, attributes, value }, i): Node => {
    const output = `made${i}`;
    const ends = { inputs: reads.map((read) => readable[read % readable.length]), outputs: [output] };
    readable.push(output);
    values.set(output, value);
    return { opType: op, domain, name: i % 2 ? `node${i}` : "", ...ends, attributes: new Map(attributes) };
  });
  const outputs = [made[made.length - 1].outputs[0]];
  return { name, nodes: made, values, inputs: inputs.map((_, i) => `in${i}`), outputs, opset };
}

/** The graph without its source. */
function bare(graph: Graph): unknown {
  const nodes = graph.nodes.map(({ source: _, ...node }) => node);
  const { source: _, ...rest } = graph;
  return { ...rest, nodes, values: new Map([...graph.values].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

test("decodeModel∘encodeModel: identity on random graphs", () => {
  fc.assert(
    fc.property(drawn, (drawn) => {
      const graph = graphOf(drawn);
      const bytes = encodeModel(graph);
      const decoded = decodeModel(bytes);
      assert.deepEqual(bare(decoded), bare(graph));
      assert.deepEqual(encodeModel(decoded), bytes);
    }),
    { numRuns: 300 },
  );
});

test("decodeModel∘encodeModel: identity after every node, constant and value was replaced", () => {
  fc.assert(
    fc.property(drawn, (drawn) => {
      const decoded = decodeModel(encodeModel(graphOf(drawn)));
      const nodes = decoded.nodes.map((node) => ({ ...node, name: node.name && `${node.name}!` }));
      const values = new Map([...decoded.values].map(([name, value]) => {
        const constant = value.constant && { ...value.constant };
        return [name, constant ? { ...value, constant } : { dtype: "float32", shape: [7, "M"] }] as const;
      })) as Map<string, Value>;
      const touched = { ...decoded, nodes, values, name: "touched" };
      assert.deepEqual(bare(decodeModel(encodeModel(touched))), bare(touched));
    }),
    { numRuns: 300 },
  );
});
