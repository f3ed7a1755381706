// Compares a machine's words with the kernel's reference: one row, one call, one plan.
import assert from "node:assert/strict";
import { readContract } from "../../src/device/contract.ts";
import { shaderText } from "../../src/device/shaders.ts";
import { call, type Kernel, nameOf, type Words } from "../../src/kernels/kernel.ts";
import { referenceMachine } from "../../src/plan/interpret.ts";
import type { Feeds, Machine } from "../../src/plan/machine.ts";
import { place } from "../../src/plan/place.ts";
import type { Plan, PlanBuffer, Port } from "../../src/plan/plan.ts";
import { elements, type Tensor, tensorOver } from "../../src/tensor/tensor.ts";
import { type Bound, type Contents, type Row, seededFloats } from "./row.ts";

/** Words after each buffer: no kernel may write them, and reading them spoils the result. */
const guardWords = 64;

type Runs = Pick<Machine, "run" | "release">;

/** Runs the row on the machine and compares every buffer that the kernel writes; words after it must not change. */
export async function checkRow(machine: Runs, kernel: Kernel, row: Row): Promise<void> {
  const tensors = tensorsOf(row);
  const reference = planOf(kernel, row, tensors);
  const guarded = planOf(kernel, row, new Map([...tensors].map(([name, one]) => [name, withGuard(one)])));
  const expected = await referenceMachine().run(reference.plan, reference.feeds);
  const actual = await machine.run(guarded.plan, guarded.feeds);
  machine.release(guarded.plan);
  for (const name of kernel.writes) {
    const wanted = elements(expected.get(name)!) as Words;
    const found = elements(actual.get(name)!) as Words;
    const place = `${nameOf(kernel)} ${row.name}: ${name}`;
    assert.equal(trouble(found.slice(0, wanted.length), wanted, row.bound), undefined, place);
    const before = elements(guarded.feeds.get(name)!) as Words;
    assert.deepEqual(
      found.slice(-guardWords),
      before.slice(-guardWords),
      `${place}, the words after its end`,
    );
  }
}

/** The tensor, padded to whole quads, with a guard after it: NaN in floats, −1 or 2^32 − 1 in integers. */
function withGuard({ dtype, shape: [words], bytes }: Tensor): Tensor {
  const long = new Uint8Array((Math.ceil(words / 4) * 4 + guardWords) * 4).fill(0xff);
  long.set(bytes);
  return { dtype, shape: [long.length / 4], bytes: long };
}

function tensorsOf(row: Row): Map<string, Tensor> {
  const given = Object.entries(row.buffers).filter(([, contents]) => contents !== undefined);
  return new Map(given.map(([name, contents], i) => [name, tensorOf(contents!, i + 1)]));
}

/** A plan of the one call. Read-only bindings are constants, all others are in the arena. */
function planOf(
  kernel: Kernel,
  row: Row,
  tensors: ReadonlyMap<string, Tensor>,
): { plan: Plan; feeds: Feeds } {
  const { bindings } = readContract(shaderText(kernel));
  const access = (name: string) => bindings.find((binding) => binding.name === name)?.access;
  const fed = [...tensors].filter(([name]) => access(name) !== "read");
  const { offsets, arenaBytes } = place(
    fed.map(([name, { bytes }]) => ({ name, bytes: bytes.length, first: 0, last: 0 })),
  );
  const buffers = new Map([...tensors].map(([name, tensor]): [string, PlanBuffer] => {
    const words = { words: tensor.bytes.length / 4, type: wordTypes[tensor.dtype as keyof typeof wordTypes] };
    const offset = offsets.get(name);
    return [
      name,
      offset === undefined ? { ...words, home: "constant", tensor } : { ...words, home: "arena", offset },
    ];
  }));
  const ports = fed.map(([name, { dtype, shape }]): Port => ({ name, buffer: name, dtype, shape }));
  const names = Object.fromEntries([...tensors.keys()].map((name) => [name, name]));
  const calls = [call(kernel, names, row.numbers)];
  const outputs = ports.filter(({ name }) => kernel.writes.includes(name));
  return { plan: { once: [], calls, buffers, inputs: ports, outputs, arenaBytes }, feeds: new Map(fed) };
}

const wordTypes = { float32: "f32", int32: "i32", uint32: "u32" } as const;

function tensorOf(contents: Contents, seed: number): Tensor {
  if (contents instanceof Int32Array) return tensorOver("int32", [contents.length], contents);
  if (contents instanceof Uint32Array) return tensorOver("uint32", [contents.length], contents);
  const words = typeof contents === "number" ? seededFloats(contents, seed) : Float32Array.from(contents);
  return tensorOver("float32", [words.length], words);
}

/** A description of the first error in `actual`, or undefined. */
export function trouble(actual: Words, expected: Words, bound: Bound): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} words, expected ${expected.length}`;
  if (bound.kind === "nmse") return sumTrouble(actual, expected, bound);
  const distance = { exact: differs, ulp: steps, within: apart }[bound.kind];
  for (let i = 0; i < expected.length; i++) {
    const found = same(actual[i], expected[i]) ? 0 : distance(actual[i], expected[i]);
    if (!(found <= bound.limit)) {
      return `[${i}] is ${actual[i]}, expected ${
        expected[i]
      } (${bound.kind} ${found}, at most ${bound.limit})`;
    }
  }
  return undefined;
}

function sumTrouble(actual: Words, expected: Words, { limit }: Bound): string | undefined {
  let [error, signal] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    signal += expected[i] ** 2;
  }
  return error <= limit * signal ? undefined : `nmse is ${error / signal}, at most ${limit}`;
}

/** Zeros of both signs are equal, and so are all NaNs. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

const differs = () => 1;
const apart = (a: number, b: number) => Math.abs(a - b);

/** The distance of two float32 in steps. */
function steps(a: number, b: number): number {
  const [x, y] = new Int32Array(Float32Array.of(a, b).buffer);
  const orderOf = (bits: number) => bits < 0 ? -(bits & 0x7fffffff) : bits;
  return Math.abs(orderOf(x) - orderOf(y));
}
