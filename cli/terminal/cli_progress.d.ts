// What this program uses of cli-progress 3.12, which has no types of its own.
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
