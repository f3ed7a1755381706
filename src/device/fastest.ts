// Finds the fastest of a kernel's variants on a device within a few milliseconds: minimum times of interleaved runs.
import { DeviceError } from "../error.ts";
import type { Kernel, Numbers, Sample, Variant } from "../kernels/kernel.ts";
import type { OpenTrial, Trial } from "./trial.ts";

/** Enough to tolerate one hiccup. */
const rounds = 4;
/** Shorter times drown in launch overhead and clock resolution. */
const enoughMs = 0.25;
const mostRepeats = 32;
/** Samples range from a millisecond of work on a software adapter to a fraction of a millisecond on a large GPU. */
const work = { least: 2 ** 20, most: 2 ** 29 };
/** A variant that is this many times slower gets no further rounds. */
const farSlower = 1.5;
/** To be preferred, a variant must save 5 %: anything less is noise. */
const worthwhile = 0.95;

/** A variant that has run once on a sample, so it is compiled. */
type Ready = { readonly variant: Variant; readonly sample: Sample; readonly trial: Trial };

async function makeReady(open: OpenTrial, kernel: Kernel, variant: Variant, sample: Sample): Promise<Ready> {
  const trial = await open(kernel, variant, sample);
  try {
    await trial.milliseconds(1);
  } catch (error) {
    trial.free();
    throw error;
  }
  return { variant, sample, trial };
}

/**
 * The fastest variant of a kernel in the bucket of these numbers, and the time the runs took. Compilation is not
 * counted: the plan needs the kernel itself anyway, and each variant is compiled once, if the device is fast enough for
 * it.
 */
export async function fastest(
  open: OpenTrial,
  kernel: Kernel,
  numbers: Numbers,
  now: () => number,
): Promise<{ readonly variant: Variant; readonly spentMs: number }> {
  const variants = kernel.variants!;
  const first = await makeReady(open, kernel, kernel, variants.sample(numbers, work.least));
  const started = now();
  const { own, once } = await fitSample(open, kernel, numbers, first);
  const sizedMs = now() - started;
  const suitable = variants.others(numbers, variants.work(own.sample.numbers) / once);
  const others = await Promise.all(
    suitable.map((variant) => makeReady(open, kernel, variant, own.sample).catch(unfit)),
  );
  const compared = now();
  const variant = await compare(own, others.filter((other) => other !== undefined), once);
  return { variant, spentMs: sizedMs + now() - compared };
}

/** The kernel itself on a sample that keeps the device busy for `enoughMs`, or on the bucket's full-size sample. */
async function fitSample(open: OpenTrial, kernel: Kernel, numbers: Numbers, first: Ready) {
  const variants = kernel.variants!;
  let own = first;
  for (let most = work.least;;) {
    const once = await own.trial.milliseconds(1);
    const isWhole = variants.work(own.sample.numbers) <= most / 2;
    if (once >= enoughMs || isWhole || most >= work.most) return { own, once };
    own.trial.free();
    most = Math.min(work.most, most * Math.min(64, Math.max(2, enoughMs / once)));
    own = await makeReady(open, kernel, kernel, variants.sample(numbers, most));
  }
}

/** Interleaved rounds; variants that are far slower after the first round drop out. */
async function compare(own: Ready, others: readonly Ready[], once: number): Promise<Variant> {
  const repeats = Math.min(mostRepeats, Math.max(1, Math.ceil(enoughMs / once)));
  const mine = { ...own, ms: Infinity };
  const candidates = [mine, ...others.map((other) => ({ ...other, ms: Infinity }))];
  try {
    for (let round = 0; round < rounds && others.length > 0; round++) {
      for (const one of candidates) {
        if (round > 0 && one.ms > farSlower * mine.ms) continue;
        one.ms = Math.min(one.ms, await one.trial.milliseconds(repeats));
      }
    }
  } finally {
    for (const { trial } of candidates) trial.free();
  }
  const best = candidates.reduce((a, b) => b.ms < a.ms ? b : a);
  return best.ms < worthwhile * mine.ms ? best.variant : own.variant;
}

/** Tolerates DeviceError: the device may lack something, such as workgroup memory or room for the sample. */
export function unfit(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error;
}
