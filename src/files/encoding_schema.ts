// What every file that stores an encoding says of it, beside its scales and zero points.
import { z } from "zod";
import { roundings } from "../tensor/round.ts";

export const encodingSchema = z.strictObject({
  bits: z.int().min(2).max(32),
  signed: z.boolean(),
  axis: z.int().min(0).optional(),
  narrow: z.boolean().optional(),
  rounding: z.enum(roundings).optional(),
  datatype: z.enum(["float16", "bfloat16"]).optional(),
});
