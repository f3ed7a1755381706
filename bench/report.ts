// Reports a bench's results: tables to stdout as Markdown, rows to a file as JSON lines, notes to stderr.
import { appendFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { progressOn } from "../cli/terminal/progress.ts";
import { bytesText, significant } from "../src/report/number.ts";
import type { Environment } from "./environment.ts";

/** Keys are snake_case with their unit, as in JSON: `float_bytes`, `agreement_percent`. */
export type Row = Readonly<Record<string, string | number | boolean | undefined>>;

export type Report = {
  /** Prints rows as one table; each becomes a JSON line. */
  table(title: string, rows: readonly Row[]): void;
  /** Prints a sentence to stderr. */
  note(text: string): void;
  /** Calls `work` with a progress listener for (done, total) images. */
  progress<T>(label: string, work: (update: (done: number, total: number) => void) => Promise<T>): Promise<T>;
};

export function reportOn(bench: string, environment: Environment, jsonFile?: string): Report {
  if (jsonFile) writeFileSync(jsonFile, "");
  process.stdout.write(`# ${bench}\n\n${markdownTable([environment])}\n`);
  return {
    table(title, rows) {
      process.stdout.write(`\n## ${title}\n\n${markdownTable(rows)}\n`);
      if (!jsonFile) return;
      const lines = rows.map((row) => `${JSON.stringify({ bench, table: title, ...row, environment })}\n`);
      appendFileSync(jsonFile, lines.join(""));
    },
    note: (text) => void process.stderr.write(`${text}\n`),
    async progress(label, work) {
      const progress = progressOn(process.stderr, label);
      try {
        return await work(progress.update);
      } finally {
        progress.finish();
      }
    },
  };
}

export function markdownTable(rows: readonly Row[]): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const heads = keys.map((key) => key.replace(/_bytes$/, "").replace(/_percent$/, " %").replaceAll("_", " "));
  return [
    line(heads),
    line(keys.map(() => "---")),
    ...rows.map((row) => line(keys.map((key) => cellText(key, row[key])))),
  ].join("\n");
}

function cellText(key: string, value: Row[string]): string {
  if (value === undefined) return "";
  if (typeof value !== "number") return String(value).replaceAll("|", "\\|");
  if (key.endsWith("_bytes")) return bytesText(value);
  return key.endsWith("_percent") ? value.toFixed(2) : significant(value);
}
