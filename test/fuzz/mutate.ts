// Damages ONNX files: deletes, duplicates, swaps, cuts or overwrites a few fields of the protobuf tree.
import { seedOf } from "../../src/tensor/seeded.ts";
import * as table from "../../src/ops/mod.ts";
import { type Random, randomOf } from "./changes.ts";
import { type Field, type Message, parse, serialize } from "./wire.ts";

/** Sizes, codes, axes and counts that break arithmetic. */
const extremes = [
  0n,
  1n,
  2n,
  3n,
  5n,
  7n,
  10n,
  11n,
  16n,
  17n,
  23n,
  26n,
  27n,
  99n,
  1000n,
  65535n,
  65536n,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -1n,
  -2n,
  -3n,
  -128n,
  -(2n ** 31n),
  -(2n ** 63n),
]; // deno-fmt-ignore
const words = ["", "x", "y", "x0", "x1", "N", "linear", "cubic", "SAME_UPPER", "wrap", "\u202e", "a".repeat(300)];
const opTypes = Object.keys(table);

type Place = { readonly message: Message; readonly at: number };

function placesIn(message: Message, found: Place[] = []): Place[] {
  message.fields.forEach(({ value }, at) => {
    found.push({ message, at });
    if (typeof value === "object" && "fields" in value) placesIn(value, found);
  });
  return found;
}

/** Fields whose numbers only an operator can check: axes, counts, sizes, types. */
const meanings = [
  "attribute.3",
  "attribute.8",
  "attribute.2",
  "tensor.1",
  "tensor.2",
  "dim.1",
  "tensorType.1",
  "opset.2",
];

/** A change that leaves the file readable: another number, operator, or element type throughout. */
function plausible(places: readonly Place[], random: Random): void {
  const placesNamed = (keys: readonly string[]) =>
    places.filter(({ message, at }) => keys.includes(`${message.name}.${message.fields[at].id}`));
  const change = random.below(6);
  if (change === 0) {
    for (const { message, at } of placesNamed(["node.4"])) {
      message.fields[at].value = encodeText(random.of(opTypes));
    }
    return;
  }
  if (change === 1) {
    const code = BigInt(random.below(27));
    for (const { message, at } of placesNamed(["tensorType.1"])) message.fields[at].value = code;
    return;
  }
  if (change === 2) {
    // An element of a constant of 64-bit integers: shapes, axes, pads, repeats.
    const held = placesNamed(["tensor.9"]).map(({ message, at }) => message.fields[at]);
    const lists = held.filter(({ value }) => value instanceof Uint8Array && value.byteLength % 8 === 0);
    if (lists.length === 0) return;
    const list = random.of(lists);
    const bytes = (list.value as Uint8Array).slice();
    const at = 8 * random.below(bytes.byteLength / 8);
    if (at < bytes.byteLength) new DataView(bytes.buffer).setBigInt64(at, random.of(extremes), true);
    list.value = bytes;
    return;
  }
  const numbers = placesNamed(meanings).filter(({ message, at }) =>
    typeof message.fields[at].value === "bigint"
  );
  if (numbers.length === 0) return;
  const { message, at } = random.of(numbers);
  message.fields[at].value = random.below(2) === 0 ? BigInt(random.below(9) - 3) : random.of(extremes);
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Changes one field. */
function step(tree: Message, random: Random): void {
  const places = placesIn(tree);
  if (places.length === 0) return;
  if (random.below(2) === 0) return plausible(places, random);
  const { message, at } = random.of(places);
  const { fields } = message;
  const field = fields[at];
  switch (random.below(8)) {
    case 0:
      fields.splice(at, 1);
      return;
    case 1:
      fields.splice(random.below(fields.length + 1), 0, structuredClone(field));
      return;
    case 2: {
      const other = random.below(fields.length);
      [fields[at], fields[other]] = [fields[other], fields[at]];
      return;
    }
    case 3:
      field.id = random.of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, field.id + 1, Math.max(1, field.id - 1)]);
      return;
    case 4: {
      // Replaced by another message of the same kind, or another text of the file.
      const alike = places.filter((place) => kindOf(place) === kindOf({ message, at }));
      const other = random.of(alike);
      field.value = structuredClone(other.message.fields[other.at].value);
      return;
    }
    default:
      overwrite(field, message, random);
  }
}

function kindOf({ message, at }: Place): string {
  const { id, value } = message.fields[at];
  return value instanceof Uint8Array && value.byteLength < 64 ? "text" : `${message.name}.${id}`;
}

function overwrite(field: Field, message: Message, random: Random): void {
  const { value } = field;
  if (typeof value === "bigint") {
    field.value = random.of(extremes);
    return;
  }
  if (!(value instanceof Uint8Array)) {
    const bytes = serialize(value);
    field.value = bytes.slice(0, random.below(bytes.byteLength + 1));
    return;
  }
  const bytes = value.slice();
  const isOpType = message.name === "node" && field.id === 4;
  const kind = random.below(4);
  if (isOpType) field.value = encodeText(random.of(opTypes));
  else if (kind === 0 && value.byteLength < 64 && field.wire === 2) {
    field.value = encodeText(random.of(words));
  } else if (kind === 1 && field.wire === 2) field.value = bytes.slice(0, random.below(bytes.byteLength + 1));
  else {
    for (let i = 0; i < 1 + random.below(4) && bytes.byteLength > 0; i++) {
      bytes[random.below(bytes.byteLength)] = random.of([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    }
    field.value = bytes;
  }
}

/** The number of changes in case `index`. */
export function stepCount(seed: number, index: number): number {
  return 1 + randomOf(seedOf(seed, index)).of([0, 0, 1, 1, 2, 3]);
}

/** The file after the changes numbered in `steps`; each has its own seed, so shrinking can leave out others. */
export function mutate(
  bytes: Uint8Array,
  seed: number,
  index: number,
  steps: readonly number[],
): Uint8Array {
  const tree = parse(bytes, "model");
  for (const one of steps) step(tree, randomOf(seedOf(seedOf(seed, index), one)));
  const whole = serialize(tree);
  const random = randomOf(seedOf(seedOf(seed, index), 99));
  // One file in ten is also damaged at a random byte.
  if (steps.length > 0 && random.below(10) === 0) {
    if (random.below(2) === 0) return whole.slice(0, random.below(whole.byteLength + 1));
    whole[random.below(whole.byteLength)] ^= 1 << random.below(8);
  }
  return whole;
}
