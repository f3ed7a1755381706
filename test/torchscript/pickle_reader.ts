// Reads the pickle and the entries of a TorchScript archive: a reader of the tests' own, which knows the opcodes that a
// module with tensors has (Python's pickletools), and nothing of the writer.
import { unzipSync } from "fflate";

type Global = { readonly global: string };
type Value = number | string | boolean | Global | readonly Value[] | { [key: string]: Value };

const mark = Symbol("mark");

/** A rebuilt tensor. */
export type ReadTensor = {
  readonly storage: string;
  readonly key: string;
  readonly count: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
};

/** The class of the pickled object, and its attributes in order. */
export function readModule(bytes: Uint8Array): { name: string; tensors: Map<string, ReadTensor> } {
  const stack: (Value | typeof mark)[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 2;
  const pop = () => stack.pop() as never;
  const popMarked = () => stack.splice(stack.lastIndexOf(mark)).slice(1) as Value[];
  const line = () => {
    const end = bytes.indexOf(10, at);
    const text = new TextDecoder().decode(bytes.subarray(at, end));
    at = end + 1;
    return text;
  };
  const opcodes: Record<string, () => void> = {
    "c": () => stack.push({ global: `${line()}.${line()}` }),
    "(": () => stack.push(mark),
    ")": () => stack.push([]),
    "}": () => stack.push({}),
    "\x81": () => {
      const args = pop();
      stack.push({ made: pop(), args });
    },
    "R": () => {
      const args = pop();
      stack.push({ made: pop(), args });
    },
    "t": () => stack.push(popMarked()),
    "Q": () => stack.push({ stored: pop() }),
    "u": () => {
      const items = popMarked();
      const into = stack.at(-1) as Record<string, Value>;
      for (let i = 0; i < items.length; i += 2) into[items[i] as string] = items[i + 1];
    },
    "b": () => {
      const state = pop();
      (stack.at(-1) as Record<string, Value>).state = state;
    },
    "X": () => {
      const length = view.getUint32(at, true);
      stack.push(new TextDecoder().decode(bytes.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    },
    "K": () => stack.push(view.getUint8(at++)),
    "M": () => (stack.push(view.getUint16(at, true)), at += 2),
    "J": () => (stack.push(view.getInt32(at, true)), at += 4),
    "\x89": () => stack.push(false),
  };
  if (bytes[0] !== 0x80 || bytes[1] !== 2) throw new Error("not a pickle of protocol 2");
  for (;;) {
    const opcode = String.fromCharCode(bytes[at++]);
    if (opcode === ".") break;
    if (!opcodes[opcode]) throw new Error(`opcode ${opcode} at ${at - 1}`);
    opcodes[opcode]();
  }
  if (at !== bytes.length || stack.length !== 1) throw new Error("the pickle does not end in one object");
  const { made, state } = stack[0] as { made: Global; state: Record<string, Value> };
  return {
    name: made.global,
    tensors: new Map(Object.entries(state).map(([key, one]) => [key, tensorOf(one)])),
  };
}

function tensorOf(value: Value): ReadTensor {
  const { made, args } = value as { made: Global; args: Value[] };
  if (made.global !== "torch._utils._rebuild_tensor_v2") throw new Error(`${made.global} is not a tensor`);
  const [stored, , shape, strides] = args as [{ stored: Value[] }, number, number[], number[]];
  const [, storage, key, device, count] = stored.stored as [string, Global, string, string, number];
  if (device !== "cpu") throw new Error(`a tensor on ${device}`);
  return { storage: storage.global, key, count, shape, strides };
}

export type ReadArchive = {
  readonly code: string;
  readonly tensors: ReadonlyMap<string, ReadTensor & { readonly bytes: Uint8Array }>;
};

/** The module in an archive; throws if an entry is missing or a storage has not the length that the pickle states. */
export function readArchive(bytes: Uint8Array): ReadArchive {
  const entries = unzipSync(bytes);
  const entry = (name: string) => {
    const found = entries[`model/${name}`];
    if (!found) throw new Error(`no entry ${name}`);
    return found;
  };
  const text = (name: string) => new TextDecoder().decode(entry(name));
  if (text("version") !== "10\n") throw new Error("another version");
  if (entry("constants.pkl").join() !== "128,2,41,46") throw new Error("constants are not an empty tuple");
  const { tensors } = readModule(entry("data.pkl"));
  return {
    code: text("code/__torch__.py"),
    tensors: new Map([...tensors].map(([name, one]) => {
      const stored = entry(`data/${one.key}`);
      if (stored.length % one.count !== 0) throw new Error(`${name} has ${stored.length} bytes`);
      return [name, { ...one, bytes: stored }];
    })),
  };
}
