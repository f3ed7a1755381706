// Faces from UltraFace's outputs: boxes above a score, greedy non-maximum suppression as in the model's repository
// (Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB: score 0.7, IoU 0.3).

/** Edges as shares of the image's width and height. */
export type Face = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly score: number;
};

export type FaceLimits = { readonly score: number; readonly overlap: number };

export const faceLimits: FaceLimits = { score: 0.7, overlap: 0.3 };

/** `scores` [anchors, 2] (background, face), `boxes` [anchors, 4]; best first. */
export function facesIn(scores: Float32Array, boxes: Float32Array, limits: FaceLimits = faceLimits): Face[] {
  const found: Face[] = [];
  for (let i = 0; i < scores.length / 2; i++) {
    const score = scores[2 * i + 1];
    if (score <= limits.score) continue;
    const [left, top, right, bottom] = boxes.subarray(4 * i, 4 * i + 4);
    found.push({ left, top, right, bottom, score });
  }
  found.sort((a, b) => b.score - a.score);
  const kept: Face[] = [];
  for (const face of found) if (kept.every((other) => iou(face, other) <= limits.overlap)) kept.push(face);
  return kept;
}

/** Intersection over union, 0 to 1. */
export function iou(a: Face, b: Face): number {
  const width = Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left));
  const height = Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
  const both = width * height;
  return both === 0 ? 0 : both / (area(a) + area(b) - both);
}

function area({ left, top, right, bottom }: Face): number {
  return (right - left) * (bottom - top);
}

/** How well a face is matched: 0 and 0 if not at all. */
export type Match = { readonly overlap: number; readonly score: number };

/** The best match of each wanted face; a found face matches only one. */
export function matchFaces(wanted: readonly Face[], found: readonly Face[]): Match[] {
  const unmatched = new Set(found);
  return wanted.map((face) => {
    const [best] = [...unmatched].sort((a, b) => iou(face, b) - iou(face, a));
    const overlap = best ? iou(face, best) : 0;
    if (overlap === 0) return { overlap: 0, score: 0 };
    unmatched.delete(best);
    return { overlap, score: best.score };
  });
}
