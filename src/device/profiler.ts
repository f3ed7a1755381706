// A program's runs with their times. Timestamps stand before the upload's copies, around the compute pass (or around
// each call's own) and after the read-back's copies; the host's part of a stage is timed by its clock and added. Staging
// buffers are kept between runs, so that a steady state allocates nothing.
import type { Feeds, Profile } from "../plan/machine.ts";
import {
  arrival,
  inputsOf,
  outputBytes,
  readOutputs,
  record,
  recordOutputs,
  type Resident,
} from "./program.ts";
import { usage } from "./program.ts";

/** WebGPU's most timestamps in one query set. */
const mostQueries = 4096;

export type Profiler = {
  run(feeds: Feeds, eachCall: boolean): Promise<Profile>;
  free(): void;
};

/** What one run in flight needs. */
type Lane = {
  /** Mapped for writing while the lane is idle. */
  readonly upload: GPUBuffer;
  readonly readBack: GPUBuffer;
  readonly stamps?: Stamps;
};

type Stamps = {
  readonly sets: readonly GPUQuerySet[];
  readonly resolved: GPUBuffer;
  readonly bytes: number;
  /** Timestamps to write at both ends of a pass: numbers 2 · pair and 2 · pair + 1. */
  readonly around: (pair: number) => GPUComputePassTimestampWrites;
};

/** Some drivers round a difference of neighbouring stamps below zero. */
const elapsed = (from: bigint, to: bigint) => Math.max(0, Number(to - from) / 1e6);

export function profiler(resident: Resident): Profiler {
  const { device, plan, steps } = resident;
  const idle = { whole: [] as Lane[], eachCall: [] as Lane[] };
  const all: Lane[] = [];
  const timed = device.features.has("timestamp-query");

  function openLane(uploadBytes: number, pairs: number): Lane {
    const stamps = timed ? stampsFor(device, pairs) : undefined;
    const lane = {
      upload: device.createBuffer({
        size: Math.max(16, uploadBytes),
        usage: usage.mapWrite | usage.copySrc,
        mappedAtCreation: true,
      }),
      readBack: device.createBuffer({
        size: Math.max(16, outputBytes(plan) + (stamps?.bytes ?? 0)),
        usage: usage.mapRead | usage.copyDst,
      }),
      stamps,
    };
    all.push(lane);
    return lane;
  }

  async function run(feeds: Feeds, eachCall: boolean): Promise<Profile> {
    const passes = eachCall && timed ? steps.map((step) => [step]) : [steps];
    const lanes = passes.length === 1 ? idle.whole : idle.eachCall;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const started = performance.now();
    const inputs = inputsOf(resident, feeds);
    const lane = lanes.pop() ??
      openLane(inputs.reduce((sum, { words }) => sum + words.byteLength, 0), passes.length + 1);
    const encoder = device.createCommandEncoder();
    const outer = lane.stamps?.around(passes.length);
    if (outer) stampOnly(encoder, { ...outer, endOfPassWriteIndex: undefined });
    const staged = new Uint8Array(lane.upload.getMappedRange());
    let at = 0;
    for (const { buffer, offset, words } of inputs) {
      staged.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at);
      encoder.copyBufferToBuffer(lane.upload, at, buffer, offset, words.byteLength);
      at += words.byteLength;
    }
    lane.upload.unmap();
    const filled = performance.now();
    passes.forEach((list, i) => record(encoder, list, lane.stamps?.around(i)));
    recordOutputs(encoder, resident, lane.readBack);
    if (outer) stampOnly(encoder, { ...outer, beginningOfPassWriteIndex: undefined });
    if (lane.stamps) collect(encoder, lane.stamps, lane.readBack, outputBytes(plan));
    device.queue.submit([encoder.finish()]);
    const enqueued = performance.now();
    const writable = lane.upload.mapAsync(usage.mapWrite);
    await arrival(device, [lane.readBack.mapAsync(usage.mapRead), writable]);
    const arrived = performance.now();
    const mapped = new Uint8Array(lane.readBack.getMappedRange()).slice();
    lane.readBack.unmap();
    const outputs = readOutputs(plan, mapped);
    const read = performance.now() - arrived;
    lanes.push(lane);
    const host = { outputs, enqueueMs: enqueued - started, uploadMs: filled - started };
    if (!lane.stamps) return { ...host, computeMs: arrived - enqueued, readBackMs: read, clock: "host" };
    const stamps = new BigUint64Array(mapped.buffer, outputBytes(plan), 2 * passes.length + 2);
    const [first, last] = [stamps[0], stamps[2 * passes.length - 1]];
    const [begun, ended] = stamps.subarray(2 * passes.length);
    return {
      ...host,
      uploadMs: host.uploadMs + elapsed(begun, first),
      computeMs: elapsed(first, last),
      readBackMs: elapsed(last, ended) + read,
      clock: "gpu",
      ...(eachCall && { callMs: passes.map((_, i) => elapsed(stamps[2 * i], stamps[2 * i + 1])) }),
    };
  }

  return {
    run,
    free() {
      for (const { upload, readBack, stamps } of all) {
        for (const one of [upload, readBack, stamps?.resolved, ...stamps?.sets ?? []]) one?.destroy();
      }
    },
  };
}

function stampsFor(device: GPUDevice, pairs: number): Stamps {
  const sets: GPUQuerySet[] = [];
  for (let left = 2 * pairs; left > 0; left -= mostQueries) {
    sets.push(device.createQuerySet({ type: "timestamp", count: Math.min(left, mostQueries) }));
  }
  const bytes = 16 * pairs;
  const resolved = device.createBuffer({ size: bytes, usage: usage.queryResolve | usage.copySrc });
  const around = (pair: number) => ({
    querySet: sets[Math.floor(2 * pair / mostQueries)],
    beginningOfPassWriteIndex: 2 * pair % mostQueries,
    endOfPassWriteIndex: 2 * pair % mostQueries + 1,
  });
  return { sets, resolved, bytes, around };
}

/** WebGPU writes timestamps at the ends of passes only: one that computes nothing marks a moment. */
function stampOnly(encoder: GPUCommandEncoder, timestampWrites: GPUComputePassTimestampWrites) {
  encoder.beginComputePass({ timestampWrites }).end();
}

function collect(encoder: GPUCommandEncoder, stamps: Stamps, readBack: GPUBuffer, at: number) {
  stamps.sets.forEach((set, i) => {
    encoder.resolveQuerySet(set, 0, set.count, stamps.resolved, 8 * mostQueries * i);
  });
  encoder.copyBufferToBuffer(stamps.resolved, 0, readBack, at, stamps.bytes);
}
