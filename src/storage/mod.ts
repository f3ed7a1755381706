// Models and results as files; no other room writes files.
export { discardUnfinished, tryFolder, writeAtomically } from "./atomic.ts";
export { readModel, writeModel, type WriteOptions, type WrittenModel } from "./model.ts";
