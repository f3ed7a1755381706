// Conversions between row-major and channels last, padded to four channels: the layout changes at the ends of a CNN.
import { kernel, type Numbers } from "./kernel.ts";

const grid = (n: Numbers) => [Math.ceil(n.tiles / 64)];

/** The numbers of a change of layout of `images` times `channels` times `pixels` elements. */
export function layoutNumbers(images: number, channels: number, pixels: number): Record<string, number> {
  const blocks = Math.ceil(channels / 4);
  return { tiles: images * blocks * Math.ceil(pixels / 4), pixels, channels, blocks };
}

/** For each element: row-major index and channels-last index (−1 = padding). */
function eachElement(n: Numbers, visit: (plain: number, last: number) => void) {
  const images = n.tiles / (n.blocks * Math.ceil(n.pixels / 4));
  const lanes = n.blocks * 4;
  for (let image = 0; image < images; image++) {
    for (let pixel = 0; pixel < n.pixels; pixel++) {
      for (let channel = 0; channel < lanes; channel++) {
        const plain = (image * n.channels + channel) * n.pixels + pixel;
        visit(channel < n.channels ? plain : -1, (image * n.pixels + pixel) * lanes + channel);
      }
    }
  }
}

export const toChannelsLast = kernel("to_channels_last", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    eachElement(n, (plain, last) => y[last] = plain < 0 ? 0 : x[plain]);
  },
});

export const fromChannelsLast = kernel("from_channels_last", {
  writes: ["y"],
  grid,
  reference({ x, y }, n) {
    eachElement(n, (plain, last) => {
      if (plain >= 0) y[plain] = x[last];
    });
  },
});
