// Things in a picture: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { journey, until } from "./harness.js";
import { button, clean, drop, PHONE, press, saved } from "./page.js";
import { BOXES, colourAt, give, pixels, png, SCENE, SCENE_PIXELS, seen, SIZE } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { detect, detectAnswer, Writer } from "./wire.js";

const FOUND = [["car", 0.998, BOXES.car], ["ball", 0.97, BOXES.ball], ["square", 0.93, BOXES.square], ["car", 0.41, [4, 70, 40, 90]]];
const output = (found) => detectAnswer(["ball", "car", "square"], found);
const looking = new Writer().varint(1).varint(128).varint(96).bytes;
const LOADED = [{ end: output([]) }];
const ANSWER = [{ partial: looking }, { end: output(FOUND), waitMs: 20 }];

const MODEL = "detect/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const things = (page) => page.getByRole("list", { name: "Things found" }).getByRole("listitem");
const canvas = (page) => page.getByRole("application");
const confidence = (page) => page.getByRole("slider", { name: "Confidence above" });
const says = (page, words) => page.getByText(words).first().waitFor();

async function withModel({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open(MODEL);
  await says(page, /3 kinds of things/);
}

async function withPicture(all, ...asked) {
  await withModel(all, ...asked);
  await give(all.page, SCENE);
  await seen(all.page, "scene.png");
}

journey("a stranger finds the things in a picture and takes them along",
  { ...OFFLINE, permissions: ["clipboard-read", "clipboard-write"] }, async (all) => {
    const { page, shot } = all;
    await withModel(all, ANSWER);
    await shot("detect-empty");
    await clean(page);
    await give(page, SCENE);
    await seen(page, "scene.png");
    await says(page, "scene.png, 128 × 96 pixels");
    await shot("detect-ready");
    await press(page, "Find things");
    await until(async () => (await things(page).count()) === 3, "three things");
    const [, question] = await heard(page, 2);
    assert.deepEqual(question, detect("mine", { picture: SCENE_PIXELS }), "every pixel as it is in the file");
    await says(page, "In this picture there is one car, one ball and one square.");
    assert.match(await things(page).nth(0).innerText(), /car\s+99 %/);
    await shot("detect");
    await clean(page);
    await button(page, "Copy the sentence").click();
    await says(page, "copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, "In this picture there is one car, one ball and one square.");
  });

journey("the slider filters without asking again, and things are hidden one by one", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, ANSWER);
  await press(page, "Find things");
  await until(async () => (await things(page).count()) === 3, "three things");
  await confidence(page).fill("40");
  await until(async () => (await things(page).count()) === 4, "four things");
  await says(page, "In this picture there are two cars, one ball and one square.");
  await confidence(page).fill("99");
  await until(async () => (await things(page).count()) === 1, "one thing");
  await page.getByRole("checkbox", { name: "car" }).uncheck();
  await says(page, "In this picture I have found nothing that I know.");
  const coco = JSON.parse(await saved(page, "Frames as COCO JSON"));
  assert.deepEqual(coco.annotations, [], "what is hidden is not saved");
  await page.getByRole("checkbox", { name: "car" }).check();
  await confidence(page).focus();
  for (let times = 0; times < 10; times++) await page.keyboard.press("ArrowLeft");
  await says(page, "In this picture there is one car, one ball and one square.");
  assert.equal((await heard(page, 2)).length, 2, "asked once");
});

journey("files hold what is shown", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, ANSWER);
  await press(page, "Find things");
  await until(async () => (await things(page).count()) === 3, "three things");
  const coco = JSON.parse(await saved(page, "Frames as COCO JSON"));
  assert.deepEqual(coco.images, [{ id: 1, file_name: "scene.png", width: 128, height: 96 }]);
  assert.deepEqual(coco.categories.map(({ name }) => name), ["ball", "car", "square"]);
  const [left, top, right, bottom] = BOXES.car;
  const [first] = coco.annotations;
  assert.deepEqual([first.bbox, first.category_id, first.image_id], [[left, top, right - left, bottom - top], 2, 1]);
  assert.ok(Math.abs(first.score - 0.998) < 1e-6 && coco.annotations.length === 3);
  await button(page, "Save").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Picture with frames (PNG)").click()]);
  assert.equal(download.suggestedFilename(), "things.png");
  const bytes = readFileSync(await download.path());
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], SIZE.map((side) => side * 4), "large enough for words");
  assert.ok(inflatedBytes(bytes) > 0, "a whole PNG");
  // What was saved is a picture that can be given again, with its frames.
  await give(page, { name: "again.png", mimeType: "image/png", buffer: bytes });
  await seen(page, "again.png");
  assert.equal(await things(page).count(), 0, "what was found belongs to the picture before");
});

