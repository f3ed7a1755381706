// Which of a kernel's variants is the fastest on a device, in a few milliseconds: interleaved runs, least times.
import { DeviceError } from "../error.ts";
import type { Kernel, Numbers, Sample, Variant } from "../kernels/kernel.ts";
import type { OpenTrial, Trial } from "./trial.ts";

/** Enough to see past one hiccup. */
const rounds = 4;
/** Times that are shorter drown in those of starting and of clocks. */
const enoughMs = 0.25;
const mostRepeats = 32;
/** A sample grows from what a software adapter does in a millisecond to what a large GPU does in a fraction of one. */
const work = { least: 2 ** 20, most: 2 ** 29 };
/** A variant that takes so many times as long is not worth further rounds. */
const farSlower = 1.5;
/** To be preferred, a variant must save a twentieth: less is noise. */
const worthwhile = 0.95;

/** A variant that has run once on a sample: what it needs is compiled. */
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
 * The fastest of a kernel with variants in the bucket of these numbers, and what the runs took. Compiling is not counted:
 * the kernel itself the plan needs anyway, and each variant is compiled once, where the device is fast enough for it.
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

/** The kernel itself on a sample that keeps the device busy for a while, or on the bucket's whole one. */
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

/** Interleaved rounds; who is far slower after the first has no further ones. */
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

/** The device may lack what a kernel asks for, such as workgroup memory or room for its sample. */
export function unfit(error: unknown): undefined {
  if (!(error instanceof DeviceError)) throw error;
}
