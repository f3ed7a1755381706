// Numbers as text.

/** 12345 → "12.3 kB" (decimal units, as disks and networks count). */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${significant(bytes / 1000 ** power, 3)} ${units[power - 1]}`;
}

/** Percent with two decimals: 91.7 → "91.70 %". */
export function percentText(percent: number): string {
  return `${percent.toFixed(2)} %`;
}

/** Decibels; Infinity: the models agree exactly; NaN: they could not be compared. */
export function decibelText(decibels: number): string {
  if (Number.isNaN(decibels)) return "not compared";
  return Number.isFinite(decibels) ? `${decibels.toFixed(1)} dB` : "exact";
}

export function secondsText(seconds: number): string {
  if (seconds < 60) return `${significant(seconds, 3)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/**
 * At most `digits` significant digits, without trailing zeros; very small and very large numbers as powers of ten.
 */
export function significant(value: number, digits = 4): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size >= 1e-4 && size < 1e7) return String(rounded);
  return rounded.toExponential().replace("e+", "e");
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A device's description, marked if it is a software adapter. */
export function deviceText(description: string, software: boolean): string {
  return software && !description.includes("not a GPU") ? `${description}, not a GPU` : description;
}
