// The .xmodel file: bytes and back, what a reader refuses, and what cannot be written.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { HalftoneError, ModelError, UnsupportedError } from "../../src/error.ts";
import { intsAttribute } from "../../src/graph/attribute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { decodeXmodel } from "../../src/xir/decode.ts";
import { encodeXmodel } from "../../src/xir/encode.ts";
import type { XirGraph, XirOp, XirValue } from "../../src/xir/graph.ts";
import { graphType } from "../../src/xir/messages.ts";
import { typeOfAttribute, xirSchemas } from "../../src/xir/schema.ts";
import { toXir } from "../../src/xir/to_xir.ts";
import { fill, network, node } from "../passes/network.ts";
import { blockGolden, blockText } from "./block.ts";

const convolution = network(
  [node("Conv x w b > c", { pads: intsAttribute([1, 1, 1, 1]) }), node("Relu c > y")],
  { x: [1, 3, 4, 5] },
  { w: fill([2, 3, 3, 3]), b: fill([2]) },
  ["y"],
);

/** With plain arrays in place of bytes. */
function plain({ ops, ...graph }: XirGraph): unknown {
  const listOf = (value: XirValue) => value instanceof Uint8Array ? [...value] : value;
  return {
    ...graph,
    ops: ops.map(({ attributes, node: _, ...op }) => ({
      ...op,
      attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, listOf(value)])),
    })),
  };
}

test("a file has the graph's operators, arguments, attributes and outputs", () => {
  const graph = toXir(convolution);
  assert.deepEqual(plain(decodeXmodel(encodeXmodel(graph))), plain(graph));
});

test("fields have graph_proto_v2's numbers: 1, 5, 10 and 11, in this order", () => {
  const bytes = encodeXmodel(toXir(convolution));
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length;) {
    numbers.push(bytes[at++] >> 3);
    let [length, shift] = [0, 0];
    do length |= (bytes[at] & 127) << (7 * shift++); while (bytes[at++] & 128);
    at += length;
  }
  assert.deepEqual([...new Set(numbers)], [1, 5, 10, 11]);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
});

test("values of 0 and false are written, an absent bias is an empty argument", () => {
  const { opNode } = graphType.decode(encodeXmodel(toXir(network(
    [node("Conv x w > y")],
    { x: [1, 1, 2, 2] },
    { w: fill([1, 1, 1, 1]) },
    ["y"],
  )))) as unknown as {
    opNode: { args: { argName: string; argOps: string[] }[]; opAttr: Record<string, object> }[];
  };
  assert.deepEqual(opNode.at(-1)!.args.map(({ argName, argOps }) => [argName, argOps.length]), [
    ["input", 1],
    ["weights", 1],
    ["bias", 0],
  ]);
  assert.deepEqual({ ...opNode.at(-1)!.opAttr.bias_term }, { boolValue: false });
});

const fed: XirOp = {
  name: "x",
  type: "data",
  attributes: { shape: [1, 2], data_type: "FLOAT32" },
  inputs: {},
  shape: [1, 2],
};
const relu: XirOp = { name: "y", type: "relu", attributes: {}, inputs: { input: ["x"] }, shape: [1, 2] };
const bytesOf = (...ops: XirOp[]) => encodeXmodel({ name: "g", ops, outputs: [] });
type Message = {
  opNode: Record<string, unknown>[];
  subgRoot: { opName: string[] };
  graphAttr: Record<string, unknown>;
};

/** The bytes of data and relu after a change of the message. */
function change(edit: (message: Message) => void): Uint8Array {
  const message = graphType.decode(bytesOf(fed, relu)) as unknown as Message;
  edit(message);
  return graphType.encode(message).finish();
}

