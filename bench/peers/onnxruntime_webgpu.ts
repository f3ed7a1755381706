// A model in ONNX Runtime's WebGPU provider. It has its own Dawn, which looks for Vulkan drivers as halftone's does:
// VK_ICD_FILENAMES must name one before the first session opens (bench/driver.ts).
import { InferenceSession } from "onnxruntime-node";
import { patient, type Peer, peerOver } from "./onnxruntime.ts";

export const layouts = ["NCHW", "NHWC"] as const;
export type PeerLayout = (typeof layouts)[number];

/** `onGpu`: true if no node fell back to the CPU provider. */
export type WebgpuPeer = Peer & { readonly layout: PeerLayout; readonly onGpu: boolean };

export async function openWebgpuPeer(path: string, layout: PeerLayout): Promise<WebgpuPeer> {
  const open = (more: object) =>
    InferenceSession.create(path, {
      logSeverityLevel: 3,
      executionProviders: [{ name: "webgpu", preferredLayout: layout }],
      extra: { session: { ...patient, ...more } },
    });
  try {
    return { ...peerOver(await open({ disable_cpu_ep_fallback: "1" })), layout, onGpu: true };
  } catch (error) {
    // The only refusal for which a session without the option helps; anything else is a failure.
    if (!/fallback to CPU EP/.test((error as Error).message)) throw error;
    return { ...peerOver(await open({})), layout, onGpu: false };
  }
}
