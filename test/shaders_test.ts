// The shader is the contract: stems, names, sizes and rows agree, and Dawn's compiler (Tint) accepts every shader with
// every tuple of baked numbers, on its null backend: no adapter is needed.
import assert from "node:assert/strict";
import test from "node:test";
import { type Contract, needsOf, usesOf } from "../src/device/contract.ts";
import { nameOf } from "../src/kernels/kernel.ts";
import { compile } from "./compile.ts";
import { nullDevice } from "./device/null.ts";
import { allRows } from "./kernels/all_rows.ts";
import { allKernels, bakedTuples, elementTypes, kernelModules, ownText, shaderStems } from "./shaders.ts";

const kernels = await allKernels();
const shaders = shaderStems().map((stem) => ({ stem, own: ownText(stem) }));
const library = shaderStems("lib/").map((stem) => ({ stem, own: ownText(`lib/${stem}`) }));
/** Numbers that a row may leave to the shader's default. */
const optional = new Set(["group_size", "nibbles"]);
/** The null backend has 16 KB of workgroup memory. */
const smaller: Readonly<Record<string, Record<string, number>>> = { histogram_lanes: { group_size: 4 } };

test("every shader has a kernel of its stem, and every kernel a shader", () => {
  const stems = new Set(kernels.map(({ kernel }) => kernel.stem));
  assert.deepEqual(shaders.map(({ stem }) => stem), [...stems].sort());
});

/**
 * The law: shaders/STEM.wgsl, src/kernels/STEM.ts and test/kernels/STEM.rows.ts. Its exceptions: a kernel's variants
 * are in the kernel's module, and kernels that share one definition or one set of numbers share a module.
 */
const families: Readonly<Record<string, readonly string[]>> = {
  binary: ["binary", "binary_broadcast"],
  channels_last: ["from_channels_last", "to_channels_last"],
  conv2d_tiled: ["conv2d_tile", "conv2d_tiled", "conv2d_wide"],
  conv_transpose: ["conv_transpose", "conv_transpose_grouped"],
  gather: ["gather", "gather_elements"],
  histogram: ["histogram", "histogram_lanes"],
  matmul_quads: ["matmul_join", "matmul_quads", "matmul_split", "matmul_tile", "matmul_wide"],
  pack_codes: ["dequantize_packed", "pack_codes", "quantize_packed", "unpack_codes"],
  qconv2d_tiled: ["qconv2d_matrix", "qconv2d_tile", "qconv2d_tiled", "qconv2d_widened"],
  qtable: ["qbinary_table", "qtable", "qtable_channels"],
  quantize: ["dequantize_linear", "fake_quantize", "quantize_linear"],
  recurrent: ["gru_gates", "gru_step", "lstm_step", "rnn_step"],
  reduce: ["reduce", "reduce_rows"],
  resample: ["resample", "resample_quads"],
  scatter: ["scatter", "scatter_claim", "scatter_owned"],
  softmax: ["softmax", "softmax_rows"],
};

test("a module of src/kernels has the stem of its kernel, or is a family", () => {
  const byFile = Map.groupBy(kernels, ({ file }) => file);
  for (const [file, own] of byFile) {
    const stems = new Set(own.map(({ kernel }) => kernel.stem));
    assert.deepEqual([...stems].sort(), families[file] ?? [file], `src/kernels/${file}.ts`);
  }
  assert.deepEqual(Object.keys(families).filter((file) => !byFile.has(file)), []);
  assert.deepEqual(kernelModules().filter((file) => !byFile.has(file)), []);
});

test("every kernel has at least three rows, in a file of its module's stem", async () => {
  const files = await allRows();
  for (const { kernel, file } of kernels) {
    const name = nameOf(kernel);
    const own = files.get(file)?.find((one) => nameOf(one.kernel) === name)?.rows ?? [];
    assert.ok(
      own.length >= 3,
      `${name} has ${own.length} rows in test/kernels/${file}.rows.ts, expected three`,
    );
  }
});

test("every row gives the numbers and buffers that its shader asks for, and no others", () => {
  for (const { kernel: { stem }, contract, rows } of kernels) {
    const numbers = [...contract.params.map(({ name }) => name), ...contract.overrides.keys()];
    const buffers = contract.bindings.filter(({ access }) => access !== "uniform").map(({ name }) => name)
      .sort();
    for (const row of rows) {
      const wanted = numbers.filter((name) => !optional.has(name) || name in row.numbers).sort();
      assert.deepEqual(Object.keys(row.numbers).sort(), wanted, `numbers of ${stem}, ${row.name}`);
      assert.deepEqual(Object.keys(row.buffers).sort(), buffers, `buffers of ${stem}, ${row.name}`);
    }
  }
});

test("every kernel writes bindings that its shader may write", () => {
  for (const { kernel: { stem, writes }, contract } of kernels) {
    const writable = contract.bindings.filter(({ access }) => access === "read_write").map(({ name }) =>
      name
    );
    for (const name of writes) assert.ok(writable.includes(name), `${stem}: ${name}`);
  }
});

