// Models and results as files: nothing else in halftone writes any.
export { discardUnfinished, tryFolder, writeAtomically } from "./atomic.ts";
export { readModel, writeModel, type WriteOptions, type WrittenModel } from "./model.ts";
