// Image files to pixels. Colours match Pillow's `image.convert("RGB")`: alpha is dropped, embedded colour profiles and
// the EXIF orientation are ignored. Formats are those of sharp (PNG, JPEG, WebP, GIF, TIFF, AVIF, SVG).
import sharp from "sharp";

/** Eight-bit levels, row by row, channels interleaved: three for RGB, one for grey. */
export type Pixels = {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
};

// Each file is read once per sweep, so a cache would only take memory.
sharp.cache(false);

// Like Pillow, accept files that only cause warnings; a truncated file is an error.
const options = { failOn: "error", ignoreIcc: true, limitInputPixels: 2 ** 26 } as const;
/** The header gives the size, which messages report. */
const anySize = { ...options, limitInputPixels: false } as const;
/** An SVG can declare any size in a few bytes, and filters cost time per pixel. */
const mostDrawnPixels = 2 ** 22;

/** Decodes the first page of an image file to RGB; rejects with sharp's error if it cannot. */
export async function decodeImage(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file, options).removeAlpha().toColourspace("srgb").raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, channels: 3, data: info.channels === 3 ? data : threefold(data, info.channels) };
}

/** Width and height of an image file as stored, without decoding its pixels; rejects images too large to decode. */
export async function imageExtent(file: string): Promise<{ width: number; height: number }> {
  const { width, height, format } = await sharp(file, anySize).metadata();
  const [what, most] = format === "svg"
    ? ["a drawing", mostDrawnPixels]
    : ["an image", options.limitInputPixels];
  if (width * height > most) {
    throw new Error(`it is ${what} of ${width}x${height}, expected at most ${most} pixels`);
  }
  return { width, height };
}

/** RGB to grey with Pillow's weights (ITU-R 601-2, 16-bit fixed point). */
export function toGrey({ width, height, channels, data }: Pixels): Pixels {
  if (channels === 1) return { width, height, channels, data };
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (data[3 * i] * 19595 + data[3 * i + 1] * 38470 + data[3 * i + 2] * 7471 + 0x8000) >> 16;
  }
  return { width, height, channels: 1, data: grey };
}

function threefold(data: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels];
  return rgb;
}
