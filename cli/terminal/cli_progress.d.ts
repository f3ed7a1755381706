// The part of cli-progress 3.12 that this program uses; the package has no types.
declare module "cli-progress" {
  export class SingleBar {
    constructor(options: {
      stream: NodeJS.WritableStream;
      format: string;
      hideCursor: boolean;
      clearOnComplete: boolean;
      gracefulExit: boolean;
      barsize: number;
    });
    start(total: number, done: number, payload: Record<string, string>): void;
    update(done: number, payload: Record<string, string>): void;
    stop(): void;
  }
}
