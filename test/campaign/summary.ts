// Counts verdicts by kind: a message without names and numbers.
import type { Failure, Verdict } from "./judge.ts";

export function kindOf({ stage, detail }: Failure): string {
  const text = detail.replace(/(all \d+ nodes stay float).*/, "$1").replace(
    /^(disabled|basic|extended|all): /,
    "",
  );
  return `${stage}: ${text.replace(/"[^"]*"/g, "…").replace(/'[^']*'/g, "…").replace(/-?\d+(\.\d+)?/g, "#")}`
    .slice(0, 140);
}

export class Summary {
  failed = 0;
  private passed = 0;
  private readonly failures = new Map<string, number>();
  private readonly refusals = new Map<string, number>();
  private readonly excused = new Map<string, number>();
  private readonly redrawn = new Map<string, number>();

  redraw(why: string) {
    bump(this.redrawn, kindOf({ stage: "load", detail: why }).slice(6));
  }

  add({ failures, refused, excused }: Verdict) {
    if (excused) bump(this.excused, excused);
    if (failures.length > 0) {
      this.failed++;
      for (const kind of new Set(failures.map(kindOf))) bump(this.failures, kind);
    } else if (refused) bump(this.refusals, kindOf({ stage: "quantize", detail: refused }));
    else this.passed++;
  }

  text(): string {
    const list = (title: string, counts: ReadonlyMap<string, number>) =>
      counts.size === 0 ? [] : [
        title,
        ...[...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `  ${count} × ${kind}`),
      ];
    return [
      ...list("Redrawn:", this.redrawn),
      ...list("Refused:", this.refusals),
      ...list("Excused:", this.excused),
      ...list("Failures:", this.failures),
      this.counts(),
    ].join("\n");
  }

  counts(): string {
    const refused = [...this.refusals.values()].reduce((a, b) => a + b, 0);
    return `${this.passed} passed, ${this.failed} failed, ${refused} refused`;
  }
}

function bump(counts: Map<string, number>, key: string) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
