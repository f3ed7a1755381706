// The four errors of halftone, by cause: the file, a limit of halftone, the machine, the configuration. Context
// (kernel, node, file) is added by wrapping at the borders; `where` is the path from outside in.

/** An error with the path to where it occurred, outermost first, e.g. `["model.onnx", 'Conv "stem"']`. */
export class HalftoneError extends Error {
  readonly where: readonly string[];
  constructor(message: string, options: { where?: readonly string[]; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.where = options.where ?? [];
    this.name = new.target.name;
  }
}

/** The model file, the data set or another input file is wrong. */
export class ModelError extends HalftoneError {}
/** The input is valid, but halftone cannot process it. */
export class UnsupportedError extends HalftoneError {}
/** The GPU, its driver or its memory failed. */
export class DeviceError extends HalftoneError {}
/** An option, a configuration key or a combination of them is wrong. */
export class ConfigError extends HalftoneError {}

/** Runs `work`; `place` is put before the path of a HalftoneError. Other errors pass unchanged. */
export function within<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw placed(place, error);
  }
}

/** `within` for asynchronous work. */
export async function withinAsync<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(place, error);
  }
}

function placed(place: string, error: unknown): unknown {
  if (!(error instanceof HalftoneError)) return error;
  const Kind = error.constructor as typeof HalftoneError;
  return new Kind(error.message, { where: [place, ...error.where], cause: error.cause ?? error });
}
