// Compiles a shader with the baked numbers of rows; messages give stem, line and reason.
import type { Contract } from "../src/device/contract.ts";

/** Errors and warnings of the module, and of a pipeline per tuple of constants. */
export async function compile(
  device: GPUDevice,
  stem: string,
  { code, bindings }: Contract,
  tuples: readonly Record<string, number>[],
): Promise<string[]> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code, label: stem });
  const { messages } = await module.getCompilationInfo();
  const found = messages.map(({ type, lineNum, linePos, message }) => {
    return `${stem}.wgsl:${lineNum}:${linePos} ${type}: ${message}`;
  });
  const entries = bindings.map(({ index, access }): GPUBindGroupLayoutEntry => {
    const type = access === "uniform" ? "uniform" : access === "read" ? "read-only-storage" : "storage";
    return { binding: index, visibility: 4, buffer: { type } };
  });
  const layout = device.createPipelineLayout({
    bindGroupLayouts: [device.createBindGroupLayout({ entries })],
  });
  for (const constants of tuples) {
    const compute = { module, entryPoint: "main", constants };
    await device.createComputePipelineAsync({ layout, compute }).catch((error) => {
      found.push(`${stem}.wgsl with ${JSON.stringify(constants)}: ${error.message}`);
    });
  }
  const error = await device.popErrorScope();
  if (error && found.length === 0) found.push(`${stem}.wgsl: ${error.message}`);
  return found;
}
