// Faulty input files: one clear message that names the culprit, exit 1, and nothing is written.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { graphDigest } from "../../cli/steps/digest.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { tensor } from "../../src/tensor/tensor.ts";
import { inTempFolder, runInProcess } from "./run_program.ts";
import { tinyGraph, writePictures, writeTinyModel } from "./tiny.ts";

/** A folder with a model and pictures, for a test to damage. */
type Place = { readonly folder: string; readonly model: string; readonly pictures: string };

async function calibFails(prepare: (place: Place) => string[] | void | Promise<string[] | void>) {
  return await inTempFolder(async (folder) => {
    const place = { folder, model: await writeTinyModel(folder), pictures: await writePictures(folder, 2) };
    const output = join(folder, "out");
    const more = await prepare(place) ?? [];
    const data = more.includes("--data") ? [] : ["--data", place.pictures];
    const usual = ["--model", place.model, ...data, "--output", output, "--device", "cpu", "--json"];
    const ran = await runInProcess(["calib", ...usual, ...more]);
    assert.equal(ran.code, 1, ran.stdout);
    if (!more.includes("--output")) assert.ok(!existsSync(output), "something was written");
    const { kind, message, where } = JSON.parse(ran.stdout).error;
    assert.notEqual(kind, "InternalError", message);
    return { kind, text: [...where, message].join(" › ") };
  });
}

const withGraph = (change: (graph: Graph) => Graph) => async ({ folder }: Place) => {
  await writeTinyModel(folder, change(tinyGraph()));
};
const renameOp = (node: Node, opTypes: Record<string, string>): Node => ({
  ...node,
  opType: opTypes[node.opType] ?? node.opType,
});
const withConstant = (name: string, numberAt: (at: number) => number) =>
  withGraph((graph) => {
    const value = graph.values.get(name)!;
    const numbers = Array.from({ length: value.constant!.bytes.length / 4 }, (_, at) => numberAt(at));
    const constant = tensor("float32", value.constant!.shape, numbers);
    return { ...graph, values: new Map([...graph.values, [name, { ...value, constant }]]) };
  });

