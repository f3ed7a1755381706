// Opens one adapter in a process of its own and prints what it has as JSON: a driver that crashes takes only
// this process with it, and the reasons that Dawn gives for refusing a driver, on stderr alone, can be read.
import process from "node:process";
import { HalftoneError } from "../error.ts";
import { type AdapterOptions, openAdapter } from "./adapter.ts";
import { openDevice, raisedLimits } from "./open_device.ts";

/** What the process prints: an adapter, or why there is none. */
export type Probed = {
  readonly description: string;
  readonly driver: string;
  readonly runtime: "dawn" | "deno";
  readonly software: boolean;
  /** What a device of it is granted, in alphabetical order. */
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
} | { readonly error: string };

async function probe(options: AdapterOptions): Promise<Probed> {
  try {
    const opened = await openAdapter("auto", options);
    const { adapter, description, driver, runtime, software } = opened;
    const device = await openDevice(opened);
    const limits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]]));
    const features = [...device.features].sort();
    device.destroy();
    return { description, driver, runtime, software, features, limits };
  } catch (error) {
    if (error instanceof HalftoneError) return { error: error.message };
    throw error;
  }
}

process.stdout.write(JSON.stringify(await probe(JSON.parse(process.argv[2]))));
