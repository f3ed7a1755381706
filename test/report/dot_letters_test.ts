// Letters of dots, which pictures have on machines without fonts.
import assert from "node:assert/strict";
import test from "node:test";
import { drawDotLetters } from "../../src/report/dot_letters.ts";
import { dotOf } from "../../src/report/graph_picture.ts";
import { drawGraph, svgOf } from "../../src/report/graph_svg.ts";
import { small } from "./graph_pictures.ts";

const pathOf = (content: string, attributes = 'x="0" y="0" font-size="10"') =>
  drawDotLetters(`<text ${attributes}>${content}</text>`);

test("a bar per column of dots: 1 em is ten dots", () => {
  assert.equal(
    pathOf("|"),
    '<path fill="black" d="M2.00,-7.00h1.00v3.00h-1.00zM2.00,-3.00h1.00v3.00h-1.00z"/>',
  );
  assert.equal(pathOf(" "), '<path fill="black" d=""/>');
});

test("the middle of a text is where it is anchored, in its colour", () => {
  const anchored = pathOf("||", 'text-anchor="middle" x="50" y="20" font-size="10.00" fill="#1d4ed8"');
  assert.match(anchored, /^<path fill="#1d4ed8" d="M46\.00,13\.00h/);
  assert.match(anchored, /M52\.00,13\.00h/);
});

test("every letter of ASCII looks different from the others, and those beyond are boxes", () => {
  const letters = Array.from({ length: 95 }, (_, i) => pathOf(`&#${0x20 + i};`));
  assert.equal(new Set(letters).size, 95);
  assert.ok(!letters.includes(pathOf("层")));
  assert.equal(pathOf("é"), pathOf("😀"));
});

test("entities are the letters that they name", () => {
  for (
    const [entity, letter] of [["&amp;", "&#38;"], ["&lt;", "&#x3c;"], ["&gt;", ">"], ["&quot;", '"'], [
      "&#45;",
      "-",
    ]]
  ) {
    assert.equal(pathOf(entity), pathOf(letter));
  }
});

test("a picture of a graph has no text left, and everything else stays", async () => {
  const svg = svgOf(await drawGraph(dotOf(small)));
  const drawn = drawDotLetters(svg);
  assert.ok(svg.includes("</text>") && !drawn.includes("</text>"));
  assert.equal(
    drawn.replace(/<path fill="[^"]*" d="[^"]*"\/>/g, ""),
    svg.replace(/<text [^>]*>[^<]*<\/text>/g, ""),
  );
});
