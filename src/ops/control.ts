// If, Loop and Scan (ONNX If-1, Loop-1, Scan-9 and newer). A branch chosen by constants replaces the node; bodies run
// step by step, and the host passes values from each step to the next.
import { ModelError } from "../error.ts";
import type { Graph, Name } from "../graph/graph.ts";
import { numbers, type Tensor, tensor } from "../tensor/tensor.ts";
import { sliceAt, stackAt } from "../tensor/stack.ts";
import { bitsPerElement } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import { graphOf, int, ints, op, optional } from "./declare/op.ts";
import type { Role } from "./declare/role.ts";

const role: Role = { kind: "resists" };

export const If = op({
  attributes: { then_branch: graphOf(), else_branch: graphOf() },
  types: "all",
  constantInputs: [0],
  role,
  nested: {
    misfit({ then_branch, else_branch }, { outputs }) {
      return misfitOf("then_branch", then_branch, 0, outputs.length) ??
        misfitOf("else_branch", else_branch, 0, outputs.length) ??
        (then_branch.outputs.length === else_branch.outputs.length
          ? undefined
          : `its branches give ${then_branch.outputs.length} and ${else_branch.outputs.length} outputs, expected as many`);
    },
    branch([condition], a) {
      if (!condition?.constant) return undefined;
      return isTrue(condition.constant) ? a.then_branch : a.else_branch;
    },
  },
});

export const Loop = op({
  attributes: { body: graphOf() },
  types: "all",
  role,
  nested: {
    misfit: ({ body }, { inputs, outputs }) =>
      misfitOf("body", body, Math.max(2, inputs.length), 1 + Math.max(inputs.length - 2, outputs.length)),
    async run([most, condition, ...initial], run, { body }) {
      const count = most ? numbers(most)[0] : Infinity;
      let goesOn = condition ? isTrue(condition) : true;
      let carried = initial as readonly Tensor[];
      const scanned: Tensor[][] = body.outputs.slice(1 + carried.length).map(() => []);
      for (let i = 0; i < count && goesOn; i++) {
        const step = tensor("int64", oneLike(body, body.inputs[0]), [i]);
        const open = tensor("bool", oneLike(body, body.inputs[1]), [1]);
        const [next, ...results] = await run("body", [step, open, ...carried]);
        goesOn = isTrue(next);
        carried = results.slice(0, carried.length);
        scanned.forEach((slices, k) => slices.push(results[carried.length + k]));
      }
      const names = body.outputs.slice(1 + carried.length);
      return [...carried, ...scanned.map((slices, k) => stackSlices(slices, 0, body, names[k]))];
    },
  },
});

const directions = optional(ints);

export const Scan = op({
  since: 9,
  attributes: {
    body: graphOf(),
    num_scan_inputs: int(),
    scan_input_axes: directions,
    scan_input_directions: directions,
    scan_output_axes: directions,
    scan_output_directions: directions,
  },
  types: "all",
  role,
  nested: {
    misfit({ body, num_scan_inputs: scanned }, { inputs, outputs }) {
      if (!(scanned >= 1 && scanned <= inputs.length)) {
        return `its num_scan_inputs is ${scanned}, expected 1 to ${inputs.length}`;
      }
      return misfitOf("body", body, inputs.length, Math.max(inputs.length - scanned, outputs.length));
    },
    async run(inputs, run, a) {
      const split = inputs.length - a.num_scan_inputs;
      const axisOf = (k: number) => a.scan_input_axes?.[k] ?? 0;
      const scanning = inputs.slice(split) as Tensor[];
      const count = scanning[0].shape.at(axisOf(0))!;
      let states = inputs.slice(0, split) as readonly Tensor[];
      const names = a.body.outputs.slice(split);
      const scanned: Tensor[][] = names.map(() => []);
      for (let i = 0; i < count; i++) {
        const slices = scanning.map((input, k) =>
          sliceAt(input, axisOf(k), a.scan_input_directions?.[k] ? count - 1 - i : i)
        );
        const results = await run("body", [...states, ...slices]);
        states = results.slice(0, split);
        scanned.forEach((list, k) => list.push(results[split + k]));
      }
      scanned.forEach((list, k) => a.scan_output_directions?.[k] && list.reverse());
      const stacks = scanned.map((list, k) =>
        stackSlices(list, a.scan_output_axes?.[k] ?? 0, a.body, names[k])
      );
      return [...states, ...stacks];
    },
  },
});

/** An error text if the nested graph does not have this many inputs, or has fewer outputs. */
function misfitOf(attribute: string, graph: Graph, inputs: number, outputs: number): string | undefined {
  if (graph.inputs.length !== inputs) {
    return `its ${attribute} has ${graph.inputs.length} inputs, expected ${inputs}`;
  }
  if (graph.outputs.length >= outputs) return undefined;
  return `its ${attribute} has ${graph.outputs.length} outputs, expected ${outputs} or more`;
}

function isTrue(condition: Tensor): boolean {
  return numbers(condition)[0] !== 0;
}

/** Counters and conditions are scalars, or lists of one where the body says so. */
function oneLike(body: Graph, name: Name): number[] {
  return body.values.get(name)?.shape?.length === 1 ? [1] : [];
}

/** After zero steps the result is empty, of the type that the body states. */
function stackSlices(slices: readonly Tensor[], axis: number, body: Graph, name: Name): Tensor {
  const [first, ...others] = slices;
  if (first) {
    try {
      return stackAt([first, ...others], axis);
    } catch (cause) {
      throw new ModelError(`Cannot collect "${name}" over all steps: ${(cause as Error).message}`, { cause });
    }
  }
  const { dtype = "float32", shape = [] } = body.values.get(name) ?? {};
  const known = shape.map((dim) => typeof dim === "number" ? dim : 0);
  const full = [...known.slice(0, axis), 0, ...known.slice(axis)];
  return { dtype, shape: full, bytes: new Uint8Array(elementCount(full) * bitsPerElement(dtype) / 8) };
}
