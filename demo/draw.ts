// Draws the pictures of the demo: 32×32 RGB PNGs of eight shapes with random colours, positions, sizes and angles on
// noisy gradients. Hard enough that a small network misclassifies a few percent, so that the cost of quantization
// shows.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { normals, seedOf, uniform } from "../src/tensor/seeded.ts";

const edge = 32;
/** A pixel's coverage is sampled on a 3×3 grid. */
const grid = [-1 / 3, 0, 1 / 3];

/** Whether a point is inside a shape that roughly fills the unit disc; `vary` in [0, 1) changes its proportions. */
type Inside = (x: number, y: number, vary: number) => boolean;

const inDisc = (x: number, y: number) => x * x + y * y < 1;
const odd = (cells: number) => ((Math.floor(cells) % 2) + 2) % 2 === 1;

const shapes: Record<string, Inside> = {
  checker: (x, y, vary) => inDisc(x, y) && odd(Math.floor(x * (1.6 + vary)) + Math.floor(y * (1.6 + vary))),
  circle: (x, y) => inDisc(x, y),
  cross: (x, y, vary) => {
    const arm = 0.2 + 0.15 * vary;
    return Math.max(Math.abs(x), Math.abs(y)) < 0.95 && Math.min(Math.abs(x), Math.abs(y)) < arm;
  },
  ring: (x, y, vary) => inDisc(x, y) && Math.hypot(x, y) > 0.45 + 0.25 * vary,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  star: (x, y, vary) => insideStar(x, y, 0.4 + 0.15 * vary),
  stripes: (x, y, vary) => inDisc(x, y) && odd(x * (2 + 1.5 * vary)),
  triangle: (x, y) => y < 0.5 && y > -1 + Math.abs(x) * Math.sqrt(3),
};

/** The classes by index. */
export const shapeNames: readonly string[] = Object.keys(shapes).sort();

/** Five points of radius 1, notches of radius `notch`. */
function insideStar(x: number, y: number, notch: number): boolean {
  const sector = (2 * Math.PI) / 5;
  const turned = Math.atan2(x, -y) + 2 * Math.PI;
  const angle = Math.abs((turned % sector) - sector / 2);
  // The edge runs from the notch, at angle 0 here, to the point, at half a sector.
  const [px, py] = [Math.cos(sector / 2), Math.sin(sector / 2)];
  const [qx, qy] = [Math.hypot(x, y) * Math.cos(angle), Math.hypot(x, y) * Math.sin(angle)];
  return (qx - notch) * py - qy * (px - notch) < 0;
}

/**
 * Draws `perClass` pictures of each shape into FOLDER/SHAPE/0000.png and so on. A picture depends only on the seed, its
 * shape and its number: the same seed gives the same bytes.
 */
export async function drawPictures(folder: string, perClass: number, seed: number): Promise<void> {
  for (const [index, name] of shapeNames.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let first = 0; first < perClass; first += 16) {
      const numbers = Array.from({ length: Math.min(16, perClass - first) }, (_, i) => first + i);
      await Promise.all(numbers.map((number) => {
        const pixels = drawShape(shapes[name], seedOf(seedOf(seed, index), number));
        const file = join(folder, name, `${String(number).padStart(4, "0")}.png`);
        return sharp(pixels, { raw: { width: edge, height: edge, channels: 3 } }).png().toFile(file);
      }));
    }
  }
}

type Scene = {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
  readonly vary: number;
  readonly colour: readonly number[];
  readonly background: readonly number[];
  readonly slope: readonly number[];
  readonly noise: number;
};

function randomScene(seed: number): Scene {
  const next = uniform(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const radius = between(5.5, 13);
  const background = [between(30, 225), between(30, 225), between(30, 225)];
  return {
    radius,
    x: between(radius, edge - radius),
    y: between(radius, edge - radius),
    angle: between(0, 2 * Math.PI),
    vary: next(),
    background,
    colour: contrasting(background, between(36, 150), next),
    slope: [between(-1.5, 1.5), between(-1.5, 1.5)],
    noise: between(4, 28),
  };
}

/** A colour at a given distance from another, in a random direction that stays within 0..255. */
function contrasting(from: readonly number[], distance: number, next: () => number): number[] {
  for (;;) {
    const direction = from.map(() => 2 * next() - 1);
    const length = Math.hypot(...direction);
    const colour = from.map((level, c) => level + (direction[c] / length) * distance);
    if (length <= 1 && colour.every((level) => level >= 0 && level <= 255)) return colour;
  }
}

function drawShape(inside: Inside, seed: number): Uint8Array {
  const scene = randomScene(seed);
  const noise = normals(edge * edge * 3, seedOf(seed, 1));
  const pixels = new Uint8Array(edge * edge * 3);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y, channel] = [Math.floor(at / 3) % edge, Math.floor(at / 3 / edge), at % 3];
    const covered = coverage(inside, scene, x, y);
    const shade = scene.slope[0] * (x - edge / 2) + scene.slope[1] * (y - edge / 2);
    const level = scene.background[channel] + shade;
    const mixed = level + covered * (scene.colour[channel] - level) + noise[at] * scene.noise;
    pixels[at] = Math.min(Math.max(Math.round(mixed), 0), 255);
  }
  return pixels;
}

/** The share of a pixel that is inside, 0..1. */
function coverage(
  inside: Inside,
  { x: left, y: top, radius, angle, vary }: Scene,
  x: number,
  y: number,
): number {
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  let hits = 0;
  for (const dy of grid) {
    for (const dx of grid) {
      const [px, py] = [x + 0.5 + dx - left, y + 0.5 + dy - top];
      if (inside(px * cos + py * sin, py * cos - px * sin, vary)) hits++;
    }
  }
  return hits / 9;
}
