// WebGPU does not bind a writable buffer twice: a buffer that a call reads twice (x · x) is copied first.
import { copyNumbers, copyStrided } from "../kernels/copy_strided.ts";
import { type Call, call, withElement } from "../kernels/kernel.ts";
import type { Scratch } from "../ops/declare/op.ts";
import type { Drafts } from "./draft.ts";
import { bindingBytes } from "./limits.ts";

/** The call, preceded by copies of buffers that it would bind twice. */
export function unalias(one: Call, drafts: Drafts, scratch: Scratch): Call[] {
  const buffers: Record<string, string | undefined> = {};
  const copies: Call[] = [];
  for (const [binding, name] of Object.entries(one.buffers)) {
    buffers[binding] = name;
    if (name === undefined) continue;
    if (!Object.values(buffers).slice(0, -1).some((other) => overlap(drafts, name, other))) continue;
    const { words, type } = drafts.get(name)!;
    buffers[binding] = scratch(words, type);
    const axis = { count: words, inStride: 1, outStride: 1 };
    copies.push(call(withElement(copyStrided, type), { x: name, y: buffers[binding] }, copyNumbers([axis])));
  }
  return copies.length === 0 ? [one] : [...copies, { ...one, buffers }];
}

function overlap(drafts: Drafts, name: string, other: string | undefined): boolean {
  if (name === other || other === undefined) return name === other;
  const [a, b] = [name, other].map((one) => {
    const { words, window: { of, offset } = { of: one, offset: 0 } } = drafts.get(one)!;
    return { of, offset, end: offset + bindingBytes(words) };
  });
  return a.of === b.of && a.offset < b.end && b.offset < a.end;
}
