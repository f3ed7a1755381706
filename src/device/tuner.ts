// Chooses kernel variants by measuring them on the device, per bucket of calls, not by vendor. A measurement takes
// milliseconds. Once the allowance is spent, undecided buckets take the choice of the kernel's busiest decided bucket,
// and are measured by a later process.
import { type Call, type Kernel, type MatrixShape, nameOf, type Variants } from "../kernels/kernel.ts";
import { bindingBytes, type Limits, noLimits } from "../plan/limits.ts";
import type { Plan, PlanBuffer } from "../plan/plan.ts";
import type { Choices, ChoiceTable } from "./choices.ts";
import { fastest, unfit } from "./fastest.ts";
import type { OpenTrial } from "./trial.ts";
import { callsOf, restrictVariants, scratchName, scratchWords, shadersHash, variantFor } from "./variants.ts";

/** Measuring stops after this time per process; bounded by the start-up benchmark. */
const allowanceMs = 250;

export type Tuner = (plan: Plan) => Promise<Plan>;

/** Returns a function that replaces a plan's calls by their fastest variants. */
export function tunerFor(
  { open, choices, now, limits = noLimits, matrices = [], hash = shadersHash }: {
    open: OpenTrial;
    choices: Choices;
    now: () => number;
    limits?: Limits;
    matrices?: readonly MatrixShape[];
    hash?: typeof shadersHash;
  },
): Tuner {
  /** Names of variants by kernel and bucket, measured now or before. */
  const chosen = new Map<string, string>();
  /** Names of variants by kernel: the choice for the first bucket that was decided. */
  const likely = new Map<string, string>();
  let known: Promise<ChoiceTable> | undefined;
  let spentMs = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function settle(buckets: readonly Bucket[]): Promise<void> {
    const before = await (known ??= choices.read());
    const found: Record<string, ChoiceTable[string]> = {};
    for (const { key, kernel, variants, bucket, call } of buckets) {
      if (chosen.has(key)) continue;
      const shaders = hash(kernel, variants.others(call.numbers, Infinity));
      const kept = before[kernel.stem]?.[bucket];
      if (kept?.shaders === shaders) {
        decide(key, kernel, kept.chosen);
        continue;
      }
      if (spentMs >= allowanceMs) continue;
      const measured = await fastest(open, kernel, call.numbers, now).catch(unfit);
      decide(key, kernel, nameOf(measured?.variant ?? kernel));
      if (!measured) continue;
      spentMs += measured.spentMs;
      const choice = { shaders, chosen: nameOf(measured.variant) };
      found[kernel.stem] = { ...found[kernel.stem], [bucket]: choice };
    }
    if (Object.keys(found).length > 0) await choices.add(found);
  }

  function decide(key: string, { stem }: Kernel, choice: string) {
    chosen.set(key, choice);
    if (!likely.has(stem)) likely.set(stem, choice);
  }

  async function tunePlan(plan: Plan): Promise<Plan> {
    const buckets = bucketsOf(plan, matrices);
    if (buckets.length === 0) return plan;
    await settle(buckets);
    const choose = (call: Call) => chosen.get(keyOf(call.kernel, call)) ?? likely.get(call.kernel.stem);
    return withVariants(plan, choose, limits);
  }

  // One plan after the other: measurements must not overlap.
  return (plan) => {
    const result = last.then(() => tunePlan(plan));
    last = result.catch(() => {});
    return result;
  };
}

type Bucket = { key: string; kernel: Kernel; variants: Variants; bucket: string; call: Call };

function keyOf(kernel: Kernel, call: Call): string {
  return `${kernel.stem} ${kernel.variants?.bucket(call.numbers)}`;
}

/** The buckets of a plan's calls, those with most work first. */
function bucketsOf(plan: Plan, matrices: readonly MatrixShape[]): Bucket[] {
  const found = new Map<string, Bucket & { total: number }>();
  for (const call of [...plan.once, ...plan.calls]) {
    const { numbers } = call;
    const kernel = restrictVariants(call.kernel, matrices);
    const { variants } = kernel;
    if (!variants) continue;
    const key = keyOf(kernel, call);
    const total = (found.get(key)?.total ?? 0) + variants.work(numbers);
    found.set(key, { key, kernel, variants, bucket: variants.bucket(numbers), call, total });
  }
  return [...found.values()].sort((a, b) => b.total - a.total);
}

/** The plan with the variants that `choose` names, except where their scratch buffer cannot be bound. */
export function withVariants(
  plan: Plan,
  choose: (call: Call) => string | undefined,
  limits: Limits = noLimits,
): Plan {
  let words = 0;
  const replace = (call: Call): readonly Call[] => {
    const variant = call.kernel.variants ? variantFor(call, choose(call)) : call.kernel;
    const needed = scratchWords(variant, call.numbers);
    if (variant === call.kernel || bindingBytes(needed) > limits.bindingBytes) return [call];
    words = Math.max(words, needed);
    return callsOf(variant, call);
  };
  const [once, calls] = [plan.once.flatMap(replace), plan.calls.flatMap(replace)];
  if (words === 0) return { ...plan, once, calls };
  const scratch: PlanBuffer = { words, type: "f32", home: "resident" };
  return { ...plan, once, calls, buffers: new Map([...plan.buffers, [scratchName, scratch]]) };
}
