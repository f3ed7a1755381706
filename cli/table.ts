// Text for terminals: tables with columns as wide as their widest entry, and nothing but what can be seen.

export type Cell = string | { readonly right: string };

export function table(rows: readonly (readonly Cell[])[]): string {
  const text = (cell: Cell) => typeof cell === "string" ? cell : cell.right;
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...rows.map((row) => text(row[i] ?? "").length)),
  );
  const line = (row: readonly Cell[]) =>
    row.map((cell, i) => typeof cell === "string" ? cell.padEnd(widths[i]) : cell.right.padStart(widths[i]));
  return rows.map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/** Text for a terminal: names come from model files and must not move its cursor or change its colours. */
export function printable(text: string): string {
  return text.replace(
    /[^\P{Cc}\n]/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
