// What a contest says about halftone: as accurate as the best peer, and as much faster as it must be.
import type { Row } from "../report.ts";

export type Result = {
  readonly tool: string;
  /** Top-1, or agreement with the float model where there are no labels; absent where the tool failed. */
  readonly percent?: number;
  readonly seconds?: number;
};

/** Columns for each result, in their order: on a peer's row the distance, on halftone's the verdict. */
export function verdicts(results: readonly Result[], timesAsFast?: number): Row[] {
  const ours = results.find(({ tool }) => tool === "halftone");
  if (ours?.percent === undefined) return results.map(() => ({}));
  const peers = results.filter(({ tool, percent }) => tool !== "halftone" && percent !== undefined);
  const best = Math.max(...peers.map(({ percent }) => percent!));
  return results.map((result) => {
    if (result.percent === undefined) return {};
    if (result !== ours) return distance(ours, result, timesAsFast);
    if (peers.length === 0) return { verdict: "no peer to compare with" };
    const kept = ours.percent! >= best - rounding &&
      peers.every((peer) => timesAsFast === undefined || peer.seconds! >= timesAsFast * ours.seconds!);
    return {
      halftone_ahead_points: points(ours.percent! - best),
      bound: timesAsFast ? `≥ best peer, ${timesAsFast} times as fast as each` : "≥ best peer",
      verdict: kept ? "kept" : "missed",
    };
  });
}

/** Percentages of whole images: what they lose to binary fractions is no image. */
const rounding = 1e-9;

function distance(ours: Result, peer: Result, timesAsFast?: number): Row {
  return {
    halftone_ahead_points: points(ours.percent! - peer.percent!),
    ...(timesAsFast && { halftone_times_as_fast: peer.seconds! / ours.seconds! }),
  };
}

/** Signed, with the two digits that 10,000 images give. */
function points(difference: number): string {
  const rounded = difference.toFixed(2);
  return Number(rounded) > 0 ? `+${rounded}` : Number(rounded) === 0 ? "0.00" : rounded;
}
