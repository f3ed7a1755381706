// Whether a plan that was read from a file is consistent: every buffer inside its home, every port inside its buffer.
import { alignmentBytes } from "../plan/place.ts";
import type { Plan, PlanBuffer } from "../plan/plan.ts";
import { elementCount } from "../tensor/shape.ts";

/** @throws RangeError naming the first buffer, port or call that cannot be. */
export function checkPlan(plan: Plan): void {
  for (const [name, buffer] of plan.buffers) {
    const trouble = troubleOf(plan, buffer);
    if (trouble !== undefined) throw new RangeError(`buffer "${name}" ${trouble}`);
  }
  for (const { name, buffer, shape } of [...plan.inputs, ...plan.outputs, ...plan.states ?? []]) {
    const { words } = plan.buffers.get(buffer)!;
    if (elementCount(shape) <= words) continue;
    throw new RangeError(`"${name}" has ${elementCount(shape)} elements, its buffer ${words} words`);
  }
  for (const { kernel, buffers } of plan.calls) {
    const unbound = kernel.writes.find((binding) => buffers[binding] === undefined);
    if (unbound !== undefined) throw new RangeError(`a call of ${kernel.stem} has no buffer "${unbound}"`);
  }
}

function troubleOf({ arenaBytes, segmentBytes = Infinity, buffers }: Plan, buffer: PlanBuffer) {
  const bytes = buffer.words * 4;
  if (buffer.home === "resident") return undefined;
  if (buffer.home === "constant" || buffer.home === "state") {
    const count = elementCount(buffer.tensor.shape);
    return count > buffer.words ? `has ${buffer.words} words for ${count} elements` : undefined;
  }
  const { offset } = buffer;
  if (offset % alignmentBytes !== 0) {
    return `begins at ${offset}, which is not a multiple of ${alignmentBytes}`;
  }
  if (buffer.home === "window") {
    const root = buffers.get(buffer.of)!;
    if (root.home === "window") return `is a window of a window`;
    return offset + bytes > root.words * 4 ? `leaves "${buffer.of}"` : undefined;
  }
  const crosses =
    Math.floor(offset / segmentBytes) !== Math.floor((offset + Math.max(bytes, 1) - 1) / segmentBytes);
  return offset + bytes > arenaBytes || crosses ? "leaves the arena" : undefined;
}
