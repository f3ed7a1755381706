// A model in ONNX Runtime's CPU provider.
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Feeds, Outputs } from "../../src/plan/machine.ts";
import { floats, tensorOver } from "../../src/tensor/tensor.ts";

export type Peer = { run(feeds: Feeds): Promise<Outputs>; close(): Promise<void> };

/** Spinning threads would take the cores from a software adapter. */
export const patient = { intra_op: { allow_spinning: "0" } } as const;

export async function openPeer(path: string): Promise<Peer> {
  return peerOver(
    await InferenceSession.create(path, { logSeverityLevel: 3, extra: { session: patient } }),
  );
}

export function peerOver(session: InferenceSession): Peer {
  return {
    async run(feeds) {
      const named = [...feeds].map(([name, feed]) => [name, new Tensor("float32", floats(feed), feed.shape)]);
      const outputs = await session.run(Object.fromEntries(named));
      return new Map(
        Object.entries(outputs).map(([name, { data, dims }]) =>
          [name, tensorOver("float32", dims, data as Float32Array)] as const
        ),
      );
    },
    close: () => session.release(),
  };
}
