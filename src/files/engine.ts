// A saved engine: plans without anything left to decide or to pack, as one file. A line of text identifies it; a header
// in JSON follows, then the bytes of all constants, aligned, so that reading copies nothing. It contains no code:
// kernels are named.
import { ModelError, UnsupportedError } from "../error.ts";
import { type Call, nameOf } from "../kernels/kernel.ts";
import { kernelNamed } from "../kernels/named.ts";
import { bytesText } from "../plan/limits.ts";
import type { Plan, PlanBuffer, Port } from "../plan/plan.ts";
import { bytesFor } from "../tensor/dtype.ts";
import { elementCount } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkPlan } from "./check_plan.ts";
import { type EngineHeader, type EnginePlan, engineSchema, numberJson } from "./engine_schema.ts";

export type EngineRun = {
  /** `fp32`, `int8`. */
  readonly name: string;
  readonly plan: Plan;
  /** The machine's identity, which must be the same when the plan runs. */
  readonly madeFor: Readonly<Record<string, string>>;
};

export type Engine = {
  /** Of the halftone that made it. */
  readonly version: string;
  readonly model: { readonly name: string; readonly digest: string };
  /** The fastest first, if they were measured. */
  readonly runs: readonly EngineRun[];
};

/** Of the layout of the file. */
const form = 1;
/** The first line, filled up with spaces. */
const lineBytes = 128;
const alignmentBytes = 64;
/** Node reads no larger file at once. */
const mostBytes = 2 ** 31 - 1;

type DigestOf = (bytes: Uint8Array) => string;

/**
 * The file's content. `digestOf`: detects damaged files; hexadecimal, at most 64 digits.
 * @throws UnsupportedError above 2 GiB.
 */