const refusals: readonly [title: string, bytes: Uint8Array, message: RegExp][] = [
  ["bytes that are no message", Uint8Array.of(0x0a, 0x7f, 1), /expected a protobuf message of XIR/],
  [
    "an operator before what it reads",
    bytesOf(relu, fed),
    /"y".* reads "x", expected an operator before it/,
  ],
  ["a name twice", bytesOf(fed, fed), /"x" occurs twice/],
  ["an unknown type", change(({ opNode }) => opNode[1].opType = "mystery"), /its type is "mystery"/],
  ["a missing argument", bytesOf(fed, { ...relu, inputs: {} }), /"input" has 0 operators, expected one/],
  [
    "two operators for one",
    bytesOf(fed, { ...relu, inputs: { input: ["x", "x"] } }),
    /"input" has 2 operators/,
  ],
  [
    "an argument that the type does not have",
    change(({ opNode }) => (opNode[1].args as object[]).push({ argName: "weights", argOps: ["x"] })),
    /argument "weights", expected input/,
  ],
  [
    "a required attribute that is absent",
    bytesOf({ ...fed, attributes: { data_type: "FLOAT32" } }),
    /attribute shape is absent, expected int32s/,
  ],
  [
    "an attribute of another type",
    change(({ opNode }) =>
      opNode[0].opAttr = { shape: { floatValue: 2 }, data_type: { stringValue: "FLOAT32" } }
    ),
    /attribute shape has floatValue, expected int32s/,
  ],
  [
    "an attribute that the type does not have",
    change(({ opNode }) => opNode[1].opAttr = { alpha: { floatValue: 2 } }),
    /it has attribute alpha/,
  ],
  ["a subgraph without an operator", change(({ subgRoot }) => subgRoot.opName.pop()), /"root" with all 2/],
  [
    "an output that is no operator",
    change(({ graphAttr }) => graphAttr.return_ops = { stringVecValue: { value: ["z"] } }),
    /return_ops has "z"/,
  ],
];
for (const [title, bytes, message] of refusals) {
  test(`decodeXmodel refuses ${title}`, () =>
    assert.throws(() => decodeXmodel(bytes), (error) => {
      assert.ok(error instanceof ModelError);
      assert.match(error.message, message);
      return true;
    }));
}

test("damaged files are refused by an error of halftone, or read", () => {
  const bytes = encodeXmodel(toXir(convolution));
  let refused = 0;
  for (let i = 0; i < bytes.length; i++) {
    const damaged = bytes.slice();
    damaged[i] ^= 1 << (i % 8);
    for (const one of [damaged, bytes.slice(0, i)]) {
      try {
        decodeXmodel(one);
      } catch (error) {
        assert.ok(error instanceof HalftoneError, `byte ${i}: ${error}`);
        refused++;
      }
    }
  }
  assert.ok(refused > bytes.length / 2, `${refused} of ${2 * bytes.length} were refused`);
});

test("all nodes without a form are named at once, those of one reason together", () => {
  const graph = network(
    [node("Erf x > a"), node("Erf a > b"), node("Conv b w > y")],
    { x: [1, 2, 8] },
    { w: fill([2, 2, 3]) },
    ["y"],
  );
  assert.throws(() => encodeXmodel(toXir(graph)), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(
      error.message,
      /Erf "a", Erf "b": XIR has no operator for Erf; Conv "y": its data have 3 dimensions/,
    );
    return true;
  });
});

test("open shapes and other batches than 1 are refused by input", () => {
  const open = (...shape: (number | string)[]): Graph => ({
    ...convolution,
    values: new Map([...convolution.values, ["x", { dtype: "float32", shape }]]),
  });
  assert.throws(
    () => encodeXmodel(toXir(open(1, 3, "H", "W"))),
    /shape of input "x" is unknown.* batch may be open$/,
  );
  assert.throws(() => encodeXmodel(toXir(open(2, 3, 4, 5))), /input "x" has batch 2; .* batch 1/);
  assert.equal(decodeXmodel(encodeXmodel(toXir(open("N", 3, 4, 5)))).ops[0].shape[0], 1);
});

test("more than 2 GB of constants are refused before anything is written", () => {
  const large = { length: 2 ** 31 } as Uint8Array;
  Object.setPrototypeOf(large, Uint8Array.prototype);
  Object.defineProperty(large, "length", { value: 2 ** 31 });
  const held: XirOp = { ...fed, type: "const", attributes: { ...fed.attributes, data: large } };
  assert.throws(() => bytesOf(held), /its constants have 2147483648 bytes, expected at most 2147483647/);
});

test("an attribute that XIR does not have is a defect of halftone", () => {
  assert.throws(
    () => bytesOf({ ...fed, attributes: { ...fed.attributes, color: 1 } }),
    /^Error: Invariant: data "x"/,
  );
  assert.throws(() => bytesOf({ ...fed, type: "mystery" }), /^Error: Invariant: operator mystery/);
});

test("every type of an attribute is one that the messages declare", () => {
  const types = Object.values(xirSchemas).flatMap(({ attributes }) => Object.values(attributes));
  const declared = new Set([
    "bool",
    "int32",
    "float",
    "double",
    "string",
    "bytes",
    "int32s",
    "floats",
    "strings",
  ]);
  assert.deepEqual(types.filter((type) => !declared.has(typeOfAttribute(type).type)), []);
  assert.deepEqual(typeOfAttribute("floats?"), { type: "floats", isOptional: true });
});

test("the golden shows a small quantized network operator by operator", () => {
  assert.equal(
    blockText(),
    readFileSync(blockGolden, "utf8"),
    "differs from its golden: run deno task golden",
  );
});
