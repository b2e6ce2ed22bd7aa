// An hour of speech, written down by the model that comes with the site: memory must not grow with the recording.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, residentBytes, until } from "./harness.js";
import { drop, lines, press, words } from "./page.js";

const RATE = 16_000;
const HEAD = 44;
/** What is said again and again, each time within as much as the model listens to at once. */
const SENTENCE = readFileSync(join(import.meta.dirname, "../../www/models/wick-listen.samples/1.wav"));
const TURN_S = 5;
const HOUR_S = 3600;
/** Half of what its samples take as numbers; the bands would be as many. Lines on the page take half of this. */
const MORE_BYTES = 2 * RATE * HOUR_S;

/** A WAV file's head for an hour, and after it one turn: the sentence, and silence. */
function turn() {
  const bytes = Buffer.alloc(HEAD + 2 * RATE * TURN_S);
  SENTENCE.copy(bytes);
  const samples = 2 * RATE * HOUR_S;
  bytes.writeUInt32LE(HEAD - 8 + samples, 4);
  bytes.writeUInt32LE(samples, HEAD - 4);
  return bytes;
}

/** When the last line that was written down ends, in seconds. */
async function reachedS(page) {
  const last = lines(page).last().getByRole("spinbutton", { name: "Ends, in seconds" });
  return (await lines(page).count()) ? Number(await last.inputValue()) : 0;
}

/** Memory without what the page has thrown away: when a browser collects that is its own affair. */
async function heldBytes(context, page) {
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
  return residentBytes(context);
}

/** Looking at hundreds of lines takes the page some time. */
const EVERY_MS = 1000;
/** Minutes, and more on a machine that has other things to do: it is not at fault. */
const LIMIT_MS = 600_000;

journey("an hour takes no more memory than its first minutes", { limitMs: LIMIT_MS }, async ({ context, page, open }) => {
  assert.equal(SENTENCE.toString("latin1", HEAD - 8, HEAD - 4), "data", "the sample's head is as long as was thought");
  await open("transcribe/");
  await page.getByText("1.wav ·").first().waitFor();
  await drop(page, "hour.wav", turn(), ".pictures", { from: HEAD, times: HOUR_S / TURN_S });
  await page.getByText("hour.wav ·").first().waitFor();
  const began = performance.now();
  await press(page, "Write it down");
  const written = (s) => until(async () => (await reachedS(page)) >= s, `second ${s} to be written down`, LIMIT_MS, EVERY_MS);
  await written(300);
  const early = await heldBytes(context, page);
  await written(HOUR_S - 2 * TURN_S);
  const late = await heldBytes(context, page);
  const seconds = (performance.now() - began) / 1000;
  const inMb = [early, late].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  console.log(`an hour: ${inMb[0]} MB after 5 minutes, ${inMb[1]} MB after 60, written down in ${seconds.toFixed(0)} s`);
  assert.ok(late - early < MORE_BYTES, `${inMb[0]} MB grew to ${inMb[1]} MB`);
  const said = (await words(page)).filter((text) => text.includes("The teacher brings a red apple in the kitchen."));
  assert.ok(said.length > 0.9 * (HOUR_S / TURN_S), `${said.length} turns of ${HOUR_S / TURN_S} were written down`);
});