export function engineBytes({ version, model, runs }: Engine, digestOf: DigestOf): Uint8Array {
  const constants = new Map<Tensor, number>();
  let contents = 0;
  const placeOf = (tensor: Tensor) => {
    const known = constants.get(tensor);
    if (known !== undefined) return known;
    const at = contents;
    constants.set(tensor, at);
    contents = alignedTo(at + tensor.bytes.length);
    return at;
  };
  const header: EngineHeader = {
    version,
    model,
    runs: runs.map(({ name, madeFor, plan }) => ({
      name,
      madeFor: { ...madeFor },
      plan: planJson(plan, placeOf),
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const first = alignedTo(lineBytes + text.length);
  if (first + contents > mostBytes) {
    throw new UnsupportedError(
      `Cannot save an engine: it would have ${bytesText(first + contents)}, expected at most ${
        bytesText(mostBytes)
      }`,
    );
  }
  const file = new Uint8Array(first + contents);
  file.set(text, lineBytes);
  for (const [{ bytes }, at] of constants) file.set(bytes, first + at);
  const digest = digestOf(file.subarray(lineBytes));
  const line = `halftone engine ${form} ${digest} ${file.length} ${text.length}`;
  file.set(new TextEncoder().encode(`${line.padEnd(lineBytes - 1)}\n`));
  return file;
}

function alignedTo(bytes: number): number {
  return Math.ceil(bytes / alignmentBytes) * alignmentBytes;
}

function planJson(plan: Plan, placeOf: (tensor: Tensor) => number): EnginePlan {
  if (plan.once.length > 0) throw new Error("Invariant: an engine's plan is packed (packPlan)");
  const names = new Map([...plan.buffers.keys()].map((name, i) => [name, i]));
  const portJson = ({ name, buffer, dtype, shape }: Port) => ({
    name,
    buffer: names.get(buffer)!,
    dtype,
    shape: [...shape],
  });
  return {
    calls: plan.calls.map(({ kernel, buffers, numbers, node }) => ({
      kernel: nameOf(kernel),
      buffers: Object.fromEntries(
        Object.entries(buffers).flatMap(([binding, name]) =>
          name === undefined ? [] : [[binding, names.get(name)!]]
        ),
      ),
      numbers: Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, numberJson(value)])),
      ...(node && { node }),
    })),
    buffers: [...plan.buffers].map(([name, buffer]) => bufferJson(name, buffer, names, placeOf)),
    inputs: plan.inputs.map(portJson),
    outputs: plan.outputs.map(portJson),
    ...(plan.states && { states: plan.states.map(portJson) }),
    arenaBytes: plan.arenaBytes,
    ...(plan.segmentBytes !== undefined && { segmentBytes: plan.segmentBytes }),
  };
}

function bufferJson(
  name: string,
  buffer: PlanBuffer,
  names: ReadonlyMap<string, number>,
  placeOf: (tensor: Tensor) => number,
): EnginePlan["buffers"][number] {
  const { words, type } = buffer;
  if (buffer.home === "window") {
    return { name, words, type, home: "window", of: names.get(buffer.of)!, offset: buffer.offset };
  }
  if (buffer.home === "arena") return { name, words, type, home: "arena", offset: buffer.offset };
  if (buffer.home === "resident") return { name, words, type, home: "resident" };
  const { dtype, shape } = buffer.tensor;
  return {
    name,
    words,
    type,
    home: buffer.home,
    tensor: { dtype, shape: [...shape], at: placeOf(buffer.tensor) },
  };
}

/**
 * Reads the output of `engineBytes`; constants are views of `file`. Everything in it is checked: a plan that names
 * unknown kernels or places outside its buffers is refused.
 * @throws ModelError if the file is something else, of another form, or damaged.
 */
export function parseEngine(file: Uint8Array, digestOf: DigestOf): Engine {
  const headerBytes = checkLine(file, digestOf);
  try {
    const text = new TextDecoder().decode(file.subarray(lineBytes, lineBytes + headerBytes));
    const { version, model, runs } = engineSchema.parse(JSON.parse(text));
    const contents = file.subarray(alignedTo(lineBytes + headerBytes));
    return { version, model, runs: runs.map((run) => ({ ...run, plan: planIn(run.plan, contents) })) };
  } catch (cause) {
    throw damaged(
      `its contents are not those of an engine (${(cause as Error).message.split("\n")[0]})`,
      cause,
    );
  }
}

/** Checks the first line. Returns the length of the header. */
function checkLine(file: Uint8Array, digestOf: DigestOf): number {
  const line = new TextDecoder().decode(file.subarray(0, lineBytes));
  const [, found, rest] = /^halftone engine (\d+) (.*)$/s.exec(line) ?? [];
  if (found === undefined) {
    throw new ModelError(
      "Cannot load the engine: this is another kind of file, expected one that --save-engine wrote",
    );
  }
  if (Number(found) !== form) {
    throw new ModelError(
      `Cannot load the engine: its format is ${found}, expected ${form}; make it again: pass --save-engine`,
    );
  }
  const [, digest, bytes, headerBytes] = /^([0-9a-f]+) (\d+) (\d+) *\n$/.exec(rest) ?? [];
  if (digest === undefined) throw damaged("its first line is incomplete");
  if (file.length !== Number(bytes)) throw damaged(`it has ${file.length} bytes, expected ${bytes}`);
  if (digestOf(file.subarray(lineBytes)) !== digest) throw damaged("its digest is another");
  return Number(headerBytes);
}

function damaged(state: string, cause?: unknown): ModelError {
  return new ModelError(
    `Cannot load the engine: the file is damaged: ${state}; make it again: pass --save-engine`,
    {
      cause,
    },
  );
}

function planIn(json: EnginePlan, contents: Uint8Array): Plan {
  const names = json.buffers.map(({ name }) => name);
  const nameAt = (index: number) => {
    if (index < names.length) return names[index];
    throw new RangeError(`there is no buffer ${index}`);
  };
  const portIn = ({ buffer, ...port }: EnginePlan["inputs"][number]): Port => ({
    ...port,
    buffer: nameAt(buffer),
  });
  const plan: Plan = {
    once: [],
    calls: json.calls.map((call) => callIn(call, nameAt)),
    buffers: new Map(json.buffers.map((buffer) => [buffer.name, bufferIn(buffer, contents, nameAt)])),
    inputs: json.inputs.map(portIn),
    outputs: json.outputs.map(portIn),
    ...(json.states && { states: json.states.map(portIn) }),
    arenaBytes: json.arenaBytes,
    ...(json.segmentBytes !== undefined && { segmentBytes: json.segmentBytes }),
  };
  if (plan.buffers.size < names.length) throw new RangeError("two buffers have the same name");
  checkPlan(plan);
  return plan;
}

/** Without variants: the kernel is the one that was chosen. */
function callIn(
  { kernel: name, buffers, ...rest }: EnginePlan["calls"][number],
  nameAt: (index: number) => string,
): Call {
  const kernel = kernelNamed(name);
  if (!kernel) throw new RangeError(`there is no kernel "${name}"`);
  const bound = Object.entries(buffers).map(([binding, index]) => [binding, nameAt(index)]);
  return { kernel: { ...kernel, variants: undefined }, buffers: Object.fromEntries(bound), ...rest };
}

function bufferIn(
  { name: _, ...buffer }: EnginePlan["buffers"][number],
  contents: Uint8Array,
  nameAt: (index: number) => string,
): PlanBuffer {
  if (buffer.home === "window") return { ...buffer, of: nameAt(buffer.of) };
  if (buffer.home !== "constant" && buffer.home !== "state") return buffer;
  const { dtype, shape, at } = buffer.tensor;
  const end = at + bytesFor(dtype, elementCount(shape));
  if (end > contents.length) {
    throw new RangeError(`a constant ends at ${end}, the contents at ${contents.length}`);
  }
  return { ...buffer, tensor: { dtype, shape, bytes: contents.subarray(at, end) } };
}
