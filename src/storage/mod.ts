// Models and results as files; no other room writes files.
export { discardUnfinished, tryFolder, writeAtomically } from "./atomic.ts";
export { readEngine, writeEngine } from "./engine.ts";
export { readModel, writeModel, type WriteOptions, type WrittenModel } from "./model.ts";
export { version } from "./version.ts";
