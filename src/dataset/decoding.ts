// Limits on decoding: images decoded at once must fit into memory, and each has a time limit. A decoder cannot be
// stopped from outside, so one that exceeds the limit keeps its slot, and a second one ends the work.
import { stat } from "node:fs/promises";
import { ModelError } from "../error.ts";
import { decodeImage, imageExtent, type Pixels } from "./pixels.ts";

/** Pixels of RGB and the decoders' own buffers: 16k by 16k took 4 GB. */
const bytesPerPixel = 16;
/** One image of the largest size, or many small ones. */
const mostBytes = 2 ** 30;
/** The number of sharp's threads. */
const mostAtOnce = 4;
const longestMs = 10_000;
const mostStuck = 2;

/** Runs jobs in order, as many at once as their total bytes and their number allow. */
export function gate(most: { readonly bytes: number; readonly works: number }) {
  let [bytes, works] = [0, 0];
  const waiting: { readonly cost: number; readonly go: () => void }[] = [];
  const admit = () => {
    while (waiting.length > 0) {
      const [{ cost, go }] = waiting;
      if (works > 0 && (bytes + cost > most.bytes || works === most.works)) return;
      waiting.shift();
      [bytes, works] = [bytes + cost, works + 1];
      go();
    }
  };
  return async <T>(cost: number, work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((go) => {
      waiting.push({ cost, go });
      admit();
    });
    return work().finally(() => {
      [bytes, works] = [bytes - cost, works - 1];
      admit();
    });
  };
}

/** Rejects with the reason why a file cannot be decoded; with ModelError if the work must end. */
type Decoder = (file: string) => Promise<Pixels>;

/** Applies the limits to a decoder; each file has `within` milliseconds. */
export function withLimits(decode: Decoder, within: number): Decoder {
  const decoding = gate({ bytes: mostBytes, works: mostAtOnce });
  const stuck = new Set<string>();
  const late = `longer than ${within / 1000} s`;
  const refusal = () => {
    if (stuck.size < mostStuck) return new Error(`it takes ${late} to decode`);
    const names = [...stuck].map((file) => `"${file}"`).join(" and ");
    return new ModelError(`Cannot read images: ${names} take ${late} each; remove them`);
  };
  return async (file) => {
    if (!(await stat(file)).isFile()) throw new Error("it is not a regular file");
    const { width, height } = await imageExtent(file);
    return new Promise((resolve, reject) => {
      const work = () => {
        const timer = setTimeout(() => {
          stuck.add(file);
          reject(refusal());
        }, within);
        return decode(file).then(resolve, reject).finally(() => {
          clearTimeout(timer);
          stuck.delete(file);
        });
      };
      void decoding(width * height * bytesPerPixel, work);
    });
  };
}

/** `decodeImage` within the limits. */
export const decodeWithinLimits: Decoder = withLimits(decodeImage, longestMs);
