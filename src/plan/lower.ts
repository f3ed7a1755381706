// Graph to plan: lowers every node in order, choosing layouts on the way. Calls that read only constants (packing
// weights) run once, when the plan is loaded; the buffers of the others share one arena.
import { UnsupportedError, within } from "../error.ts";
import { consumers } from "../graph/edit.ts";
import { type Graph, type Name, type Node, nodeLabel, staticValueOf } from "../graph/graph.ts";
import { copyCalls } from "../kernels/copy_strided.ts";
import { type Call, wordTypeOf } from "../kernels/kernel.ts";
import { isPacked, wordsOf } from "../ops/lowering/layout.ts";
import type { Arrangement, Layout, Op, Operand, Scratch } from "../ops/declare/op.ts";
import { before, everyElement, type PartAxes } from "../ops/declare/part_axes.ts";
import { checkOps, opOf } from "../ops/table.ts";
import { elementCount } from "../tensor/shape.ts";
import { type Tensor, tensorOver } from "../tensor/tensor.ts";
import { fuseClamps, fuseResiduals, fuseRounding } from "./fuse.ts";
import { chooseLayout, conversionCall, inputLayout, layoutRequiredBy, packedViewLayout } from "./arrange.ts";
import { checkCarry } from "./carry.ts";
import { divideTask, type Task } from "./divide.ts";
import { assignHomes } from "./assign_homes.ts";
import { bindingBytes, bytesText, type Limits, noLimits } from "./limits.ts";
import type { Draft } from "./draft.ts";
import { shareConstantCalls } from "./share_constant_calls.ts";
import type { Plan, Port, States } from "./plan.ts";
import { unalias } from "./unalias.ts";

/** Plans a graph whose shapes are static ("run infer_shapes first"). */
export function planGraph(graph: Graph, limits = noLimits, states: States = new Map()): Plan {
  const lowering = new Lowering(fuseClamps(fuseResiduals(fuseRounding(checkOps(graph)))), limits, states);
  return lowering.plan();
}

/** The state of planning: buffers drafted so far, and the operand of each value by layout. */
class Lowering {
  private readonly graph: Graph;
  private readonly readers: ReadonlyMap<Name, readonly Node[]>;
  private readonly limits: Limits;
  private readonly states: States;
  private readonly drafts = new Map<string, Draft>();
  private readonly calls: Call[] = [];
  private readonly operands = new Map<Name, Operand>();
  /** Copies of a constant share one buffer. */
  private readonly constants = new Map<Tensor, Operand>();
  private readonly converted = new Map<string, Operand>();

  constructor(graph: Graph, limits: Limits, states: States) {
    this.graph = graph;
    this.readers = consumers(graph);
    this.limits = limits;
    this.states = states;
  }

  plan(): Plan {
    for (const name of this.graph.inputs) this.operands.set(name, this.draft(name, name, "plain"));
    for (const [name, { initial }] of this.states) {
      this.drafts.set(name, { ...this.drafts.get(name)!, state: initial });
    }
    const { nodes, inputs, outputs } = this.graph;
    for (const node of nodes) {
      this.labelCalls(node, () => within(nodeLabel(node), () => this.lower(node)));
    }
    const ports = inputs.map((name) => this.port(name));
    const [carried, fed] = [true, false].map((is) =>
      ports.filter(({ name }) => this.states.has(name) === is)
    );
    const given = outputs.map((name) => {
      const maker = nodes.find((node) => node.outputs.includes(name));
      return this.labelCalls(maker, () => this.snapshotState(this.port(name)));
    });
    this.carry();
    return assignHomes(
      this.drafts,
      this.calls,
      { inputs: fed, outputs: given, states: carried },
      this.limits,
    );
  }

  /** After all readers of a state, its next value replaces it. */
  private carry() {
    const moves = [...this.states].map(([name, { next }]) => {
      const [from, to] = [this.toLayout(this.operandOf(next), "plain"), this.operandOf(name)];
      checkCarry(this.drafts, from, to);
      return [from, to] as const;
    });
    for (const [from, to] of moves) if (from.buffer !== to.buffer) this.move(from, to);
  }

  private move(from: Operand, to: Operand) {
    const lower: Task["lower"] = ([x], [y]) =>
      copyCalls(x!, y.buffer, [{ count: elementCount(y.shape), inStride: 1, outStride: 1 }]);
    const partAxes = () => everyElement([from], [to]);
    this.addCalls({ inputs: [from], outputs: [to], lower }, partAxes, this.scratchOf(to.buffer));
  }

