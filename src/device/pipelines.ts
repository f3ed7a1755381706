// Pipelines by shader text and baked numbers: each distinct pair compiles once per device, concurrently with the
// others.
import { DeviceError } from "../error.ts";
import { type Call, type Kernel, nameOf } from "../kernels/kernel.ts";
import { type Contract, readContract, route } from "./contract.ts";
import { shaderText } from "./shaders.ts";

export type Pipeline = { readonly pipeline: GPUComputePipeline; readonly layout: GPUBindGroupLayout };
export type Prepared = {
  readonly contract: Contract;
  readonly bytes: ArrayBuffer;
  readonly pipeline: Promise<Pipeline>;
};

export type Pipelines = { prepare(call: Call): Prepared };

const computeStage = 4; // GPUShaderStage.COMPUTE, which Node has no global for

export function pipelinesFor(
  device: GPUDevice,
  textOf: (kernel: Kernel) => string = (kernel) => shaderText(kernel),
): Pipelines {
  const contracts = new Map<
    string,
    { key: string; label: string; contract: Contract; module: GPUShaderModule; layout: GPUBindGroupLayout }
  >();
  const compiled = new Map<string, Promise<Pipeline>>();

  function shaderOf(kernel: Kernel) {
    const key = JSON.stringify([kernel.stem, kernel.element, kernel.constants]);
    const known = contracts.get(key);
    if (known) return known;
    const contract = readContract(textOf(kernel));
    const label = nameOf(kernel);
    const entry = {
      key,
      label,
      contract,
      module: device.createShaderModule({ code: contract.code, label }),
      layout: device.createBindGroupLayout({ entries: contract.bindings.map(layoutEntry) }),
    };
    contracts.set(key, entry);
    return entry;
  }

  function prepare(call: Call): Prepared {
    const { key, label, contract, module, layout } = shaderOf(call.kernel);
    const { baked, bytes } = route(call.kernel, contract, call.numbers);
    const tuple = key + JSON.stringify(baked);
    let pipeline = compiled.get(tuple);
    if (!pipeline) {
      pipeline = compile(device, label, module, layout, baked);
      pipeline.catch(() => {});
      compiled.set(tuple, pipeline);
    }
    return { contract, bytes, pipeline };
  }

  return { prepare };
}

async function compile(
  device: GPUDevice,
  label: string,
  module: GPUShaderModule,
  layout: GPUBindGroupLayout,
  constants: Record<string, number>,
): Promise<Pipeline> {
  try {
    const pipeline = await device.createComputePipelineAsync({
      label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main", constants },
    });
    return { pipeline, layout };
  } catch (cause) {
    const details = await module.getCompilationInfo();
    const first = details.messages.find((message) => message.type === "error");
    const at = first ? `${first.lineNum}:${first.linePos} ${first.message}` : String(cause);
    throw new DeviceError(`Cannot compile a kernel: ${at}`, { where: [`${label}.wgsl`], cause });
  }
}

function layoutEntry({ index, access }: Contract["bindings"][number]): GPUBindGroupLayoutEntry {
  const type = access === "uniform" ? "uniform" : access === "read" ? "read-only-storage" : "storage";
  return { binding: index, visibility: computeStage, buffer: { type } };
}
