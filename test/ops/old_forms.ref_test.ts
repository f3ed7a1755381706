// Raised models give the same results in ONNX Runtime, whatever opset they are raised to.
import assert from "node:assert/strict";
import test from "node:test";
import { HalftoneError } from "../../src/error.ts";
import { verify } from "../../src/graph/verify.ts";
import { type Upgrade, upgrades } from "../../src/ops/upgrade/upgrades.ts";
import { upgradeOpset } from "../../src/passes/upgrade_opset.ts";
import { rewrite } from "../../src/passes/rewrite.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { assertAgree, exact } from "./agreement.ts";
import type { OldForm } from "./old_form.ts";
import { oldForms } from "./old_forms.ts";
import { byMachine, byOnnxRuntime, type Model, oneNode } from "./one_node.ts";
import { rows } from "./rows/mod.ts";

/** The newest opset that the installed ONNX Runtime loads. */
const newestLoaded = 26;
/** Opsets with new forms. */
const targets = [7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 21, newestLoaded];
/** Versions that ONNX Runtime 1.30 has no kernel for. */
const withoutKernel = new Map([["GlobalLpPool", 22], ["RoiAlign", 22], ["Swish", 24]]);

const reference = referenceMachine();

function raise(model: Model, target: number): Model {
  return { ...model, graph: rewrite(model.graph, { upgradeOpset: upgradeOpset(target), verify }) };
}

function runs(opType: string, target: number): boolean {
  const since = withoutKernel.get(opType);
  return since === undefined || target < since;
}

function expectedResults(
  form: OldForm,
): Promise<ReadonlyMap<string, Tensor>> {
  const { like } = form;
  return byOnnxRuntime(
    oneNode(like ? { ...form, attributes: {}, ...like, opset: 13, within: exact } : form as never),
  );
}

for (const form of oldForms) {
  test(`${form.opType} of opset ${form.opset}, ${form.about}: raised, it gives the same results`, async () => {
    const within = form.within!;
    const model = oneNode({ ...form, within });
    if (form.refused) {
      const where = (error: unknown) =>
        error instanceof HalftoneError && form.refused!.test(error.message) &&
        /, expected /.test(error.message);
      assert.throws(() => raise(model, newestLoaded), where);
      return;
    }
    const expected = await expectedResults(form);
    for (const target of targets.filter((one) => one > form.opset && runs(form.opType, one))) {
      const found = await byOnnxRuntime(raise(model, target));
      for (const [name, value] of expected) {
        assertAgree({ before: value, [`at ${target}`]: found.get(name)! }, within);
      }
    }
    const ours = await byMachine(reference, model);
    for (const [name, value] of expected) assertAgree({ before: value, reference: ours.get(name)! }, within);
  });
}

test("every row of the upgrades has a node in its old form", () => {
  const covers = ({ opType, until }: Upgrade) => (form: OldForm) =>
    form.opType === opType && form.opset < until;
  const missing = upgrades.filter((row) => !oldForms.some(covers(row)));
  assert.deepEqual(missing.map(({ opType, until }) => `${opType} ${until}`), []);
});

for (const opType of [...new Set(rows.map((row) => row.opType))].filter((one) => runs(one, newestLoaded))) {
  test(`${opType}: its rows give the same results at opset ${newestLoaded}`, async () => {
    for (const row of rows.filter((one) => one.opType === opType)) {
      const model = oneNode(row);
      const [before, after] = [
        await byOnnxRuntime(model),
        await byOnnxRuntime(raise(model, newestLoaded)),
      ];
      for (const [name, value] of before) {
        assertAgree({ before: value, raised: after.get(name)! }, row.within);
      }
    }
  });
}
