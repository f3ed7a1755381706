// A bench is a value, like a command: `run` measures, reports rows and returns whether every bound was kept.
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
  /** Whether it refuses to start while the machine has other work. */
  readonly timed: boolean;
  /** Runs before the device is opened and described. */
  before?(flags: Flags): Promise<void>;
  // A method rather than a property, so that benches with more flags fit into one table.
  run(machine: Machine, flags: Flags, report: Report): Promise<boolean>;
};
