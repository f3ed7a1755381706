import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ModelError } from "../../src/error.ts";
import { numbers, tensor } from "../../src/tensor/tensor.ts";
import { craft, floatTensor, model, nodeMessage, opset, typedValue } from "../onnx/craft.ts";
import { relu, row, withVectors, writeTensor } from "./vector_folder.ts";
import { dataSetsOf, vectorsIn } from "./vectors.ts";

test("vectorsIn names the cases in order, with their operators and types", () =>
  withVectors({
    test_relu: relu(row(0, 2)),
    test_argmax: { opType: "ArgMax", sets: [[[row(1, 2)], tensor("int64", [1], [1])]] },
  }, (directory) => {
    writeFileSync(join(directory, "__init__.py"), "");
    mkdirSync(join(directory, "__pycache__"));
    assert.deepEqual(vectorsIn(directory), [
      {
        name: "test_argmax",
        folder: join(directory, "test_argmax"),
        operator: "ArgMax",
        operators: ["ArgMax"],
        types: ["float32", "int64"],
      },
      {
        name: "test_relu",
        folder: join(directory, "test_relu"),
        operator: "Relu",
        operators: ["Relu"],
        types: ["float32", "float32"],
      },
    ]);
  }));

test("vectorsIn counts an expanded function as the function", () =>
  withVectors({
    test_elu: { opType: "Elu", sets: [[[row(1)], row(1)]] },
    test_elu_expanded_ver18: { opType: "Where", sets: [[[row(1)], row(1)]] },
    test_alone_expanded: { opType: "Exp", sets: [[[row(1)], row(1)]] },
  }, (directory) => {
    const operators = vectorsIn(directory).map(({ name, operator }) => [name, operator]);
    assert.deepEqual(operators, [
      ["test_alone_expanded", "Exp"],
      ["test_elu", "Elu"],
      ["test_elu_expanded_ver18", "Elu"],
    ]);
  }));

test("vectorsIn reads models that are not a Graph: with other domains only, and types other than tensors", () =>
  withVectors({}, (directory) => {
    const typeMessage = (name: string, arm: number) => craft([1, name], [2, craft([arm, craft([1, 1])])]);
    const ports = [[4, "s"], [5, "m"], [8, "p"], [9, "o"]] as const;
    const graph = [
      [1, nodeMessage("Adam", ["s"], ["y"], [7, "ai.onnx.preview.training"])] as const,
      ...ports.map(([arm, name]) => [11, typeMessage(name, arm)] as const),
      [12, craft([1, "y"])] as const,
    ];
    mkdirSync(join(directory, "test_adam"));
    const bytes = craft([1, 8], [8, opset(1, "ai.onnx.preview.training")], [7, craft(...graph)]);
    writeFileSync(join(directory, "test_adam", "model.onnx"), bytes);
    const [{ operators, types }] = vectorsIn(directory);
    assert.deepEqual(operators, ["ai.onnx.preview.training::Adam"]);
    assert.deepEqual(types, ["sequence", "map", "sparse tensor", "optional", "undefined"]);
  }));

test("dataSetsOf reads sets, inputs and outputs ordered by number", () =>
  withVectors({}, (directory) => {
    const folder = join(directory, "test_sum");
    mkdirSync(folder);
    writeFileSync(join(folder, "model.onnx"), model([[11, typedValue("x", [1])]]));
    for (const set of [10, 9]) {
      mkdirSync(join(folder, `test_data_set_${set}`));
      for (const input of [10, 2, 0]) {
        writeTensor(join(folder, `test_data_set_${set}`, `input_${input}.pb`), row(set, input));
      }
      writeFileSync(
        join(folder, `test_data_set_${set}`, "output_0.pb"),
        floatTensor("named otherwise", [1], [set]),
      );
    }
    const sets = dataSetsOf(folder);
    assert.deepEqual(sets.map(({ inputs }) => inputs.map(numbers)), [
      [[9, 0], [9, 2], [9, 10]],
      [[10, 0], [10, 2], [10, 10]],
    ]);
    assert.deepEqual(sets.map(({ outputs }) => outputs.map(numbers)), [[[9]], [[10]]]);
  }));

test("dataSetsOf refuses a case without data", () =>
  withVectors({ test_relu: { ...relu(row(0, 2)) } }, (directory) => {
    assert.throws(() => dataSetsOf(join(directory)), (error: Error) => {
      assert.ok(error instanceof ModelError);
      assert.match(error.message, /^Cannot read ".*": it has no data, expected a folder test_data_set_0$/);
      return true;
    });
  }));
