// Opens one adapter in a separate process and prints its facts as JSON: a driver that crashes takes only this process
// with it, and Dawn's reasons for refusing a driver, which go to stderr only, can be read.
import process from "node:process";
import { HalftoneError } from "../error.ts";
import { type AdapterOptions, openAdapter } from "./adapter.ts";
import { openDevice, raisedLimits } from "./open_device.ts";

/** The process prints an adapter, or the reason why there is none. */
export type Probed = {
  readonly description: string;
  readonly driver: string;
  readonly runtime: "dawn" | "deno";
  readonly software: boolean;
  /** Features that a device of it is granted, in alphabetical order. */
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
