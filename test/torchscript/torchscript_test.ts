// TorchScript archives without torch: their code as golden text, their pickle and bytes by the tests' own reader, and
// what cannot be written.
import assert from "node:assert/strict";
import test from "node:test";
import { intAttribute, intsAttribute } from "../../src/graph/attribute.ts";
import { withValues } from "../../src/graph/edit.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { fromNumbers, numbers, tensor } from "../../src/tensor/tensor.ts";
import { archiveBytes } from "../../src/torchscript/archive.ts";
import { classText, floatText, identifiers } from "../../src/torchscript/code.ts";
import { scalarTypeOf, storageOf } from "../../src/torchscript/element_types.ts";
import { openShapes } from "../../src/torchscript/open_shapes.ts";
import { pickleModule } from "../../src/torchscript/pickle.ts";
import { torchForm } from "../../src/torchscript/torch_form.ts";
import { torchScriptBytes } from "../../src/torchscript/torchscript.ts";
import { fill, network, node } from "../passes/network.ts";
import { readArchive, readModule } from "./pickle_reader.ts";

const scalar = (dtype: "float32" | "uint8" | "int8", value: number) => tensor(dtype, [], [value]);
const whole = (...values: number[]) => tensor("int64", [values.length], values);
const codeOf = (graph: Graph) => {
  const { code } = readArchive(torchScriptBytes(torchForm(graph)));
  return code.slice(code.indexOf("Tensor:\n") + 8).split("\n").map((line) => line.trim()).filter(Boolean);
};

/** A convolution whose data are quantized per tensor and whose weights per channel. */
const quantized = network(
  [
    node("QuantizeLinear x s z > q"),
    node("DequantizeLinear q s z > d"),
    node("DequantizeLinear w ws wz > k", { axis: intAttribute(0) }),
    node("DequantizeLinear b bs > c", { axis: intAttribute(0) }),
    node("Conv d k c > y", { pads: intsAttribute([1, 1, 1, 1]) }),
  ],
  { x: [1, 2, 4, 4] },
  {
    s: scalar("float32", 0.25),
    z: scalar("uint8", 128),
    w: tensor("int8", [3, 2, 3, 3], Array.from({ length: 54 }, (_, i) => i - 27)),
    ws: tensor("float32", [3], [0.5, 0.25, 1]),
    wz: tensor("int8", [3], [0, 0, 0]),
    b: tensor("int32", [3], [1, 2, 3]),
    bs: tensor("float32", [3], [0.125, 0.0625, 0.25]),
  },
  ["y"],
);

test("the code of a quantized convolution, and its tensors", () => {
  const { code, tensors } = readArchive(torchScriptBytes(torchForm(quantized)));
  assert.equal(
    code,
    `class Model(Module):
  __parameters__ = []
  __buffers__ = ["w", "ws", "b", "bs", ]
  w : Tensor
  ws : Tensor
  b : Tensor
  bs : Tensor
  def forward(self: __torch__.Model,
    x: Tensor) -> Tensor:
    d = torch.fake_quantize_per_tensor_affine(x, 0.25, 128, 0, 255)
    k = torch.mul(torch.to(self.w, 6), self.ws)
    c = torch.mul(torch.to(self.b, 6), self.bs)
    y = torch.conv2d(d, k, c, [1, 1], [1, 1], [1, 1], 1)
    return y
`,
  );
  const shown = [...tensors].map(([name, { storage, shape, strides, bytes }]) =>
    `${name} ${storage} [${shape}] [${strides}] ${bytes.length}`
  );
  assert.deepEqual(shown, [
    "w torch.CharStorage [3,2,3,3] [18,9,3,1] 54",
    "ws torch.FloatStorage [3,1,1,1] [1,1,1,1] 12",
    "b torch.IntStorage [3] [1] 12",
    "bs torch.FloatStorage [3] [1] 12",
  ]);
  assert.deepEqual([...tensors.get("w")!.bytes], [...quantized.values.get("w")!.constant!.bytes]);
});

test("the same graph gives the same bytes", () => {
  assert.deepEqual(torchScriptBytes(torchForm(quantized)), torchScriptBytes(torchForm(quantized)));
});

const rows: readonly [title: string, graph: Graph, lines: readonly string[]][] = [
  [
    "16-bit codes, signed",
    network(
      [node("QuantizeLinear x s z > q"), node("DequantizeLinear q s z > y")],
      { x: [2] },
      { s: scalar("float32", 0.5), z: tensor("int16", [], [3]) },
      ["y"],
      21,
    ),
    ["y = torch.fake_quantize_per_tensor_affine(x, 0.5, 3, -32768, 32767)", "return y"],
  ],
  [
    "codes that are results",
    network(
      [node("QuantizeLinear x s z > y")],
      { x: [2] },
      { s: scalar("float32", 0.5), z: scalar("int8", 3) },
      ["y"],
    ),
    ["y = torch.to(torch.clamp(torch.add(torch.round(torch.div(x, 0.5)), 3), -128, 127), 1)", "return y"],
  ],
  [
    "activations per channel",
    network(
      [
        node("QuantizeLinear x s z > q", { axis: intAttribute(1) }),
        node("DequantizeLinear q s z > y", { axis: intAttribute(1) }),
      ],
      { x: [1, 2, 3] },
      { s: tensor("float32", [2], [0.5, 1]), z: tensor("int8", [2], [0, 1]) },
      ["y"],
    ),
    ["y = torch.fake_quantize_per_channel_affine(x, self.s, self.z, 1, -128, 127)", "return y"],
  ],
  [
    "uneven pads of convolutions and pools are operators",
    network(
      [
        node("Conv x w > c", { pads: intsAttribute([0, 1, 2, 3]), strides: intsAttribute([2, 2]) }),
        node("MaxPool c > y", { kernel_shape: intsAttribute([2, 2]), pads: intsAttribute([0, 0, 1, 1]) }),
      ],
      { x: [1, 1, 8, 8] },
      { w: fill([1, 1, 3, 3]) },
      ["y"],
    ),
    [
      "c = torch.conv2d(torch.constant_pad_nd(x, [1, 3, 0, 2], 0.0), self.w, None, [2, 2], [0, 0], [1, 1], 1)",
      'y = torch.max_pool2d(torch.constant_pad_nd(c, [0, 1, 0, 1], float("-inf")), [2, 2], [1, 1], [0, 0], [1, 1], False)',
      "return y",
    ],
  ],
  [
    "shapes are integers in code",
    withValues(
      network(
        [
          node("Shape x > s"),
          node("Gather s zero > n", { axis: intAttribute(0) }),
          node("Unsqueeze n axes > one"),
          node("Concat one rest > wanted", { axis: intAttribute(0) }),
          node("Reshape x wanted > y"),
        ],
        { x: [1, 4, 6] },
        { zero: tensor("int64", [], [0]), axes: whole(0), rest: whole(-1, 3) },
        ["y"],
      ),
      [["x", { dtype: "float32", shape: ["N", 4, 6] }]],
    ),
    ["y = torch.reshape(x, [torch.size(x, 0), -1, 3])", "return y"],
  ],
];

