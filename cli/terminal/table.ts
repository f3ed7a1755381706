// Text for terminals: aligned tables, with control characters made visible.

export type Cell = string | { readonly right: string };

export function table(rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) =>
    row.map((cell) => typeof cell === "string" ? oneLine(cell) : { right: oneLine(cell.right) })
  );
  const text = (cell: Cell) => typeof cell === "string" ? cell : cell.right;
  const columns = Math.max(0, ...lines.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...lines.map((row) => text(row[i] ?? "").length)),
  );
  const line = (row: readonly Cell[]) =>
    row.map((cell, i) => typeof cell === "string" ? cell.padEnd(widths[i]) : cell.right.padStart(widths[i]));
  return lines.map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/**
 * Escapes control and bidirectional characters except line ends: names come from model files and must not move the
 * cursor, change colours or reverse text.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu, escapeText);
}

/** `printable` on one line. */
export function oneLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n");
}

/** JSON of the same value with these characters escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escapeText(mark: string): string {
  const code = mark.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
}
