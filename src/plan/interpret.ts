// The reference machine: every kernel's definition, on the CPU. Slow and exact. With `exact`, all words are doubles,
// so that folding constants keeps integers up to 2^53.
import { ModelError } from "../error.ts";
import type { Call, Words, WordType } from "../kernels/kernel.ts";
import { doubles, floats, fromNumbers, numbers, type Tensor, tensor } from "../tensor/tensor.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Feeds, Machine, Outputs } from "./machine.ts";
import { type Plan, type Port, portsOf } from "./plan.ts";
import { deviceWords, hostTensor } from "./words.ts";

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array };

/** Runs one call; a machine may replace the definitions of some kernels. */
export type Step = (call: Call, buffers: Readonly<Record<string, Words>>) => void | Promise<void>;

const byDefinition: Step = ({ kernel, numbers }, buffers) =>
  kernel.reference(buffers, numbers, kernel.element);

export function referenceMachine(): Machine {
  return stepMachine("reference (CPU, no WebGPU adapter, slow)", byDefinition);
}

/** A machine that runs a plan call by call over host arrays. Resident buffers and states are kept per plan. */
export function stepMachine(description: string, step: Step): Machine {
  const resident = new WeakMap<Plan, Promise<Map<string, Words>>>();
  const load = async (plan: Plan) => {
    const kept = new Map<string, Words>();
    const memory = hostMemory(plan, false, kept);
    for (const call of plan.once) await step(call, bind(call, memory));
    return kept;
  };
  const ran: Machine["run"] = async (plan, feeds, read) => {
    // Keeps the promise, so that a second run waits while the first still loads.
    const loading = resident.get(plan) ?? load(plan);
    resident.set(plan, loading);
    const kept = await loading.catch((error) => {
      resident.delete(plan);
      throw error;
    });
    const memory = hostMemory(plan, false, kept);
    feed(plan, feeds, memory);
    for (const call of plan.calls) await step(call, bind(call, memory));
    return collect(portsOf(plan, read), plan, memory);
  };
  const last = new WeakMap<Plan, Promise<unknown>>();
  return {
    description,
    software: true,
    run(plan, feeds, read) {
      if (!plan.states) return ran(plan, feeds, read);
      // Runs are executed in order.
      const turn = (last.get(plan) ?? Promise.resolve()).then(() => ran(plan, feeds, read));
      last.set(plan, turn.catch(() => {}));
      return turn;
    },
    identity: () => ({ device: description }),
    release: (plan) => void resident.delete(plan),
    close: () => {},
  };
}

/** Runs a plan once, synchronously, in doubles. */
export function interpretExactly(plan: Plan, feeds: Feeds): Outputs {
  const memory = hostMemory(plan, true, new Map());
  feed(plan, feeds, memory);
  for (const call of [...plan.once, ...plan.calls]) byDefinition(call, bind(call, memory));
  return collect(plan.outputs, plan, memory);
}

type Memory = (name: string | undefined) => Words;

function hostMemory(plan: Plan, exact: boolean, kept: Map<string, Words>): Memory {
  const arena = new ArrayBuffer(exact ? 0 : plan.arenaBytes);
  const views = new Map<string, Words>();
  const make = (type: WordType, words: number) => exact ? new Float64Array(words) : new arrays[type](words);
  const memory: Memory = (name) => {
    if (name === undefined) return new Float32Array(4);
    const known = views.get(name) ?? kept.get(name);
    if (known) return known;
    const buffer = plan.buffers.get(name)!;
    if (buffer.home === "constant") {
      const words = exact ? doubles(buffer.tensor) : deviceWords(buffer.tensor, buffer.type);
      kept.set(name, words);
      return words;
    }
    if (buffer.home === "state") {
      kept.set(name, deviceWords(buffer.tensor, buffer.type).slice());
      return kept.get(name)!;
    }
    if (buffer.home === "window") {
      const first = buffer.offset / 4;
      return memory(buffer.of).subarray(first, first + buffer.words);
    }
    const inArena = buffer.home === "arena" && !exact;
    const words = inArena
      ? new arrays[buffer.type](arena, buffer.offset, buffer.words)
      : make(buffer.type, buffer.words);
    (buffer.home === "resident" ? kept : views).set(name, words);
    return words;
  };
  return memory;
}

function bind(call: Call, memory: Memory): Record<string, Words> {
  return Object.fromEntries(Object.entries(call.buffers).map(([binding, name]) => [binding, memory(name)]));
}

function feed(plan: Plan, feeds: Feeds, memory: Memory) {
  checkFeeds(plan, feeds);
  for (const port of fedPorts(plan, feeds)) memory(port.buffer).set(floatsOrNumbers(feeds.get(port.name)!));
}

function floatsOrNumbers(t: Tensor): ArrayLike<number> {
  return t.dtype === "float32" ? floats(t) : numbers(t);
}

/** The inputs, and the states that are fed. */
export function fedPorts({ inputs, states = [] }: Plan, feeds: Feeds): readonly Port[] {
  return [...inputs, ...states.filter(({ name }) => feeds.has(name))];
}

/** Checks that every input is fed with the planned shape. */
export function checkFeeds(plan: Plan, feeds: Feeds) {
  for (const port of fedPorts(plan, feeds)) {
    const found = feeds.get(port.name);
    if (!found) throw new ModelError(`Cannot run: input "${port.name}" is not fed, expected [${port.shape}]`);
    if (found.shape.length !== port.shape.length || found.shape.some((dim, i) => dim !== port.shape[i])) {
      throw new ModelError(`Cannot run: input "${port.name}" is [${found.shape}], expected [${port.shape}]`);
    }
  }
}

function collect(ports: readonly Port[], plan: Plan, memory: Memory): Outputs {
  return new Map(ports.map((port) => {
    const buffer = plan.buffers.get(port.buffer)!;
    if (buffer.home === "constant") return [port.name, { ...buffer.tensor, shape: port.shape }];
    const words = memory(port.buffer).slice(0, elementCount(port.shape));
    if (words instanceof Float64Array) return [port.name, fromDoubles(words, port)];
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    return [port.name, hostTensor(bytes, buffer.type, port)];
  }));
}

function fromDoubles(words: Float64Array, port: Plan["outputs"][number]): Tensor {
  if (port.dtype !== "int64") return fromNumbers(port.dtype, port.shape, words);
  const limit = 2n ** 63n;
  const exact = Array.from(words, (v) => {
    // NaN and infinities become the lowest integer, as on x86.
    const whole = Number.isFinite(v) ? BigInt(Math.trunc(v)) : -limit;
    return whole >= limit ? limit - 1n : whole < -limit ? -limit : whole;
  });
  return tensor("int64", port.shape, exact);
}
