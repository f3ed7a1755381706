// The header of a saved engine: its plans as JSON, with constants as places in the bytes that follow.
import { z } from "zod";
import { dtypes } from "../tensor/dtype.ts";

const count = z.int().min(0).max(2 ** 50);
const text = z.string();
/** JSON has neither infinities nor a negative zero. */
const special = ["Infinity", "-Infinity", "NaN", "-0"] as const;
const number = z.union([z.number(), z.enum(special).transform(Number)]);
const shape = z.array(count);
const dtype = z.enum(dtypes);

/** A tensor's bytes begin `at` this byte of the contents. */
const tensor = z.strictObject({ dtype, shape, at: count });

const sizes = { name: text, words: count.max(2 ** 40), type: z.enum(["f32", "i32", "u32"]) };
const buffer = z.discriminatedUnion("home", [
  z.strictObject({ ...sizes, home: z.literal("arena"), offset: count }),
  z.strictObject({ ...sizes, home: z.literal("constant"), tensor }),
  z.strictObject({ ...sizes, home: z.literal("state"), tensor }),
  z.strictObject({ ...sizes, home: z.literal("resident") }),
  z.strictObject({ ...sizes, home: z.literal("window"), of: count, offset: count }),
]);

/** Buffers are their positions in the list, kernels their names. */
const call = z.strictObject({
  kernel: text,
  buffers: z.record(text, count),
  numbers: z.record(text, number),
  node: z.strictObject({ name: text, type: text }).optional(),
});
const port = z.strictObject({ name: text, buffer: count, dtype, shape });

const plan = z.strictObject({
  calls: z.array(call),
  buffers: z.array(buffer),
  inputs: z.array(port),
  outputs: z.array(port),
  states: z.array(port).optional(),
  arenaBytes: count,
  segmentBytes: count.optional(),
});

export const engineSchema = z.strictObject({
  version: text,
  model: z.strictObject({ name: text, digest: text }),
  runs: z.array(z.strictObject({ name: text, madeFor: z.record(text, text), plan })).min(1),
});

export type EngineHeader = z.infer<typeof engineSchema>;
export type EnginePlan = EngineHeader["runs"][number]["plan"];

/** The number as JSON. */
export function numberJson(value: number): number {
  const isPlain = Number.isFinite(value) && !Object.is(value, -0);
  // What the schema turns back into a number.
  return isPlain ? value : (Object.is(value, -0) ? "-0" : String(value)) as unknown as number;
}
