// Dawn polls with setImmediate while it waits for the GPU, making a native function each time. That keeps a core busy
// (a third of a two-core machine's throughput on llvmpipe), and Deno needs seconds to free the functions (Deno 2.9: 3 s
// for every 0.4 s of waiting). So its polling is paced: immediate for short waits, then once per millisecond.
const eagerPolls = 50;
const pauseMs = 1;

let polls = 0;
let lastPoll = 0;

/** Paces native callbacks of setImmediate, which only Dawn passes; call before Dawn is loaded. */
export function pacePolling(): void {
  const host = globalThis as typeof globalThis & {
    setImmediate: typeof setImmediate & { setPacedImmediate?: true };
  };
  if (host.setImmediate.setPacedImmediate) return;
  const immediate = host.setImmediate;
  const paced = (callback: (...given: unknown[]) => void, ...given: unknown[]) => {
    if (!isNative(callback)) return immediate(callback, ...given);
    const now = performance.now();
    polls = now - lastPoll > 10 * pauseMs ? 0 : polls + 1;
    lastPoll = now;
    return polls < eagerPolls ? immediate(callback, ...given) : setTimeout(callback, pauseMs, ...given);
  };
  host.setImmediate = Object.assign(paced, { paced: true }) as unknown as typeof host.setImmediate;
}

function isNative(callback: unknown): boolean {
  return Function.prototype.toString.call(callback).includes("[native code]");
}
