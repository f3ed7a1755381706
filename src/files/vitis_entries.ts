// The sections `param`, `output`, `input` and `dtype` of quant_info.json, as vai_q_pytorch 3.5 writes them
// (export_quant_config): a list of one entry per name. An entry is [bits, scale, zero_point, float_max], with lists for
// per-channel scales; or [bits, fix point] if every scale of the file is a power of two, 2^-fix point, and every zero
// point 0; null for a float type. `dtype` is written upstream for mixed precision only, here always: it says which
// codes are signed.
import type { Encoding, Encodings } from "../quantize/encoding.ts";
import { codeRange } from "../tensor/dtype.ts";
import type { Calibrated, CalibratedPoint } from "./results.ts";

const sections = ["param", "output", "input"] as const;

export function vitisSections(
  { graph, encodings, points }: Pick<Calibrated, "graph" | "encodings" | "points">,
): Record<string, unknown> {
  const isInput = new Set(graph.inputs);
  const sectionOf = ({ kind, name }: CalibratedPoint) =>
    kind !== "activation" ? "param" : isInput.has(name) ? "input" : "output";
  const fixed = areFixPositions(encodings);
  const collect = (entry: (point: CalibratedPoint, encoding: Encoding) => unknown) =>
    sections.map((section): [string, unknown] => [
      section,
      Object.fromEntries(
        points.filter((point) => sectionOf(point) === section).flatMap((point) => {
          const encoding = encodings.get(point.name);
          return encoding ? [[point.name, [entry(point, encoding)]]] : [];
        }),
      ),
    ]);
  return {
    ...Object.fromEntries(collect((point, encoding) =>
      encoding.datatype ? null : [
        ...entryOf(encoding, fixed),
        ...(fixed ? [] : [floatMax(point, encoding)]),
      ]
    )),
    dtype: Object.fromEntries(
      collect((_, { bits, signed, datatype }) => datatype ?? `${signed ? "" : "u"}int${bits}`),
    ),
  };
}

/**
 * [section, name] of entries in a file's Vitis AI sections that differ from these encodings; absent entries are fine.
 */
export function differences(file: Record<string, unknown>, encodings: Encodings): [string, string][] {
  const fixed = areFixPositions(encodings);
  return sections.flatMap((section) =>
    Object.entries(file[section] ?? {}).filter(([name, entries]) => {
      const encoding = encodings.get(name);
      const [entry] = Array.isArray(entries) ? entries : [];
      if (!encoding || !Array.isArray(entry)) return entry !== null;
      const expected = entryOf(encoding, fixed);
      return JSON.stringify(entry.slice(0, expected.length)) !== JSON.stringify(expected);
    }).map(([name]): [string, string] => [section, name])
  );
}

/** Without float_max. */
function entryOf({ bits, axis, scale, zeroPoint }: Encoding, fixed: boolean): unknown[] {
  if (fixed) return [bits, -Math.log2(scale[0])];
  const scales = Array.from(scale, shortest);
  const zeros = Array.from(zeroPoint);
  return axis === undefined ? [bits, scales[0], zeros[0]] : [bits, scales, zeros];
}

function floatMax(
  point: CalibratedPoint,
  { bits, signed, axis, scale, zeroPoint }: Encoding,
): number | number[] {
  if (axis === undefined) return Math.max(Math.abs(point.low), Math.abs(point.high));
  const [, highest] = codeRange(bits, signed);
  return Array.from(scale, (step, i) => shortest(Math.fround(shortest(step) * (highest - zeroPoint[i]))));
}

function areFixPositions(encodings: Encodings): boolean {
  const codes = [...encodings.values()].filter(({ datatype }) => datatype === undefined);
  return codes.length > 0 &&
    codes.every(({ scale, zeroPoint }) =>
      scale.length === 1 && zeroPoint[0] === 0 && Number.isInteger(Math.log2(scale[0]))
    );
}

/**
 * The shortest decimal that reads back as the same float32; nine digits always do (IEEE 754-2019, 5.12.2).
 */
export function shortest(float32: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(float32.toPrecision(digits));
    if (Math.fround(rounded) === float32) return rounded;
  }
  return Number(float32.toPrecision(9));
}