for (const [title, graph, lines] of rows) {
  test(title, () => assert.deepEqual(codeOf(graph), lines));
}

test("several results are a tuple", () => {
  const graph = network([node("Relu x > y"), node("Neg x > z")], { x: [2] }, {}, ["y", "z"]);
  const { code } = readArchive(torchScriptBytes(torchForm(graph)));
  assert.match(code, /-> Tuple\[Tensor, Tensor\]:/);
  assert.match(code, /return \(y, z\)$/m);
});

test("everything that has no form is refused at once", () => {
  const graph = network(
    [
      node("DeformConv x w o > a"),
      node("Relu a > b"),
      node("Resize b _ s > y", {
        mode: { type: "string", value: "cubic" },
        cubic_coeff_a: { type: "float", value: -0.5 },
      }),
    ],
    { x: [1, 1, 4, 4], o: [1, 2, 4, 4] },
    { w: fill([1, 1, 1, 1]), s: tensor("float32", [4], [1, 1, 2, 2]) },
    ["y"],
    19,
  );
  assert.throws(() => torchScriptBytes(torchForm(graph)), {
    name: "UnsupportedError",
    message: "Cannot write TorchScript: 2 nodes have no form in it: " +
      'DeformConv "a": torch has no such operator, or halftone has no row for it; ' +
      'Resize "y": it is cubic, which torch has over two axes with coefficient -0.75 only',
  });
});

test("more than 2 GB are refused", () => {
  const storages = [{ length: 2 ** 31 } as Uint8Array];
  assert.throws(() => archiveBytes({ pickle: new Uint8Array(), code: "", storages }), {
    name: "UnsupportedError",
    message: /its tensors have 2147483648 bytes, expected at most 2147483647 \(2 GB\)/,
  });
});

test("a pickle states numbers of any size", () => {
  const shapes = { small: [3], short: [300], long: [70000, 2], none: [] };
  const held = Object.entries(shapes).map(([name, shape], key) => ({
    name,
    storage: "FloatStorage",
    key,
    shape,
  }));
  const { name, tensors } = readModule(pickleModule("Model", held));
  assert.equal(name, "__torch__.Model");
  assert.deepEqual(Object.fromEntries([...tensors].map(([key, { shape }]) => [key, shape])), shapes);
  assert.deepEqual([...tensors.values()].map(({ count }) => count), [3, 300, 140000, 1]);
});

test("literals and identifiers", () => {
  const numbers = [1, -0, 0.1, 1e-7, 3.4028234663852886e38, -Infinity, NaN];
  assert.deepEqual(numbers.map(floatText), [
    "1.0",
    "-0.0",
    "0.1",
    "1.0e-7",
    "3.4028234663852886e+38",
    'float("-inf")',
    'float("nan")',
  ]);
  const identifier = identifiers();
  const names = ["conv/1:0", "conv.1.0", "1", "self", "été", "", "x", "x"];
  assert.deepEqual(names.map(identifier), ["conv_1_0", "conv_1_0_1", "v_1", "self_1", "t", "v", "x", "x_1"]);
});

test("a class without inputs or buffers", () => {
  const text = classText("Model", { buffers: [], inputs: [], statements: [], results: ["self"] });
  assert.match(text, /def forward\(self: __torch__\.Model\) -> Tensor:/);
});

test("torch has no elements of some types, and holds others in wider ones", () => {
  assert.equal(scalarTypeOf("bfloat16"), 15);
  assert.throws(() => scalarTypeOf("string"), /no string elements/);
  const { storage, bytes } = storageOf(fromNumbers("int4", [3], [-8, 7, -1]));
  assert.deepEqual([storage, ...new Int8Array(bytes)], ["CharStorage", -8, 7, -1]);
  assert.deepEqual(
    numbers({ dtype: "int32", shape: [1], bytes: storageOf(tensor("uint16", [1], [65535])).bytes }),
    [
      65535,
    ],
  );
});

test("dimensions are known if they are the same at two sizes", () => {
  const graph = withValues(network([node("Relu x > y"), node("Transpose y > z")], { x: [1, 4] }, {}, ["z"]), [
    ["x", { dtype: "float32", shape: ["N", 4] }],
  ]);
  const shapes = openShapes(graph);
  assert.deepEqual(shapes.get("y")?.shape, ["", 4]);
  assert.deepEqual(shapes.get("z")?.shape, [4, ""]);
});
