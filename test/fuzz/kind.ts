// What is fuzzed: a kind of input, how a case of it is drawn, and what is done with it.

export type Case = {
  /** What was changed of what. */
  readonly about: string;
  readonly bytes: Uint8Array;
  /** The same case with less changed, for shrinking. */
  readonly simpler: () => Iterable<Case>;
};

export type Kind = {
  /** Of files that failed. */
  readonly extension: string;
  /** The same case for the same seed and index, in any process. */
  readonly draw: (seed: number, index: number) => Case;
  /** May throw HalftoneErrors; every other error is a failure. */
  readonly run: (bytes: Uint8Array) => Promise<void>;
};
