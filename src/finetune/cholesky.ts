// Factors of symmetric positive definite matrices, in doubles, row-major.

/** Lower L with L Lᵀ = `matrix`, in place of its lower half; false where a pivot is not positive. */
export function factorize(matrix: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++) {
    const row = matrix.subarray(i * size, i * size + i + 1);
    for (let j = 0; j <= i; j++) {
      const other = matrix.subarray(j * size, j * size + j + 1);
      let sum = row[j];
      for (let k = 0; k < j; k++) sum -= row[k] * other[k];
      if (j < i) row[j] = sum / other[j];
      else {
        if (!(sum > 0)) return false;
        row[i] = Math.sqrt(sum);
      }
    }
  }
  return true;
}

/** Solves L Lᵀ x = b in place of b. */
export function solveFactored(lower: Float64Array, size: number, b: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= lower[i * size + k] * b[k];
    b[i] = sum / lower[i * size + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    const x = b[i] /= lower[i * size + i];
    for (let k = 0; k < i; k++) b[k] -= lower[i * size + k] * x;
  }
}
