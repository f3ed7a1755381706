// "Did you mean": the known word closest to a misspelt one.

/** The candidate with the smallest edit distance; undefined when none is closer than half the word. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = word.length / 2;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * Up to `most` names made of words and underscores: first those that contain every word of the text, whatever its case,
 * the shortest first; if there are none, the nearest one.
 */
export function nearestNames(text: string, names: readonly string[], most = 3): string[] {
  const words = text.toLowerCase().split("_").filter(Boolean);
  const containing = names.filter((name) => words.every((word) => name.toLowerCase().includes(word)));
  if (words.length > 0 && containing.length > 0) {
    return containing.sort((a, b) => a.length - b.length).slice(0, most);
  }
  const lower = nearestWord(text.toLowerCase(), names.map((name) => name.toLowerCase()));
  return names.filter((name) => name.toLowerCase() === lower);
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, swapped));
    }
    row = next;
  }
  return row[b.length];
}
