// How near everything in a picture is: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press } from "./page.js";
import { colourAt, give, SCENE, SCENE_PIXELS, seen, SIZE } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { detect, Writer } from "./wire.js";

const [WIDTH, HEIGHT] = SIZE;
/** Farther above, nearer below: 16 bits, the lower byte first. */
const level = (row) => Math.floor((row * 65535) / (HEIGHT - 1));
const LEVELS = Array.from({ length: HEIGHT }, (_, row) => Array(WIDTH).fill([level(row) & 255, level(row) >> 8]).flat()).flat();
const about = () => new Writer().text("mine").varint(1_000_000).varint(4_000_000);
const TOLD = about().byte(1).varint(WIDTH).varint(HEIGHT).f32(2.5).counted(LEVELS).bytes;
const FLAT = about().byte(1).varint(WIDTH).varint(HEIGHT).f32(0).counted(LEVELS.map(() => 0)).bytes;
const LOADED = [{ end: about().byte(0).bytes }];
const looking = new Writer().varint(1).varint(384).varint(384).bytes;
const ANSWER = [{ partial: looking }, { end: TOLD, waitMs: 20 }];

const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const says = (page, words) => page.getByText(words).first().waitFor();

async function withPicture({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open("depth/?model=mine");
  await says(page, /tells what is near/);
  await give(page, SCENE);
  await seen(page, "scene.png");
}

async function download(page, entry) {
  await button(page, "Save").click();
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, entry).click()]);
  await page.keyboard.press("Escape");
  return [file.suggestedFilename(), readFileSync(await file.path())];
}

/** Bits of a grey, and its rows with the filter before each. */
function grey(bytes) {
  const parts = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25]], [WIDTH, HEIGHT, 0]);
  return [bytes[24], inflateSync(Buffer.concat(parts))];
}

journey("a stranger sees what is near in a picture and takes it along", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, ANSWER);
  await press(page, "Tell the depth");
  await says(page, "Near is bright. The model's numbers go from 0, far, to 2.500, the nearest here");
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, detect("mine", { picture: SCENE_PIXELS }), "every pixel as it is in the file");
  await until(async () => (await colourAt(page, 0.5, 0.97))[0] > 230, "near is bright");
  assert.ok((await colourAt(page, 0.5, 0.03))[0] < 40, "far is dark");
  await shot("depth");
  await clean(page);
  await page.getByRole("radio", { name: "Grey" }).check();
  await until(async () => new Set((await colourAt(page, 0.5, 0.5)).slice(0, 3)).size === 1, "grey");
  await page.getByRole("slider", { name: "Depth: opacity in percent" }).fill("40");
  await says(page, "40 %");
  await page.getByRole("checkbox", { name: "Depth", exact: true }).uncheck();
  await until(async () => `${await colourAt(page, 0.5, 0.02)}` === `${[225, 235, 225, 255]}`, "the picture alone");
  assert.equal((await heard(page, 2)).length, 2, "asked once");
});

journey("files hold all of the depth", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, ANSWER);
  await press(page, "Tell the depth");
  await says(page, "Near is bright.");
  const [name, eight] = await download(page, "Depth, 8-bit grey (PNG)");
  const [bits, rows] = grey(eight);
  assert.deepEqual([name, bits, rows.length], ["depth.png", 8, (WIDTH + 1) * HEIGHT]);
  for (const row of [0, 40, HEIGHT - 1]) assert.equal(rows[row * (WIDTH + 1) + 1], Math.floor(level(row) / 257));
  const [, sixteen] = await download(page, "Depth, 16-bit grey (PNG)");
  const [more, fine] = grey(sixteen);
  assert.deepEqual([more, fine.readUInt16BE(40 * (2 * WIDTH + 1) + 1)], [16, level(40)]);
  const [cloud, points] = await download(page, "Point cloud (PLY)");
  const head = points.toString("latin1", 0, points.indexOf("end_header"));
  assert.equal(cloud, "depth.ply");
  assert.match(head, new RegExp(`element vertex ${WIDTH * HEIGHT}\n`));
  assert.equal(points.length, head.length + "end_header\n".length + WIDTH * HEIGHT * 15);
});

journey("a flat depth and a refusal are said in words", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, [{ end: FLAT }], [{ failure: refused("picture", "it would become 518 × 0") }]);
  await press(page, "Tell the depth");
  await says(page, "The model sees no depth here: everything is equally far.");
  await press(page, "Tell the depth");
  await says(page, "picture: it would become 518 × 0");
});

journey("depth on a phone", { ...PHONE, ...OFFLINE }, async (all) => {
  const { page, shot } = all;
  await withPicture(all, ANSWER);
  await press(page, "Tell the depth");
  await says(page, "Near is bright.");
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} px of content in ${window} px`);
  await shot("depth-phone");
  await clean(page);
});
