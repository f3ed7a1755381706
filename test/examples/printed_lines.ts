// What an example prints while it is imported.

export async function printedLines(example: string): Promise<string[]> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (...words: unknown[]) => lines.push(...words.map(String).join(" ").split("\n"));
  try {
    await import(`../../examples/${example}.ts`);
  } finally {
    console.log = log;
  }
  return lines;
}
