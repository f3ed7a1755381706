// When what happens in a training: learning rates, readings and judgements, all functions of the step alone, so that a
// resumed run does what an uninterrupted one does.
import { cosine } from "../gradient/steps.ts";

/** A linear rise over the first steps, then half a cosine down to zero (arXiv 1608.03983). */
export function rateAt(rate: number, index: number, steps: number, warmUp: number): number {
  if (index < warmUp) return rate * (index + 1) / (warmUp + 1);
  return cosine(rate, index - warmUp, steps - warmUp);
}

/** A twentieth of the steps, at most a hundred. */
export function warmUpOf(steps: number): number {
  return Math.min(100, Math.floor(steps / 20));
}

/** Steps for so many passes over the samples that are trained on. */
export function stepsOf(epochs: number, count: number, batch: number): number {
  return Math.max(1, epochs * Math.floor(count / batch));
}

/** Samples that are judged by, a tenth, in whole batches; none are held out where so few would say nothing. */
export function heldOutCount(count: number, batch = 1): number {
  return count < 40 ? 0 : Math.floor(count / 10 / batch) * batch;
}

/** Whether a step ends a period, or is the last. */
export function endsPeriod(index: number, period: number, steps: number): boolean {
  return (index + 1) % period === 0 || index + 1 === steps;
}
