// Files of every kind that a panel takes, as cameras and programs write them: what a model gets of each.

import assert from "node:assert/strict";
import { journey } from "./harness.js";
import { press } from "./page.js";
import { gif, give, greys, held, packed, seen } from "./picture.js";
import { heard, scripted } from "./scripted.js";
import { Reader, Writer } from "./wire.js";

const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const NOTHING = [{ end: new Writer().text("mine").varint(0).varint(16).varint(1_000_000).varint(4_000_000).varint(0).bytes }];
const [RED, BLUE] = [[200, 30, 40], [20, 60, 190]];

async function opened({ context, page, open }) {
  await scripted(context, { loaded: NOTHING, asked: [NOTHING] });
  await open("detect/?model=mine");
  await page.getByText(/0 kinds of things/).first().waitFor();
}

/** What the engine is asked about this file; `count` questions came before. */
async function asked(page, name, buffer, count) {
  await give(page, { name, mimeType: "", buffer });
  await seen(page, name);
  await press(page, "Find things");
  const reader = new Reader(Uint8Array.from((await heard(page, count + 2))[count + 1]));
  assert.equal(reader.text(), "mine");
  assert.deepEqual([reader.varint(), reader.byte()], [0, 1]);
  return { width: reader.varint(), height: reader.varint(), rgb: Array.from(reader.counted()) };
}

/** The colour at these parts of width and height. */
function at({ width, height, rgb }, across, down) {
  const pixel = Math.floor(down * height) * width + Math.floor(across * width);
  return rgb.slice(3 * pixel, 3 * pixel + 3);
}

function close(got, want, what) {
  assert.ok(got.every((part, i) => Math.abs(part - want[i]) <= 6), `${what}: ${got} for ${want}`);
}

journey("a photo is turned as its camera was held", OFFLINE, async (all) => {
  const { page } = all;
  await opened(all);
  const photo = await packed(page, "image/jpeg", [64, 32], [RED, BLUE]);
  // Orientation, then the shape and where red and blue are: across, down.
  const LEFT = [0.2, 0.5], RIGHT = [0.8, 0.5], ABOVE = [0.5, 0.2], BELOW = [0.5, 0.8];
  const turns = [[1, 64, 32, LEFT, RIGHT], [2, 64, 32, RIGHT, LEFT], [3, 64, 32, RIGHT, LEFT], [4, 64, 32, LEFT, RIGHT],
    [5, 32, 64, ABOVE, BELOW], [6, 32, 64, ABOVE, BELOW], [7, 32, 64, BELOW, ABOVE], [8, 32, 64, BELOW, ABOVE]];
  for (const [count, [orientation, width, height, red, blue]] of turns.entries()) {
    const got = await asked(page, `held-${orientation}.jpg`, held(photo, orientation), count);
    assert.deepEqual([got.width, got.height], [width, height], `orientation ${orientation}`);
    close(at(got, ...red), RED, `orientation ${orientation}`);
    close(at(got, ...blue), BLUE, `orientation ${orientation}`);
  }
});

journey("JPEG, WebP, the first frame of a GIF, and greys of 16 bits are looked at", OFFLINE, async (all) => {
  const { page } = all;
  await opened(all);
  for (const [count, kind] of ["jpeg", "webp"].entries()) {
    const got = await asked(page, `halves.${kind}`, await packed(page, `image/${kind}`, [40, 20], [RED, BLUE]), count);
    assert.deepEqual([got.width, got.height], [40, 20]);
    close(at(got, 0.2, 0.5), RED, kind);
    close(at(got, 0.8, 0.5), BLUE, kind);
  }
  const moving = await asked(page, "moving.gif", gif(7, 5, [RED, BLUE]), 2);
  assert.deepEqual(moving, { width: 7, height: 5, rgb: Array.from({ length: 35 }, () => RED).flat() });
  const grey = await asked(page, "greys.png", greys([0, 0x4040, 0xffff]), 3);
  assert.deepEqual(grey, { width: 3, height: 1, rgb: [0, 0, 0, 64, 64, 64, 255, 255, 255] });
});

journey("a photo of which a part is missing is not taken for a whole one", OFFLINE, async (all) => {
  const { page } = all;
  await opened(all);
  const files = { jpg: "image/jpeg", webp: "image/webp" };
  for (const [end, type] of Object.entries(files)) {
    const whole = await packed(page, type, [256, 256], [RED, BLUE]);
    await give(page, { name: `half.${end}`, mimeType: type, buffer: whole.subarray(0, whole.length / 2) });
    await page.getByText(`half.${end} cannot be unpacked: it is damaged, or not all of it is there`).first().waitFor();
  }
});