  /** Records the node in the calls that `add` adds. */
  private labelCalls<T>(node: Node | undefined, add: () => T): T {
    const first = this.calls.length;
    const result = add();
    if (!node) return result;
    const known = { name: node.name || node.outputs[0], type: node.opType };
    for (let i = first; i < this.calls.length; i++) this.calls[i] = { ...this.calls[i], node: known };
    return result;
  }

  private lower(node: Node) {
    const op = opOf(node);
    const inputs = node.inputs.map((name) => name === "" ? undefined : this.operandOf(name));
    const packed = op.planning.views && packedViewLayout(inputs[0], this.shapeOf(node.outputs[0]));
    if (packed) return this.view(node, inputs[0]!, packed);
    const chosen = this.arrange(op, inputs, node);
    const arranged = inputs.map((input, i) => input && this.toLayout(input, chosen.inputs[i]));
    if (op.planning.views) return this.view(node, arranged[0]!);
    if (!op.lower) throw new UnsupportedError("Cannot run this operator on data: only on constants");
    const outputs = node.outputs.map((name, i) => {
      const operand = this.draft(name, name, chosen.outputs[i]);
      this.operands.set(name, operand);
      return operand;
    });
    const scratch = this.scratchOf(node.outputs[0]);
    const constant = (words: Float32Array | Int32Array | Uint32Array) => this.upload(scratch, words);
    this.addCalls(
      {
        inputs: arranged,
        outputs,
        lower: (inputs, outputs) => op.lower!({ inputs, outputs, scratch, constant }, node),
      },
      () => op.planning.partAxes?.(arranged, outputs, node),
      scratch,
    );
  }

  /** Adds the calls of a task: whole if the device can bind all buffers, else in parts. */
  private addCalls(task: Task, partAxes: () => PartAxes | undefined, scratch: Scratch) {
    const whole = task.lower(task.inputs, task.outputs);
    const calls = this.tooLarge(whole) ? this.lowerInParts(task, partAxes(), scratch) : whole;
    const large = this.tooLarge(calls ?? whole);
    if (large !== undefined) {
      const [is, most] = [this.drafts.get(large)!.words * 4, this.limits.bindingBytes].map(bytesText);
      throw new UnsupportedError(
        `Cannot bind "${large}" on this device: it takes ${is}, expected at most ${most}; make the batch or ` +
          "the input smaller",
      );
    }
    const needed = (calls ?? whole).filter((one) =>
      one.kernel.writes.some((binding) => this.wordsIn(one, binding) > 0)
    );
    this.calls.push(...needed.flatMap((one) => unalias(one, this.drafts, scratch)));
  }

  private lowerInParts(task: Task, partAxes: PartAxes | undefined, scratch: Scratch): Call[] | undefined {
    const calls = partAxes && divideTask(task, partAxes, {
      mostBytes: this.limits.bindingBytes,
      scratch,
      window: (of, first, words) => this.window(of, first, words),
      fits: (calls) => this.tooLarge(calls) === undefined,
    });
    return calls && shareConstantCalls(calls, this.drafts);
  }

  /** A buffer of these calls that is too large for a binding. */
  private tooLarge(calls: readonly Call[]): string | undefined {
    if (this.limits.bindingBytes === Infinity) return undefined;
    const names = calls.flatMap(({ buffers }) => Object.values(buffers)).filter((name) => name !== undefined);
    return names.find((name) => bindingBytes(this.drafts.get(name)!.words) > this.limits.bindingBytes);
  }

  private window(of: string, first: number, words: number): string {
    const name = `${of}[${first}+${words}]`;
    this.drafts.set(name, { words, type: this.drafts.get(of)!.type, window: { of, offset: first * 4 } });
    return name;
  }

  private scratchOf(stem: string): Scratch {
    let count = 0;
    return (words, type = "f32") => {
      const name = `${stem}#${++count}`;
      this.drafts.set(name, { words, type });
      return name;
    };
  }