/** How much a PNG holds; an error if it is not whole. */
function inflatedBytes(bytes) {
  const parts = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return inflateSync(Buffer.concat(parts)).length;
}

journey("the canvas is handled by keys, wheel and buttons", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, ANSWER);
  await press(page, "Find things");
  await until(async () => (await things(page).count()) === 3, "three things");
  const corner = () => colourAt(page, 0.5, 0.02);
  const ground = [225, 235, 225, 255];
  assert.deepEqual(await corner(), ground, "the picture reaches to the top");
  assert.equal((await colourAt(page, 0.02, 0.5))[3], 0, "and leaves room at its sides");
  await canvas(page).focus();
  for (let times = 0; times < 6; times++) await page.keyboard.press("+");
  await until(async () => (await colourAt(page, 0.02, 0.5))[3] === 255, "a larger picture");
  await shot("detect-zoomed");
  const before = await colourAt(page, 0.5, 0.5);
  for (let times = 0; times < 40; times++) await page.keyboard.press("ArrowLeft");
  for (let times = 0; times < 40; times++) await page.keyboard.press("ArrowUp");
  await until(async () => `${await colourAt(page, 0.02, 0.02)}` === `${ground}`, "the picture's corner");
  await page.keyboard.press("0");
  await until(async () => (await colourAt(page, 0.02, 0.5))[3] === 0, "all of it again");
  await page.mouse.move(...(await middle(page)));
  await page.mouse.wheel(0, -600);
  await until(async () => (await colourAt(page, 0.02, 0.5))[3] === 255, "a wheel zooms while the canvas is in use");
  await button(page, "Show all of it").click();
  await until(async () => (await colourAt(page, 0.02, 0.5))[3] === 0, "all of it again");
  for (let times = 0; times < 4; times++) await button(page, "Zoom in").click();
  await page.getByRole("checkbox", { name: "Picture", exact: true }).uncheck();
  await until(async () => (await colourAt(page, 0.05, 0.95))[3] === 0, "no picture");
  await page.getByRole("checkbox", { name: "Picture", exact: true }).check();
  await page.getByRole("slider", { name: "Things found: opacity in percent" }).fill("30");
  await says(page, "30 %");
  assert.ok(before.length === 4);
  await clean(page);
});

const middle = async (page) => {
  const { x, y, width, height } = await canvas(page).boundingBox();
  return [x + width / 2, y + height / 2];
};

journey("a finger scrolls the page, two fingers zoom, and then one moves the picture",
  { ...PHONE, ...OFFLINE }, async (all) => {
    const { page } = all;
    await withPicture(all, ANSWER);
    const style = () => canvas(page).evaluate((canvas) => getComputedStyle(canvas).touchAction);
    assert.equal(await style(), "pan-y");
    await canvas(page).scrollIntoViewIfNeeded();
    const session = await page.context().newCDPSession(page);
    const [x, y] = await middle(page);
    const touch = (type, ...points) => session.send("Input.dispatchTouchEvent", { type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    await touch("touchStart", [x - 20, y]);
    await touch("touchStart", [x - 20, y], [x + 20, y]);
    for (const apart of [40, 70, 100]) await touch("touchMove", [x - apart, y], [x + apart, y]);
    await touch("touchEnd");
    await until(async () => (await style()) === "none", "a larger picture that one finger moves");
  });

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`things are found on a ${name} screen`, { ...options, ...OFFLINE }, async (all) => {
    const { page, shot } = all;
    await withPicture(all, ANSWER);
    await shot(`detect-${name}-top`);
    await press(page, "Find things");
    await until(async () => (await things(page).count()) === 3, "three things");
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await canvas(page).scrollIntoViewIfNeeded();
    await shot(`detect-${name}`);
    await things(page).last().scrollIntoViewIfNeeded();
    await shot(`detect-${name}-list`);
    await clean(page);
  });
}

const file = (name, buffer) => ({ name, mimeType: "image/png", buffer });

journey("what is no picture is said by its name", { ...OFFLINE, expected: [/404/] }, async (all) => {
  const { context, page, shot } = all;
  await context.route("**/*.samples/*", (route) => route.fulfill({ status: 404 }));
  await withModel(all, ANSWER);
  await press(page, "Find things");
  await says(page, "there is no picture yet: open one first");
  const bad = [
    [file("notes.png", Buffer.from("dear diary")), "notes.png is no picture of a known kind: give a PNG, JPEG, WebP or GIF file"],
    [file("none.png", Buffer.alloc(0)), "none.png is empty: give a picture"],
    [file("cut.png", SCENE.buffer.subarray(0, 90)), "cut.png cannot be unpacked: it is damaged, or not all of it is there"],
    [file("start.png", SCENE.buffer.subarray(0, 12)), "start.png is cut off: not even its size can be read"],
    [file("vast.png", png(1, 1, () => [0, 0, 0, 255], [60_000, 60_000])),
      "vast.png has 3600 megapixels (60000 × 60000): give a picture of at most 100"],
  ];
  for (const [given, words] of bad) {
    await give(page, given);
    await says(page, words);
  }
  await shot("detect-refused");
  await drop(page, "notes.txt", Buffer.from("dear diary"), ".pictures");
  await says(page, "notes.txt is no picture of a known kind");
  await clean(page);
});

