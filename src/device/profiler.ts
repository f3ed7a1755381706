// Runs a program and times it. Timestamps are written before the upload's copies, around the compute pass (or around
// one pass per call) and after the read-back's copies; the host's share of each stage is measured by its clock and
// added. Staging buffers are kept between runs, so the steady state allocates nothing.
import { usage } from "./memory.ts";
import type { Feeds, Profile } from "../plan/machine.ts";
import {
  arrival,
  type Dispatch,
  inputsOf,
  outputBytes,
  readOutputs,
  recordOutputs,
  recordPass,
  type Resident,
} from "./resident.ts";

/** WebGPU's limit of timestamps per query set. */
const mostQueries = 4096;

export type Profiler = {
  run(feeds: Feeds, eachCall: boolean): Promise<Profile>;
  free(): void;
};

/** The buffers of one run in flight. */
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

/** Not negative: some drivers round neighbouring timestamps so that their difference is. */
const millisecondsBetween = (from: bigint, to: bigint) => Math.max(0, Number(to - from) / 1e6);

export function profiler(resident: Resident): Profiler {
  const { device, plan, steps } = resident;
  const idle = { whole: [] as Lane[], eachCall: [] as Lane[] };
  const all: Lane[] = [];
  const timed = device.features.has("timestamp-query");

  async function run(feeds: Feeds, eachCall: boolean): Promise<Profile> {
    const passes = eachCall && timed && steps.length > 0 ? steps.map((step) => [step]) : [steps];
    const lanes = passes.length === 1 ? idle.whole : idle.eachCall;
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const started = performance.now();
    const inputs = inputsOf(resident, feeds);
    let lane = lanes.pop();
    if (!lane) all.push(lane = openLane(resident, inputs, timed ? passes.length : undefined));
    const encoder = device.createCommandEncoder();
    const uploadedAt = recordAll(encoder, resident, lane, inputs, passes);
    device.queue.submit([encoder.finish()]);
    const enqueuedAt = performance.now();
    const writable = lane.upload.mapAsync(usage.mapWrite);
    await arrival(device, [lane.readBack.mapAsync(usage.mapRead), writable]);
    const arrivedAt = performance.now();
    const mapped = new Uint8Array(lane.readBack.getMappedRange()).slice();
    lane.readBack.unmap();
    const outputs = readOutputs(plan, plan.outputs, mapped);
    lanes.push(lane);
    const host = {
      outputs,
      enqueueMs: enqueuedAt - started,
      uploadMs: uploadedAt - started,
      computeMs: arrivedAt - enqueuedAt,
      readBackMs: performance.now() - arrivedAt,
      clock: "host" as const,
    };
    if (!lane.stamps) return host;
    const stamps = new BigUint64Array(mapped.buffer, outputBytes(plan.outputs), 2 * passes.length + 2);
    return withStamps(host, stamps, eachCall ? steps.length : undefined);
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

type Inputs = ReturnType<typeof inputsOf>;

/** `passes` is how many are timed; one more pair of timestamps encloses everything. */
function openLane({ device, plan }: Resident, inputs: Inputs, passes: number | undefined): Lane {
  const stamps = passes === undefined ? undefined : stampsFor(device, passes + 1);
  // Later runs of this lane may feed states.
  const stateBytes = (plan.states ?? []).reduce(
    (sum, { buffer }) => sum + 4 * plan.buffers.get(buffer)!.words,
    0,
  );
  const uploadBytes = inputs.reduce((sum, { words }) => sum + words.byteLength, stateBytes);
  return {
    upload: device.createBuffer({
      size: Math.max(16, uploadBytes),
      usage: usage.mapWrite | usage.copySrc,
      mappedAtCreation: true,
    }),
    readBack: device.createBuffer({
      size: Math.max(16, outputBytes(plan.outputs) + (stamps?.bytes ?? 0)),
      usage: usage.mapRead | usage.copyDst,
    }),
    stamps,
  };
}

/** Records upload, passes and read-back with their timestamps. Returns when the host had handed over its data. */
function recordAll(
  encoder: GPUCommandEncoder,
  resident: Resident,
  { upload, readBack, stamps }: Lane,
  inputs: Inputs,
  passes: readonly (readonly Dispatch[])[],
): number {
  const outer = stamps?.around(passes.length);
  if (outer) stampOnly(encoder, { ...outer, endOfPassWriteIndex: undefined });
  const staged = new Uint8Array(upload.getMappedRange());
  let at = 0;
  for (const { buffer, offset, words } of inputs) {
    staged.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at);
    encoder.copyBufferToBuffer(upload, at, buffer, offset, words.byteLength);
    at += words.byteLength;
  }
  upload.unmap();
  const uploadedAt = performance.now();
  passes.forEach((list, i) => recordPass(encoder, list, stamps?.around(i)));
  recordOutputs(encoder, resident, resident.plan.outputs, readBack);
  if (outer) stampOnly(encoder, { ...outer, beginningOfPassWriteIndex: undefined });
  if (stamps) collect(encoder, stamps, readBack, outputBytes(resident.plan.outputs));
  return uploadedAt;
}

/** The device's share of each stage; the last pair of timestamps encloses everything. */
function withStamps(host: Profile, stamps: BigUint64Array, calls: number | undefined): Profile {
  const passes = stamps.length / 2 - 1;
  const [first, last] = [stamps[0], stamps[2 * passes - 1]];
  const [begun, ended] = stamps.subarray(2 * passes);
  const each = Array.from(
    { length: passes },
    (_, i) => millisecondsBetween(stamps[2 * i], stamps[2 * i + 1]),
  );
  return {
    ...host,
    uploadMs: host.uploadMs + millisecondsBetween(begun, first),
    computeMs: millisecondsBetween(first, last),
    readBackMs: millisecondsBetween(last, ended) + host.readBackMs,
    clock: "gpu",
    ...(calls !== undefined && { callMs: each.slice(0, calls) }),
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

/** WebGPU writes timestamps only at the ends of passes: an empty pass marks a moment. */
function stampOnly(encoder: GPUCommandEncoder, timestampWrites: GPUComputePassTimestampWrites) {
  encoder.beginComputePass({ timestampWrites }).end();
}

function collect(encoder: GPUCommandEncoder, stamps: Stamps, readBack: GPUBuffer, at: number) {
  stamps.sets.forEach((set, i) => {
    encoder.resolveQuerySet(set, 0, set.count, stamps.resolved, 8 * mostQueries * i);
  });
  encoder.copyBufferToBuffer(stamps.resolved, 0, readBack, at, stamps.bytes);
}
