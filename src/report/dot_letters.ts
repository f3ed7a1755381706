// Letters as dots, 5 across and 8 down, for machines without fonts, such as slim containers, where libraries draw every
// letter as the same empty box.

/** From space to ~: five columns each, a byte per column in hexadecimal, the lowest bit on top. */
const columns = "0000000000" + "00005f0000" + "0007000700" + "147f147f14" + "242a7f2a12" + "2313086462" +
  "3649562050" + "0000070000" + "001c224100" + "0041221c00" + "2a1c7f1c2a" + "08083e0808" + "0080603000" +
  "0808080808" + "0000606000" + "2010080402" + "3e5149453e" + "00427f4000" + "7249494946" + "2141494d33" +
  "1814127f10" + "2745454539" + "3c4a494931" + "4121110907" + "3649494936" + "464949291e" + "0000240000" +
  "0040340000" + "0008142241" + "1414141414" + "4122140800" + "0201590906" + "3e415d594e" + "7c1211127c" +
  "7f49494936" + "3e41414122" + "7f4141413e" + "7f49494941" + "7f09090901" + "3e41415173" + "7f0808087f" +
  "00417f4100" + "2040413f01" + "7f08142241" + "7f40404040" + "7f021c027f" + "7f0408107f" + "3e4141413e" +
  "7f09090906" + "3e4151215e" + "7f09192946" + "2649494932" + "01017f0101" + "3f4040403f" + "1f2040201f" +
  "3f4038403f" + "6314081463" + "0304780403" + "6151494543" + "007f414100" + "0204081020" + "0041417f00" +
  "0402010204" + "8080808080" + "0001020400" + "2054547840" + "7f28444438" + "3844444428" + "384444287f" +
  "3854545418" + "00087e0902" + "18a4a49c78" + "7f08040478" + "00447d4000" + "40807d0000" + "7f10284400" +
  "00417f4000" + "7c04780478" + "7c08040478" + "3844444438" + "fc18242418" + "18242418fc" + "7c08040408" +
  "4854545424" + "04043f4424" + "3c4040207c" + "1c2040201c" + "3c4030403c" + "4428102844" + "4c9090907c" +
  "4464544c44" + "0008364100" + "0000770000" + "0041360800" + "0201020402";
const box = "7f4141417f";
/** Rows above the baseline. */
const ascent = 7;
/** Of a dot in em: letters are 0.6 em wide, as in Courier, and a column apart. */
const dot = 0.1;

const textElement = /<text ([^>]*)>([^<]*)<\/text>/g;

/** SVG of Graphviz with paths in place of texts. Letters beyond ASCII are boxes. */
export function drawDotLetters(svg: string): string {
  return svg.replace(textElement, (_, attributes: string, content: string) => {
    const valueOf = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(` ${attributes}`)?.[1];
    const [x, y, size] = ["x", "y", "font-size"].map((name) => Number(valueOf(name)));
    const letters = [...unescapeText(content)];
    const width = letters.length * 6 * dot * size;
    const left = valueOf("text-anchor") === "middle" ? x - width / 2 : x;
    const paths = letters.map((letter, i) => dotsOf(letter, left + i * 6 * dot * size, y, dot * size));
    return `<path fill="${valueOf("fill") ?? "black"}" d="${paths.join("")}"/>`;
  });
}

/** Squares in the columns of a letter; those below one another are one bar. */
function dotsOf(letter: string, left: number, baseline: number, edge: number): string {
  const at = (letter.codePointAt(0)! - 0x20) * 10;
  const hex = columns.slice(at, at + 10) || box;
  const bars: string[] = [];
  for (let column = 0; column < 5; column++) {
    const bits = parseInt(hex.slice(2 * column, 2 * column + 2), 16);
    for (let row = 0; row < 8; row++) {
      const start = row;
      while ((bits >> row) & 1) row++;
      if (row === start) continue;
      const corner = [left + column * edge, baseline + (start - ascent) * edge].map((one) => one.toFixed(2));
      bars.push(`M${corner}h${edge.toFixed(2)}v${((row - start) * edge).toFixed(2)}h-${edge.toFixed(2)}z`);
    }
  }
  return bars.join("");
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescapeText(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return named[name] ?? whole;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}