journey("a picture of one pixel, and one that is partly see-through, are looked at", OFFLINE, async (all) => {
  const { page } = all;
  await withModel(all, [{ end: output([]) }]);
  await give(page, file("dot.png", png(1, 1, () => [10, 20, 30, 255])));
  await seen(page, "dot.png");
  await press(page, "Find things");
  await says(page, "Nothing found above 90 %.");
  assert.deepEqual((await heard(page, 2))[1], detect("mine", { picture: { width: 1, height: 1, rgb: [10, 20, 30] } }));
  const veil = (x) => [[10, 20, 30, 0], [0, 0, 0, 255]][x];
  await give(page, file("veil.png", png(2, 1, veil)));
  await seen(page, "veil.png");
  await press(page, "Find things");
  const onWhite = { width: 2, height: 1, rgb: [255, 255, 255, 0, 0, 0] };
  assert.deepEqual((await heard(page, 3))[2], detect("mine", { picture: onWhite }));
});

journey("a large picture is made smaller, and that is said", OFFLINE, async (all) => {
  const { page } = all;
  await withModel(all, ANSWER);
  await give(page, file("wide.png", png(6000, 3000, () => [9, 90, 9, 255])));
  await says(page, "wide.png has 18 megapixels; it is looked at with 5656 × 2828 pixels");
  await seen(page, "wide.png, 5656 × 2828");
});

journey("pictures are dropped, pasted and fetched from this site", { ...OFFLINE, expected: [/404/] }, async (all) => {
  const { context, page } = all;
  await withModel(all, ANSWER);
  await context.route("**/pictures/*", (route) => route.fulfill({ contentType: "image/png", body: SCENE.buffer }));
  await drop(page, "dropped.png", SCENE.buffer, ".pictures");
  await seen(page, "dropped.png");
  await page.evaluate((base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, SCENE.buffer.toString("base64"));
  await seen(page, "pasted.png");
  await press(page, "Address");
  const address = page.getByLabel("Address of a picture of this site");
  const take = async (text) => {
    await address.fill(text);
    await press(page, "Take it");
  };
  await take(" ");
  await says(page, "write the address of a picture of this site");
  await take("pictures/fetched.png?x=1");
  await seen(page, "fetched.png");
  await take("https://example.org/cat.png");
  await says(page, "https://example.org/cat.png is of another site");
  await take("nowhere/cat.png");
  await says(page, /nowhere\/cat\.png cannot be fetched: the site answers 404/);
  await clean(page);
});

journey("a camera gives one picture, and a missing one is said in words", OFFLINE, async (all) => {
  const { page, shot } = all;
  await page.addInitScript(() => {
    const deny = () => Promise.reject(new DOMException("", "NotAllowedError"));
    navigator.mediaDevices.getUserMedia = () => (self.allowed ? Promise.resolve(self.allowed()) : deny());
  });
  await withModel(all, ANSWER);
  await press(page, "Camera");
  await says(page, "the camera was not allowed: allow it beside the page's address, or choose a file instead");
  await page.evaluate(() => {
    self.allowed = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
      const brush = canvas.getContext("2d");
      setInterval(() => {
        brush.fillStyle = "#c02020";
        brush.fillRect(0, 0, 64, 48);
      }, 20);
      return (self.stream = canvas.captureStream(30));
    };
  });
  await press(page, "Camera");
  await page.getByLabel("What the camera sees").waitFor();
  await shot("detect-camera");
  const shown = () => page.getByLabel("What the camera sees").evaluate((video) => video.videoWidth);
  await until(async () => (await shown()) === 64, "what the camera sees");
  await press(page, "Take the picture");
  await seen(page, "camera.png, 64 × 48");
  assert.equal(await page.getByLabel("What the camera sees").count(), 0);
  assert.ok(await page.evaluate(() => self.stream.getTracks().every((track) => track.readyState === "ended")));
});

journey("an engine's refusal names the field", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, [{ failure: refused("picture", "it has 1 × 9000 pixels: its sides must be more alike") }], ANSWER);
  await press(page, "Find things");
  await says(page, "picture: it has 1 × 9000 pixels: its sides must be more alike");
  await press(page, "Find things");
  await until(async () => (await things(page).count()) === 3, "three things");
});
