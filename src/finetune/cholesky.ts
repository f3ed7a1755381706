// Cholesky factors of symmetric positive definite matrices, in doubles. Only the lower triangle is stored, row by row:
// 85 MB for the 4,608 columns of a 3×3 convolution over 512 channels. Works in place and in blocks, because so many
// columns fit into no cache.

/** Where row `i` of a packed lower triangle starts. */
export function rowStart(i: number): number {
  return i * (i + 1) / 2;
}

/** Rows of a block; two blocks of this many columns fit into a second-level cache. */
const block = 64;
const blockColumns = 256;

/** Replaces `lower` by L with L Lᵀ = `lower`; false if a pivot is not positive. */
export function factorize(lower: Float64Array, size: number): boolean {
  for (let top = 0; top < size; top += block) {
    const bottom = Math.min(top + block, size);
    for (let left = 0; left <= top; left += block) {
      for (let k = 0; k < left; k += blockColumns) {
        subtractProducts(lower, top, bottom, left, k, Math.min(k + blockColumns, left));
      }
      if (!finish(lower, top, bottom, left)) return false;
    }
  }
  return true;
}

/** Subtracts from a block the products of its rows with the rows that its columns name, over columns `from` to `to`. */
function subtractProducts(
  l: Float64Array,
  top: number,
  bottom: number,
  left: number,
  from: number,
  to: number,
): void {
  for (let i = top; i < bottom; i += 2) {
    const right = Math.min(left + block, i + 1);
    let j = left;
    for (; i + 1 < bottom && j + 3 < right; j += 4) subtractTile(l, i, j, from, to);
    for (let row = i; row < Math.min(i + 2, bottom); row++) {
      for (let column = j; column < Math.min(left + block, row + 1); column++) {
        const [a, b] = [rowStart(row), rowStart(column)];
        let sum = 0;
        for (let k = from; k < to; k++) sum += l[a + k] * l[b + k];
        l[a + column] -= sum;
      }
    }
  }
}

/** Two rows by four columns: eight sums in registers for six loads. */
function subtractTile(l: Float64Array, i: number, j: number, from: number, to: number): void {
  const [p, q] = [rowStart(i), rowStart(i + 1)];
  const [a, b, c, d] = [rowStart(j), rowStart(j + 1), rowStart(j + 2), rowStart(j + 3)];
  let [pa, pb, pc, pd, qa, qb, qc, qd] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = from; k < to; k++) {
    const x = l[p + k], y = l[q + k];
    const u = l[a + k], v = l[b + k], w = l[c + k], z = l[d + k];
    pa += x * u;
    pb += x * v;
    pc += x * w;
    pd += x * z;
    qa += y * u;
    qb += y * v;
    qc += y * w;
    qd += y * z;
  }
  l[p + j] -= pa;
  l[p + j + 1] -= pb;
  l[p + j + 2] -= pc;
  l[p + j + 3] -= pd;
  l[q + j] -= qa;
  l[q + j + 1] -= qb;
  l[q + j + 2] -= qc;
  l[q + j + 3] -= qd;
}

/** Finishes a block's columns once all columns to their left are done. */
function finish(l: Float64Array, top: number, bottom: number, left: number): boolean {
  for (let i = top; i < bottom; i++) {
    const row = rowStart(i);
    for (let j = left; j < Math.min(left + block, i + 1); j++) {
      const other = rowStart(j);
      let sum = l[row + j];
      for (let k = left; k < j; k++) sum -= l[row + k] * l[other + k];
      if (j < i) l[row + j] = sum / l[other + j];
      else {
        if (!(sum > 0)) return false;
        l[row + i] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/** Σ values[start + k] · b[k] for k < count, in four independent sums that a processor can overlap. */
export function dot(values: Float64Array, start: number, b: ArrayLike<number>, count: number): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s += values[start + k] * b[k];
    t += values[start + k + 1] * b[k + 1];
    u += values[start + k + 2] * b[k + 2];
    v += values[start + k + 3] * b[k + 3];
  }
  for (; k < count; k++) s += values[start + k] * b[k];
  return s + t + (u + v);
}

/** Solves L Lᵀ x = b in place of b. */
export function solveFactored(lower: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const row = rowStart(i);
    b[i] = (b[i] - dot(lower, row, b, i)) / lower[row + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = rowStart(i);
    const x = b[i] /= lower[row + i];
    for (let k = 0; k < i; k++) b[k] -= lower[row + k] * x;
  }
}
