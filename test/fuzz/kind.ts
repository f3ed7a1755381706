// A kind of input to fuzz: how its cases are drawn and run.

export type Case = {
  /** What was changed, and in which input. */
  readonly about: string;
  readonly bytes: Uint8Array;
  /** The same case with fewer changes, for shrinking. */
  readonly simpler: () => Iterable<Case>;
};

export type Kind = {
  /** Of the files in which failures are saved. */
  readonly extension: string;
  /** The same case for the same seed and index, in any process. */
  readonly draw: (seed: number, index: number) => Case;
  /** May throw HalftoneErrors; every other error is a failure. */
  readonly run: (bytes: Uint8Array) => Promise<void>;
};