test("every shader starts with one to three lines of comment, before what it needs and uses", () => {
  for (const { stem, own } of shaders) {
    const header = own.split("\n").findIndex((line) => !/^\/\/ (?!needs: |use: )/.test(line));
    assert.ok(header >= 1 && header <= 3, `${stem}.wgsl has ${header} lines of header`);
  }
});

test("every shader keeps within 120 columns", () => {
  for (const { stem, own } of [...shaders, ...library]) {
    const long = own.split("\n").findIndex((line) => [...line].length > 120) + 1;
    assert.equal(long, 0, `${stem}.wgsl:${long}`);
  }
});

test("every override, number and binding is named in lower_snake", () => {
  for (const { kernel: { stem }, contract: { overrides, params, bindings } } of kernels) {
    for (const name of [...overrides.keys(), ...[...params, ...bindings].map((one) => one.name)]) {
      assert.match(name, /^[a-z][a-z0-9_]*$/, `${stem}.wgsl`);
    }
  }
});

test("every Params holds scalars only, and readContract finds every declaration of a shader", () => {
  const count = (code: string, pattern: RegExp) => [...code.matchAll(pattern)].length;
  for (const { kernel: { stem }, contract: { code, params, bindings, overrides } } of kernels) {
    const fields = (/struct Params \{([^}]*)\}/.exec(code)?.[1] ?? "").split(",").map((field) =>
      field.trim()
    );
    for (const field of fields.filter(Boolean)) assert.match(field, /^\w+: [uif]32$/, `${stem}.wgsl`);
    assert.equal(params.length, fields.filter(Boolean).length, stem);
    assert.equal(bindings.length, count(code, /@binding\(/g), stem);
    assert.equal(overrides.size, count(code, /\boverride\b/g), stem);
  }
});

test("a shader is a kernel with one entry point; library files hold functions, without any interface", () => {
  for (const { stem, own } of shaders) assert.equal(own.match(/@compute\b/g)?.length, 1, `${stem}.wgsl`);
  for (const { stem, own } of library) {
    assert.doesNotMatch(own, /@compute|@group|^override|struct Params/m, `lib/${stem}.wgsl`);
  }
});

test("every library file says in its first line which names it needs, and is used by shaders that declare them", () => {
  const used = new Set<string>();
  for (const { kernel, contract } of kernels) {
    const declared = new Set(namesIn(contract.code));
    for (const name of usesOf(ownText(kernel.stem))) {
      used.add(name);
      const own = ownText(`lib/${name}`);
      const [first] = own.split("\n");
      const needed = needsOf(first).filter((need) => need !== "nothing");
      const place = `${kernel.stem}.wgsl, lib/${name}.wgsl`;
      assert.deepEqual(needed.filter((need) => !isDeclared(need, contract)), [], place);
      const local = new Set(own.match(/(?<=\b(?:let|var|fn|alias|struct|const) )\w+|\w+(?=: [a-z])/g));
      const taken = new Set(own.replace(/\/\/.*/g, "").match(/(?<![\w.])[A-Za-z]\w*/g));
      const unnamed = [...taken].filter((one) => declared.has(one) && !local.has(one) && !names(needed, one));
      assert.deepEqual(unnamed, [], `${place}: names that its first line does not give`);
    }
  }
  assert.deepEqual(library.map(({ stem }) => stem).filter((stem) => !used.has(stem)), []);
});

/** The names of declarations at module scope. */
function namesIn(code: string): string[] {
  const pattern = /^(?:@group\(0\) @binding\(\d+\) )?(?:fn|const|override|alias|struct|var<[^>]*>) (\w+)/gm;
  return [...code.matchAll(pattern)].map(([, name]) => name);
}

function isDeclared(need: string, { code, params }: Contract): boolean {
  const [name, field] = need.split(".");
  if (field) return field === "*" ? params.length > 0 : params.some((param) => param.name === field);
  return namesIn(code).some((one) => names([name], one));
}

/** Whether `name` is among what is needed: `kind_*` stands for every kind, `params.x` for params. */
function names(needed: readonly string[], name: string): boolean {
  return needed.some((need) =>
    need.endsWith("_*") ? name.startsWith(need.slice(0, -1)) : need.split(".")[0] === name
  );
}

test("Tint compiles every shader with every tuple that rows bake, without a message", async () => {
  const device = await nullDevice();
  for (const one of kernels) {
    const { stem } = one.kernel;
    const tuples = bakedTuples(one).map((tuple) => ({ ...tuple, ...smaller[stem] }));
    for (const contract of elementTypes(one)) {
      assert.deepEqual(await compile(device, stem, contract, tuples), []);
    }
  }
  device.destroy();
});

test("compile reports where a shader is wrong", async () => {
  const device = await nullDevice();
  const code = "@compute @workgroup_size(1)\nfn main() { let x = y; }";
  const found = await compile(device, "wrong", { code, overrides: new Map(), params: [], bindings: [] }, []);
  assert.match(found[0], /^wrong\.wgsl:2:21 error: unresolved value 'y'/);
  device.destroy();
});