  private arrange(op: Op, inputs: readonly (Operand | undefined)[], node: Node): Arrangement {
    const known = node.outputs.map((name) => staticValueOf(this.graph, name)!);
    const own = op.planning.arrange?.(inputs, known, layoutRequiredBy(this.readers, node.outputs[0]), node);
    if (own) return own;
    const layout = chooseLayout(op, inputs, this.shapeOf(node.outputs[0]));
    const keeps = (rank: number) =>
      rank > 2 && (op.planning.layout === "follow" || rank === inputs[0]?.shape.length);
    return {
      inputs: inputs.map((input, i) => input ? inputLayout(op, layout, input, i) : "plain"),
      outputs: node.outputs.map((name) => keeps(this.shapeOf(name).length) ? layout : "plain"),
    };
  }

  private upload(scratch: Scratch, words: Float32Array | Int32Array | Uint32Array): string {
    const type = words instanceof Float32Array ? "f32" : words instanceof Int32Array ? "i32" : "u32";
    const dtype = ({ f32: "float32", i32: "int32", u32: "uint32" } as const)[type];
    const name = scratch(words.length, type);
    this.drafts.set(name, { words: words.length, type, tensor: tensorOver(dtype, [words.length], words) });
    return name;
  }

  /** The words of a binding; calls that write only empty tensors are dropped. */
  private wordsIn({ buffers }: Call, binding: string): number {
    return this.drafts.get(buffers[binding] ?? "")?.words ?? 0;
  }

  /** The output is the input's buffer with another shape. */
  private view(node: Node, input: Operand, layout = input.layout) {
    const [output] = node.outputs;
    this.operands.set(output, { ...input, shape: this.shapeOf(output), layout });
  }

  private operandOf(name: Name): Operand {
    const known = this.operands.get(name);
    if (known) return known;
    const constant = this.graph.values.get(name)?.constant;
    const operand = (constant && this.constants.get(constant)) ?? this.draft(name, name, "plain");
    if (constant) this.constants.set(constant, operand);
    this.operands.set(name, operand);
    return operand;
  }

  private draft(buffer: string, name: Name, layout: Layout): Operand {
    const value = staticValueOf(this.graph, name)!;
    const operand: Operand = {
      buffer,
      dtype: value.dtype,
      shape: this.shapeOf(name),
      layout,
      constant: value.constant,
    };
    this.drafts.set(buffer, {
      words: wordsOf(operand),
      type: isPacked(layout) ? "u32" : wordTypeOf(value.dtype),
      tensor: value.constant,
    });
    return operand;
  }

  private shapeOf(name: Name) {
    const value = staticValueOf(this.graph, name);
    if (!value) {
      throw new UnsupportedError(
        `Cannot plan value "${name}": its shape depends on the input data, expected a static one`,
      );
    }
    return value.shape;
  }

  private toLayout(operand: Operand, layout: Layout): Operand {
    if (operand.layout === layout) return operand;
    // Conversions between packed rows and channels last go through row-major order.
    const byRows = operand.layout === "packed_rows" || layout === "packed_rows";
    if (byRows && operand.layout !== "plain" && layout !== "plain") {
      return this.toLayout(this.toLayout(operand, "plain"), layout);
    }
    // A buffer may be viewed under several shapes (Reshape), each with its own layout.
    const key = `${operand.buffer}[${operand.shape}]@${layout}`;
    const known = this.converted.get(key);
    if (known) return known;
    const result: Operand = { ...operand, buffer: key, layout, constant: undefined };
    this.drafts.set(key, {
      words: wordsOf(result),
      type: isPacked(layout) ? "u32" : wordTypeOf(operand.dtype),
    });
    this.addCalls(
      {
        inputs: [operand],
        outputs: [result],
        lower: ([from], [to]) => [conversionCall(from!, to)],
      },
      () => before(operand.shape.length),
      this.scratchOf(key),
    );
    this.converted.set(key, result);
    return result;
  }

  /** Copies an output that is a state, so that it keeps this run's value. */
  private snapshotState(port: Port): Port {
    const { state, ...draft } = this.drafts.get(port.buffer)!;
    if (!state) return port;
    const to = { ...port, buffer: `${port.name}@output`, layout: "plain" as const };
    this.drafts.set(to.buffer, draft);
    this.move({ ...port, layout: "plain" }, to);
    return { ...port, buffer: to.buffer };
  }

  private port(name: Name): Port {
    const { buffer, dtype, shape } = this.toLayout(this.operandOf(name), "plain");
    return { name, buffer, dtype, shape };
  }
}
