// The types of options that come from a file, or from a caller without TypeScript. Their values are checked where they are
// used.
import { z } from "zod";
import { ConfigError } from "../error.ts";

const [flag, number, text] = [z.boolean().optional(), z.number().optional(), z.string().optional()];
const texts = z.array(z.string());
const scheme = z.looseObject({
  bits: number,
  signed: flag,
  symmetric: flag,
  narrow: flag,
  powerOfTwo: flag,
  mostFractionBits: z.tuple([z.number(), z.number()]).optional(),
  rounding: text,
  datatype: text,
});
const rule = scheme.extend({
  perChannel: flag,
  low: number,
  high: number,
  percentage: number,
  method: text,
  statistic: text,
  tensor: text,
  node: text,
  kind: text,
});
const schema = z.looseObject({
  exclude: texts,
  alike: texts.optional(),
  perChannel: z.boolean(),
  symmetric: z.boolean(),
  signed: flag,
  narrow: flag,
  powerOfTwo: flag,
  keepFirstLast: flag,
  schemes: z.partialRecord(z.enum(["activations", "weights", "bias"]), scheme).optional(),
  overrides: z.array(rule).optional(),
});

/** ConfigError for the first option that is of another type than it should be. */
export function checkOptionTypes(options: Readonly<Record<string, unknown>>): void {
  const result = schema.safeParse(options);
  if (result.success) return;
  const [{ path, message }] = result.error.issues;
  throw new ConfigError(`Cannot quantize: option "${path.join(".")}" does not fit: ${message}`, {
    cause: result.error,
  });
}
