// The verdict of a contest on halftone: as accurate as the best peer, and faster by the required factor.
import type { Row } from "../report.ts";

export type Result = {
  readonly tool: string;
  /** For each image: correct, or without labels the same as the float model. Undefined if the tool failed. */
  readonly marks?: readonly boolean[];
  readonly seconds?: number;
};
type Judged = Result & { readonly marks: readonly boolean[] };

/** Columns for each result, in order: the lead on a peer's row, the verdict on halftone's. */
export function verdicts(results: readonly Result[], timesAsFast?: number): Row[] {
  const judged = results.filter((one): one is Judged => one.marks !== undefined);
  const ours = judged.find(({ tool }) => tool === "halftone");
  if (!ours) return results.map(() => ({}));
  const peers = judged.filter(({ tool }) => tool !== "halftone");
  if (peers.length === 0) return results.map((one) => one === ours ? { verdict: "no peer" } : {});
  const best = peers.reduce((a, b) => count(b) > count(a) ? b : a);
  const kept = count(ours) >= count(best) &&
    peers.every(({ seconds }) => timesAsFast === undefined || seconds! >= timesAsFast * ours.seconds!);
  return results.map((one) => {
    if (!one.marks) return {};
    if (one !== ours) {
      return { halftone_ahead_points: leadOf(ours, one as Judged), ...speedRatio(ours, one, timesAsFast) };
    }
    return {
      halftone_ahead_points: leadOf(ours, best),
      bound: timesAsFast ? `≥ best peer, ${timesAsFast} times as fast as each` : "≥ best peer",
      verdict: kept ? "kept" : "missed",
    };
  });
}

function count({ marks }: Judged): number {
  return marks.filter(Boolean).length;
}

function speedRatio(ours: Result, peer: Result, timesAsFast: number | undefined): Row {
  return timesAsFast === undefined ? {} : { halftone_times_as_fast: peer.seconds! / ours.seconds! };
}

/**
 * Percentage points with their standard error. Both tools answered the same images, so only images on which they differ
 * count (McNemar): their number is the variance of the difference of counts.
 */
function leadOf(ours: Judged, peer: Judged): string {
  const images = ours.marks.length;
  const differing = ours.marks.filter((mark, i) => mark !== peer.marks[i]).length;
  const points = (100 * (count(ours) - count(peer)) / images).toFixed(2);
  const sign = Number(points) > 0 ? "+" : "";
  return `${sign}${points} ± ${(100 * Math.sqrt(differing) / images).toFixed(2)}`;
}
