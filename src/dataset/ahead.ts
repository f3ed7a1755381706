// Bounded look-ahead: keeps decoding busy while a batch is computed, without holding the data set in memory.

type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/**
 * Results of `load` in the order of `items`, with at most `width` loads running or waiting to be taken. A failure is
 * thrown when its turn comes; leaving the loop early starts no further loads.
 */
export async function* loadAhead<T, R>(
  items: Iterable<T>,
  width: number,
  load: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const rest = items[Symbol.iterator]();
  const pending: Promise<Outcome<R>>[] = [];
  const start = () => {
    const item = rest.next();
    if (item.done) return;
    // Caught here, not when taken: a rejection that nobody awaits yet would end the process.
    pending.push(load(item.value).then((value) => ({ value }), (error) => ({ error })));
  };
  for (let i = 0; i < width; i++) start();
  while (pending.length > 0) {
    const outcome = await pending.shift()!;
    if ("error" in outcome) throw outcome.error;
    start();
    yield outcome.value;
  }
}
