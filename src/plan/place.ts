// One arena for everything that lives only during a run: lifetimes are static, so offsets are, too. Largest first,
// each at the lowest offset where it overlaps no buffer alive at the same time. An arena larger than a device's
// buffers has several segments.

export type Lifetime = {
  readonly name: string;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
};
export type Placement = { readonly offsets: ReadonlyMap<string, number>; readonly arenaBytes: number };

/** Offsets are multiples of this: WebGPU's guaranteed minStorageBufferOffsetAlignment. */
export const alignmentBytes = 256;

/** Buffers no larger than `segmentBytes`, a multiple of the alignment, never cross a multiple of it. */
export function place(lifetimes: readonly Lifetime[], segmentBytes = Infinity): Placement {
  const placed: (Lifetime & { offset: number; end: number })[] = [];
  const bySize = [...lifetimes].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  for (const one of bySize) {
    const size = Math.ceil(one.bytes / alignmentBytes) * alignmentBytes;
    const alive = placed
      .filter((other) => other.first <= one.last && one.first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of alive) {
      if (offset + size <= other.offset) break;
      offset = withinSegment(Math.max(offset, other.end), size, segmentBytes);
    }
    placed.push({ ...one, offset, end: offset + size });
  }
  return {
    offsets: new Map(placed.map(({ name, offset }) => [name, offset])),
    arenaBytes: placed.reduce((most, { end }) => Math.max(most, end), 0),
  };
}

/** The offset, or the start of the next segment if the buffer would cross a boundary. */
function withinSegment(offset: number, size: number, segmentBytes: number): number {
  const segment = Math.floor(offset / segmentBytes);
  return Math.floor((offset + size - 1) / segmentBytes) === segment ? offset : (segment + 1) * segmentBytes;
}