const cases: [string, Parameters<typeof calibFails>[0], RegExp][] = [
  [
    "a missing model",
    ({ folder }) => ["--model", join(folder, "no.onnx")],
    /no\.onnx › .*no such file/,
  ],
  ["a model that is a folder", ({ folder }) => ["--model", folder], /folder, expected an ONNX file/],
  [
    "a model that is not an ONNX file",
    ({ model }) => writeFileSync(model, "hello, this is text"),
    /tiny\.onnx › /,
  ],
  ["an empty model", ({ model }) => writeFileSync(model, ""), /tiny\.onnx › /],
  [
    "a truncated model",
    ({ model }) => writeFileSync(model, readFileSync(model).subarray(0, 700)),
    /tiny\.onnx › /,
  ],
  [
    "unknown operators before all others, all of them at once",
    withGraph((graph) => ({
      ...graph,
      nodes: graph.nodes.map((node) => renameOp(node, { Conv: "Shimmer", Flatten: "Fold" })),
    })),
    /Shimmer.*Fold|Fold.*Shimmer/,
  ],
  ["a weight that is NaN", withConstant("stem.weight", (at) => at === 5 ? NaN : 1), /stem\.weight.*NaN/],
  ["a weight that is infinite", withConstant("head.weight", () => -Infinity), /head\.weight.*[Ii]nfin/],
  [
    "an activation that is NaN",
    withGraph((graph) => ({ ...graph, nodes: graph.nodes.map((node) => renameOp(node, { Relu: "Sqrt" })) })),
    // Square roots are never quantized, so the first measured value comes after them.
    /"(relu|pool|flat)": .*NaN or infinite/,
  ],
  [
    "missing data",
    ({ folder }) => ["--data", join(folder, "none")],
    /none": nothing is there/,
  ],
  ["a folder without data", ({ folder }) => {
    mkdirSync(join(folder, "empty"));
    return ["--data", join(folder, "empty")];
  }, /empty": the folder has 0 entries/],
  ["an input that the model does not have", ({ pictures }) => ["--data", `pictur=${pictures}`], /pictur/],
  ["a subset larger than the data", () => ["--subset-len", "5"], /has 4 images, --subset-len asks for 5/],
  ["missing labels", ({ folder }) => ["--labels", join(folder, "l.txt")], /l\.txt/],
  [
    "a missing preprocessing file",
    ({ folder }) => ["--preprocess", join(folder, "p.json")],
    /p\.json/,
  ],
  ["an unknown preprocessing key", ({ folder }) => {
    writeFileSync(join(folder, "p.json"), '{ "do_resise": true }');
    return ["--preprocess", join(folder, "p.json")];
  }, /do_resise.*do_resize/],
  ["images of the wrong size", ({ folder }) => {
    writeFileSync(
      join(folder, "preprocessor_config.json"),
      '{ "do_resize": true, "size": 9, "default_to_square": true }',
    );
  }, /9/],
  ["a folder in which no image can be read", ({ pictures }) => {
    for (const label of ["dark", "light"]) {
      for (const i of [0, 1]) writeFileSync(join(pictures, label, `${i}.png`), "no");
    }
  }, /Cannot read any of 4 images/],
  [
    "an output that is a file",
    ({ folder, model }) => ["--output", join(model, "below", folder)],
    /tiny\.onnx" is a file/,
  ],
];

for (const [what, prepare, message] of cases) {
  test(`calib refuses ${what} and names it`, async () => {
    const { text } = await calibFails(prepare);
    assert.match(text, message);
    assert.ok(!text.endsWith("."), text);
  });
}

const exportFails = (prepare: (quantInfo: string, model: string) => void) =>
  inTempFolder(async (folder) => {
    const model = await writeTinyModel(folder);
    prepare(join(folder, "quant_info.json"), model);
    const ran = await runInProcess(["export", "--model", model, "--output", folder, "--json"]);
    assert.equal(ran.code, 1, ran.stdout);
    assert.ok(!existsSync(join(folder, "tiny_int.onnx")));
    const { message, where } = JSON.parse(ran.stdout).error;
    return [...where, message].join(" › ");
  });

const encodingsFile = (changes: Record<string, unknown>) =>
  JSON.stringify({ version: "0.1.0", graph_md5: "0", halftone: { form: 1, encodings: {} }, ...changes });

test("export without quant_info.json says to run calib first", async () => {
  assert.match(await exportFails(() => {}), /quant_info\.json › .*does not exist; run calib first/);
});

test("export refuses encodings of another graph", async () => {
  const text = await exportFails((path) => writeFileSync(path, encodingsFile({})));
  assert.match(text, /quant_info\.json › .*MD5 "0", the model's is "[0-9a-f]{32}"/);
});

test("export names the invalid key of a quant_info.json", async () => {
  const encodings = { stem: { bits: 8, signed: true, scale: [0], zeroPoint: [0] } };
  const text = await exportFails((path) =>
    writeFileSync(path, encodingsFile({ halftone: { form: 1, encodings } }))
  );
  assert.match(text, /quant_info\.json › .*"stem" › "scale" › 0/);
});

test("export refuses a calibrated model of another run", async () => {
  const text = await exportFails((path, model) => {
    copyFileSync(model, join(dirname(path), "tiny_calibrated.onnx"));
    const changes = {
      graph_md5: graphDigest(tinyGraph()),
      calibrated_model: "tiny_calibrated.onnx",
      calibrated_model_sha256: "0".repeat(64),
    };
    writeFileSync(path, encodingsFile(changes));
  });
  assert.match(
    text,
    /"tiny_calibrated\.onnx": its SHA-256 begins with [0-9a-f]{8}, expected 00000000; the two are of different runs/,
  );
});
