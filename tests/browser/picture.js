// Pictures for journeys, packed here so that every pixel is known, and ways to give them to a page.

import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

const CRC = Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});
const crc = (bytes) => (bytes.reduce((sum, byte) => CRC[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

function chunk(kind, body) {
  const framed = Buffer.concat([Buffer.from(kind), body]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc(framed));
  return Buffer.concat([length, framed, sum]);
}

/** A PNG of such rows; each begins with a byte that says it is stored as it is. */
function wrapped([width, height], [depth, kind], rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, kind, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A PNG whose pixels are `[red, green, blue, alpha]`; `pretended` is what its header says instead of its size. */
export function png(width, height, pixel, pretended = [width, height]) {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0, at = 0; y < height; y++) {
    at++;
    for (let x = 0; x < width; x++, at += 4) rows.set(pixel(x, y), at);
  }
  return wrapped(pretended, [8, 6], rows);
}

/** A PNG of one row of greys, each a number of 16 bits. */
export function greys(values) {
  const row = Buffer.alloc(1 + 2 * values.length);
  values.forEach((value, at) => row.writeUInt16BE(value, 1 + 2 * at));
  return wrapped([values.length, 1], [16, 0], row);
}

/** A GIF whose frames are each one colour, `[red, green, blue]`, and shown for a second. */
export function gif(width, height, [first, second]) {
  const frame = (colour) => {
    // After each pixel the table is forgotten, so that every code has three bits: 4 forgets, 5 ends.
    const codes = [...Array.from({ length: width * height }, () => [4, colour]).flat(), 5];
    const packed = Buffer.alloc(Math.ceil((codes.length * 3) / 8));
    codes.forEach((code, at) => [0, 1, 2].forEach((bit) => {
      if (code & (1 << bit)) packed[(at * 3 + bit) >> 3] |= 1 << ((at * 3 + bit) & 7);
    }));
    const blocks = Array.from({ length: Math.ceil(packed.length / 255) }, (_, at) => packed.subarray(at * 255, (at + 1) * 255));
    return Buffer.concat([Buffer.from([0x21, 0xf9, 4, 0, 100, 0, 0, 0, 0x2c, 0, 0, 0, 0, width, 0, height, 0, 0, 2]),
      ...blocks.map((block) => Buffer.concat([Buffer.from([block.length]), block])), Buffer.from([0])]);
  };
  const table = Buffer.from([...first, ...second, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from("GIF89a"), Buffer.from([width, 0, height, 0, 0x81, 0, 0]), table, frame(0), frame(1), Buffer.from([0x3b])]);
}

/** A picture as the browser packs it, of halves: the left one has the first colour, the right one the second. */
export async function packed(page, type, [width, height], colours) {
  const base64 = await page.evaluate(async ([type, [width, height], colours]) => {
    const canvas = new OffscreenCanvas(width, height);
    const brush = canvas.getContext("2d");
    colours.forEach((colour, at) => {
      brush.fillStyle = `rgb(${colour})`;
      brush.fillRect((at * width) / 2, 0, width / 2, height);
    });
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 1 })).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
  }, [type, [width, height], colours]);
  return Buffer.from(base64, "base64");
}

/** The same JPEG with a note of how the camera was held (Exif 2.3, tag 0x0112). */
export function held(jpeg, orientation) {
  const note = Buffer.from([0xff, 0xe1, 0, 34, ...Buffer.from("Exif\0\0MM\0*"), 0, 0, 0, 8, 0, 1,
    0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([jpeg.subarray(0, 2), note, jpeg.subarray(2)]);
}

const inside = (x, y, [left, top, right, bottom]) => x >= left && x < right && y >= top && y < bottom;

/** Where the things of `SCENE` are: left, top, right, bottom. */
export const BOXES = { square: [12, 20, 52, 60], ball: [80, 10, 112, 42], car: [60, 60, 116, 84] };
const COLOURS = { square: [200, 40, 40, 255], ball: [40, 90, 200, 255], car: [240, 180, 30, 255] };

/** A small picture of three plain things, and its pixels as an engine gets them. */
export const SIZE = [128, 96];
const scene = (x, y) => {
  const thing = Object.keys(BOXES).find((name) => inside(x, y, BOXES[name]));
  return thing ? COLOURS[thing] : [225, 235, 225, 255];
};
export const SCENE = { name: "scene.png", mimeType: "image/png", buffer: png(...SIZE, scene) };
export const pixels = (width, height, pixel) => ({
  width, height,
  rgb: Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixel(x, y).slice(0, 3))).flat(2),
});
export const SCENE_PIXELS = pixels(...SIZE, scene);

/** The squares of a sheet of pictures, left to right and row by row, as an engine gets them; `page` unpacks the file. */
export async function squares(page, file, side) {
  const [wide, base64] = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const sheet = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
    const context = new OffscreenCanvas(sheet.width, sheet.height).getContext("2d");
    context.drawImage(sheet, 0, 0);
    const { data } = context.getImageData(0, 0, sheet.width, sheet.height);
    let text = "";
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768));
    return [sheet.width, btoa(text)];
  }, readFileSync(file).toString("base64"));
  const rgba = Buffer.from(base64, "base64");
  const across = wide / side;
  return Array.from({ length: across * (rgba.length / 4 / wide / side) }, (_, at) => {
    const [left, top] = [(at % across) * side, Math.floor(at / across) * side];
    const pixel = (x, y) => rgba.subarray(((top + y) * wide + left + x) * 4);
    return pixels(side, side, (x, y) => Array.from(pixel(x, y).subarray(0, 3)));
  });
}

/** Gives a file to the panel that is open. */
export const give = (page, file) => page.getByLabel("Open a picture").setInputFiles(file);

/** Waits until the picture of this name is on the canvas. */
export const seen = (page, name) => page.getByRole("application", { name: new RegExp(`^Picture ${name}`) }).waitFor();

/** The colour of the canvas at a part of its width and height, as the screen shows it. */
export const colourAt = (page, across, down) =>
  page.locator(".board canvas").evaluate((canvas, [across, down]) => {
    const at = [Math.floor(canvas.width * across), Math.floor(canvas.height * down)];
    return Array.from(canvas.getContext("2d").getImageData(...at, 1, 1).data);
  }, [across, down]);
