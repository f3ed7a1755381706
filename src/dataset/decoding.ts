// Which images are decoded at once: as many as fit into memory, none beyond a size, and none for ever. A decoder cannot be
// stopped from outside, so one that takes too long keeps its place, and a second one ends the work.
import { stat } from "node:fs/promises";
import { ModelError } from "../error.ts";
import { decodeImage, imageExtent, type Pixels } from "./pixels.ts";

/** Pixels of RGB and what decoders hold beside them: 16k by 16k took 4 GB. */
const bytesPerPixel = 16;
/** A largest image by itself, or many small ones. */
const mostBytes = 2 ** 30;
/** sharp's own threads. */
const mostAtOnce = 4;
const longestMs = 10_000;
const mostStuck = 2;

/** Runs works whose bytes together stay below a bound, in the order in which they were asked for. */
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

/** Rejects with why a file cannot be decoded; with ModelError where the work must end. */
type Decoder = (file: string) => Promise<Pixels>;

/** A decoder within these bounds, of which each file is given `within` milliseconds. */
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
    if (!(await stat(file)).isFile()) throw new Error("it is no regular file");
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

/** `decodeImage` within these bounds. */
export const decodeWithinLimits: Decoder = withLimits(decodeImage, longestMs);
