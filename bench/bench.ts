// A bench is a value, as a command is: `run` measures, reports rows and says whether every bound was
// kept.
import type { Option } from "commander";
import type { Machine } from "../src/plan/machine.ts";
import type { Report } from "./report.ts";

export type SharedFlags = {
  readonly shared: string;
  readonly only?: readonly string[];
  readonly images?: number;
};

export type Bench<Flags extends SharedFlags = SharedFlags> = {
  readonly summary: string;
  readonly options: readonly Option[];
  /** Refuses to start while the machine has other work. */
  readonly timed: boolean;
  /** Before the device is opened and described. */
  before?(flags: Flags): Promise<void>;
  // A method, so that benches with more flags fit into one table.
  run(machine: Machine, flags: Flags, report: Report): Promise<boolean>;
};
