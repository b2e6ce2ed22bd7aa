// Things cut out of a picture: the panel with a stand-in for the engine, and with the site's own models.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press, saved } from "./page.js";
import { BOXES, colourAt, give, png, SCENE, SCENE_PIXELS, seen, SIZE } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { Reader, Writer } from "./wire.js";

const MODEL = "segment/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true, expected: [/404/] };

/** A rectangle (left, top, right, bottom) of the scene as the wire tells masks. */
function mask([left, top, right, bottom], [width, height] = SIZE) {
  const runs = [0];
  let before = false;
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const inside = x >= left && x < right && y >= top && y < bottom;
    if (inside !== before) runs.push(0);
    runs[runs.length - 1] += 1;
    before = inside;
  }
  return { width, height, runs };
}

const candidate = (w, [box, score]) => {
  const { width, height, runs } = mask(box);
  w.varint(width).varint(height).list(runs, (w, run) => w.varint(run)).f32(score).byte(0);
};
/** An answer: of each thing its candidates, `[box, score]`. */
const output = (things) => new Writer().text("mine").varint(96).varint(1_000_000).varint(4_000_000)
  .byte(24).f32(0.75).f32(0.5).f32(0.625).varint(0).list(things, (w, candidates) => w.list(candidates, candidate)).bytes;
const prompting = (done, total) => new Writer().varint(2).varint(done).varint(total).bytes;

const LOADED = [{ end: output([]) }];
const LOOKED = [{ partial: new Writer().varint(1).bytes }, { end: output([]) }];
const CAR = [[BOXES.car, 0.96], [[60, 60, 88, 84], 0.9], [[0, 0, ...SIZE], 0.4]];
const THING = [{ partial: prompting(0, 1) }, { end: output([CAR]), waitMs: 20 }];
const NONE = [{ end: output([]) }];
const ALL = [{ partial: prompting(64, 1024) },
  { end: output([[[BOXES.square, 0.97]], [[BOXES.ball, 0.95]], [[BOXES.car, 0.9]]]), waitMs: 20 }];

/** What was asked, after the model's name, its precision and the picture. */
function question(bytes) {
  const reader = new Reader(Uint8Array.from(bytes));
  const optional = (read) => (reader.byte() === 1 ? read() : null);
  const [model] = [reader.text(), reader.varint(), reader.byte()];
  const picture = { width: reader.varint(), height: reader.varint(), rgb: Array.from(reader.counted()) };
  const wish = ["look", "prompts", "everything"][reader.varint()];
  if (wish === "look") return { model, picture, wish };
  if (wish === "everything") {
    return { model, picture, wish, side: reader.byte(), score: reader.f32(), stability: reader.f32(),
      overlap: reader.f32(), area: reader.varint() };
  }
  const spot = () => [Math.round(reader.f32()), Math.round(reader.f32()), ["+", "-"][reader.varint()]];
  const box = () => [1, 2, 3, 4].map(() => Math.round(reader.f32()));
  const prompts = reader.list(() => ({ points: reader.list(spot), box: optional(box) }));
  return { model, picture, wish, prompts };
}

const canvas = (page) => page.getByRole("application");
const things = (page) => page.getByRole("list", { name: "Things cut out" }).getByRole("listitem");
const says = (page, words) => page.getByText(words).first().waitFor();
const tool = (page, name) => press(page, name);
const menu = (page, label) => page.getByLabel(label, { exact: true });

/** Where a place of the picture is in the window. */
async function on(page, [x, y], [width, height] = SIZE) {
  await canvas(page).evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
  const box = await canvas(page).boundingBox();
  // Within its border.
  const [wide, high] = [box.width - 2, box.height - 2];
  const zoom = Math.min(wide / width, high / height);
  return [box.x + 1 + (wide - width * zoom) / 2 + x * zoom, box.y + 1 + (high - height * zoom) / 2 + y * zoom];
}

/** The colour that the screen shows at a place of the picture. */
async function shown(page, [x, y], [width, height] = SIZE) {
  const [wide, high] = await canvas(page).evaluate((canvas) => [canvas.clientWidth, canvas.clientHeight]);
  const zoom = Math.min(wide / width, high / height);
  return colourAt(page, ((wide - width * zoom) / 2 + x * zoom) / wide, ((high - height * zoom) / 2 + y * zoom) / high);
}

const point = async (page, at, size) => page.mouse.click(...(await on(page, at, size)));

async function drag(page, from, to) {
  await page.mouse.move(...(await on(page, from)));
  await page.mouse.down();
  await page.mouse.move(...(await on(page, to)), { steps: 4 });
  await page.mouse.up();
}

/** The panel with its model, which looks at the scene. */
async function withPicture({ context, page, open }, ...asked) {
  // Not the picture that the panel opens with.
  await context.route("**/*.samples/*", (route) => route.fulfill({ status: 404 }));
  await scripted(context, { loaded: LOADED, asked: [LOOKED, ...asked] });
  await open(MODEL);
  await says(page, /looks at 96 pixels a side/);
  await give(page, SCENE);
  await seen(page, "scene.png");
  await heard(page, 2);
}

/** What a file of the menu `Save` holds, as `[width, height, rgba]`. */
async function picture(page, name) {
  await button(page, "Save").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  await page.keyboard.press("Escape");
  const base64 = readFileSync(await download.path()).toString("base64");
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: "none", colorSpaceConversion: "none" });
    const brush = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    brush.drawImage(bitmap, 0, 0);
    const { data } = brush.getImageData(0, 0, bitmap.width, bitmap.height);
    return [bitmap.width, bitmap.height, Array.from(data)];
  }, base64);
}

const pixel = ([width, , rgba], [x, y]) => rgba.slice((y * width + x) * 4, (y * width + x) * 4 + 4);

journey("a thing is cut out by one press, and what else may be meant is a press away", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, THING);
  await says(page, "Nothing is cut out yet: press a thing in the picture.");
  await shot("segment-ready");
  await clean(page);
  await point(page, [88, 72]);
  await says(page, "Thing 1 covers 10.9 % of the picture; the model believes to have met 96 % of its outline.");
  const [, look, asked] = (await heard(page, 3)).map((bytes, at) => (at ? question(bytes) : bytes));
  assert.deepEqual(look, { model: "mine", picture: SCENE_PIXELS, wish: "look" }, "looked at before anything is asked");
  const [{ points, box }] = asked.prompts;
  assert.deepEqual([points.length, points[0][2], box], [1, "+", null]);
  assert.ok(Math.abs(points[0][0] - 88) <= 1 && Math.abs(points[0][1] - 72) <= 1, `${points}`);
  assert.notDeepEqual(await shown(page, [64, 64]), [240, 180, 30, 255], "the mask is on the picture");
  assert.deepEqual((await shown(page, [30, 40])).slice(0, 3), [200, 40, 40], "and nowhere else");
  await shot("segment");
  await clean(page);
  await press(page, "Mask 2 · 90 %");
  await says(page, /^Thing 1 covers 5\.4 % of the picture/);
  await button(page, "Undo").click();
  await says(page, /^Thing 1 covers 10\.9 %/);
  await button(page, "Undo").click();
  await says(page, "Nothing is cut out yet: press a thing in the picture.");
  assert.ok(await button(page, "Undo").isDisabled());
  await button(page, "Redo").click();
  await says(page, /^Thing 1 covers 10\.9 %/);
  assert.equal((await heard(page, 3)).length, 3, "what was answered is not asked again");
});

journey("points beside, boxes, and hands", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, THING);
  await point(page, [88, 72]);
  await says(page, /^Thing 1 covers 10\.9 %/);
  await page.keyboard.down("Shift");
  await point(page, [70, 90]);
  await page.keyboard.up("Shift");
  const second = question((await heard(page, 4))[3]);
  assert.deepEqual(second.prompts[0].points.map(([, , side]) => side), ["+", "-"]);
  await tool(page, "Point beside it");
  await point(page, [50, 90]);
  const third = question((await heard(page, 5))[4]);
  assert.deepEqual(third.prompts[0].points.map(([, , side]) => side), ["+", "-", "-"]);
  await tool(page, "Draw a box around it");
  await drag(page, [58, 58], [118, 110]);
  const fourth = question((await heard(page, 6))[5]);
  const [left, top, right, bottom] = fourth.prompts[0].box;
  assert.ok(Math.abs(left - 58) <= 1 && Math.abs(top - 58) <= 1 && Math.abs(right - 118) <= 1, `${left} ${top} ${right}`);
  assert.equal(bottom, SIZE[1], "within the picture");
  await shot("segment-box");
  const covers = async () => Number(/covers ([\d.]+) %/.exec(await page.locator("#cut").innerText())[1]);
  await tool(page, "Paint it by hand");
  const before = await covers();
  await drag(page, [5, 80], [55, 80]);
  await until(async () => (await covers()) > before + 1, "more of the picture");
  await tool(page, "Rub out by hand");
  await drag(page, [60, 72], [116, 72]);
  await until(async () => (await covers()) < before + 1, "less of the picture");
  await canvas(page).focus();
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await until(async () => (await covers()) === before, "as it was before the brush");
  await page.keyboard.press("Control+Shift+Z");
  await until(async () => (await covers()) > before + 1, "painted again");
  assert.equal((await heard(page, 6)).length, 6, "a brush asks nothing");
});

journey("a thing is cut out without a pointer", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, THING);
  await canvas(page).focus();
  for (const key of ["i", "ArrowRight", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  await says(page, /^At \d+, \d+$/);
  await shot("segment-keys");
  await page.keyboard.press("Enter");
  await says(page, /^Thing 1 covers 10\.9 %/);
  const [{ points: [[x, y, side]] }] = question((await heard(page, 3))[2]).prompts;
  assert.ok(x > 64 && y > 48 && side === "+", `${x} ${y} ${side}`);
  await page.keyboard.press("b");
  await page.keyboard.press("Enter");
  for (const key of ["ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
  await page.keyboard.press("Enter");
  const { box } = question((await heard(page, 4))[3]).prompts[0];
  assert.ok(box[0] === x && box[1] === y && box[2] > x && box[3] > y, `${box}`);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await says(page, "Nothing is cut out yet: press a thing in the picture.");
});

journey("everything is cut out, listed, and saved", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, ALL);
  await page.getByText("How everything is looked for").click();
  const slider = page.getByRole("slider", { name: "Points to a side" });
  assert.equal(await slider.inputValue(), "24", "what the model says");
  await slider.fill("3");
  await press(page, "As this model does best");
  assert.equal(await slider.inputValue(), "24", "what the model says, again");
  await slider.fill("16");
  await press(page, "Cut out everything");
  await until(async () => (await things(page).count()) === 3, "three things");
  await says(page, "3 things cut out");
  const { picture: sent, ...asked } = question((await heard(page, 3))[2]);
  assert.deepEqual([asked.wish, asked.side, asked.area, sent], ["everything", 16, 0, SCENE_PIXELS]);
  for (const [got, want] of [[asked.score, 0.75], [asked.stability, 0.5], [asked.overlap, 0.625]]) {
    assert.ok(Math.abs(got - want) < 1e-6, `${got}`);
  }
  await shot("segment-everything");
  await clean(page);
  await things(page).nth(0).getByRole("textbox").fill("square");
  const coco = JSON.parse(await saved(page, "Masks as COCO JSON"));
  assert.deepEqual(coco.images, [{ id: 1, file_name: "scene.png", width: 128, height: 96 }]);
  assert.deepEqual(coco.categories.map(({ name }) => name), ["square", "thing"]);
  const [left, top, right, bottom] = BOXES.square;
  const [square] = coco.annotations;
  assert.deepEqual([square.bbox, square.area, square.category_id], [[left, top, right - left, bottom - top], 1600, 1]);
  const { size, counts } = square.segmentation;
  assert.deepEqual(size, [96, 128]);
  // Down the columns: 40 of 40 pixels each, the gaps between them 56 long.
  const between = Array.from({ length: 79 }, (_, at) => (at % 2 ? 56 : 40));
  assert.deepEqual(counts, [left * 96 + top, ...between, (128 - right) * 96 + 96 - bottom]);
  const greys = await picture(page, "All masks in greys (PNG)");
  assert.deepEqual(greys.slice(0, 2), SIZE);
  assert.deepEqual([[30, 40], [90, 20], [70, 70], [2, 2]].map((at) => pixel(greys, at)[0]), [1, 2, 3, 0]);
  const names = await things(page).getByRole("checkbox").evaluateAll((boxes) => boxes.map((box) => box.ariaLabel));
  await page.getByRole("checkbox", { name: names[1] }).uncheck();
  await things(page).nth(2).getByRole("button", { name: /^Remove/ }).click();
  await until(async () => (await things(page).count()) === 2, "two things");
  assert.equal(JSON.parse(await saved(page, "Masks as COCO JSON")).annotations.length, 1, "what is not ticked is not saved");
  const own = await picture(page, /^Mask of thing/);
  assert.deepEqual([pixel(own, [30, 40]), pixel(own, [70, 70])], [[255, 255, 255, 255], [0, 0, 0, 255]]);
  await press(page, "Clear all");
  await until(async () => (await things(page).count()) === 0, "nothing");
  await button(page, "Undo").click();
  await until(async () => (await things(page).count()) === 2, "two things again");
});

journey("what is cut out is blurred, squared, put elsewhere", OFFLINE, async (all) => {
  const { page, shot } = all;
  // A thing that reaches over the car's edge, so that a blur is seen.
  const over = [40, 66, 80, 80];
  await withPicture(all, [{ end: output([[[over, 0.9]]]) }]);
  const edit = (name) => menu(page, "Do").selectOption(name);
  await edit("Blur it");
  await says(page, "Nothing is cut out yet: press a thing in the picture, or tick one in the list.");
  await point(page, [70, 70]);
  await says(page, /^Thing 1 covers/);
  const apply = button(page, "Go on with the edited picture");
  await apply.waitFor();
  const scene = ([x, y]) => SCENE_PIXELS.rgb.slice((y * SIZE[0] + x) * 3, (y * SIZE[0] + x) * 3 + 3);
  const whole = (saved, is) => {
    for (let at = 0; at < SIZE[0] * SIZE[1]; at++) {
      const [x, y] = [at % SIZE[0], Math.floor(at / SIZE[0])];
      const inside = x >= over[0] && x < over[2] && y >= over[1] && y < over[3];
      is([x, y], pixel(saved, [x, y]), inside);
    }
  };
  const blurred = await picture(page, "Edited picture (PNG)");
  whole(blurred, (at, [r, g, b], inside) => inside || assert.deepEqual([r, g, b], scene(at), `${at}`));
  // Half a step up, on the edge between the ground and the car.
  const [before, after] = [pixel(blurred, [59, 72]), pixel(blurred, [60, 72])].map(([, , blue]) => blue);
  assert.ok(before > after && before < 150 && after > 105, `${before} ${after}`);
  await shot("segment-blur");
  await clean(page);
  await menu(page, "with").selectOption("all the rest");
  await until(async () => `${(await shown(page, [13, 30])).slice(0, 3)}` !== "200,40,40", "the square's edge blurred");
  await menu(page, "with").selectOption("what is cut out");
  await edit("Make it squares");
  await page.getByRole("slider", { name: "Squares" }).fill("20");
  await until(async () => {
    const saved = await picture(page, "Edited picture (PNG)");
    return `${pixel(saved, [41, 70])}` === `${pixel(saved, [59, 79])}` && `${pixel(saved, [61, 70])}` !== `${pixel(saved, [59, 70])}`;
  }, "squares of 20 pixels");
  await edit("Cut it out");
  await until(async () => pixel(await picture(page, "Edited picture (PNG)"), [10, 10])[3] === 0, "nothing around it");
  whole(await picture(page, "Edited picture (PNG)"), (at, [r, g, b, alpha], inside) => {
    assert.equal(alpha, inside ? 255 : 0, `${at}`);
    if (inside) assert.deepEqual([r, g, b], scene(at));
  });
  await shot("segment-cut");
  await edit("Put it on a colour");
  await menu(page, "Colour").fill("#102030");
  await until(async () => `${pixel(await picture(page, "Edited picture (PNG)"), [10, 10])}` === "16,32,48,255", "a colour");
  await edit("Put it on another picture");
  await says(page, "Open the picture that goes behind it.");
  await page.getByLabel("Open what goes behind").setInputFiles(
    { name: "behind.png", mimeType: "image/png", buffer: png(64, 48, () => [9, 200, 9, 255]) });
  await until(async () => `${pixel(await picture(page, "Edited picture (PNG)"), [10, 10])}` === "9,200,9,255", "a picture");
  await apply.click();
  await seen(page, "scene-edited.png");
  assert.deepEqual((await shown(page, [10, 10])).slice(0, 3), [9, 200, 9]);
  assert.equal(await things(page).count(), 1, "the mask is there still");
  await edit("Make it squares");
  await apply.waitFor();
});

journey("what cannot be is said, and nothing is asked again by itself",
  OFFLINE, async (all) => {
    const { page } = all;
    await withPicture(all, NONE, [{ failure: refused("points", "they are too many") }], [{ gate: true }], THING);
    const box = await canvas(page).boundingBox();
    await canvas(page).evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
    const { x, y } = await canvas(page).boundingBox();
    await page.mouse.click(x + 5, y + box.height / 2);
    await says(page, "that is beside the picture: nothing is there to be found");
    await button(page, "Save").click();
    await button(page, "Masks as COCO JSON").click();
    await says(page, "there is no mask yet: press a thing in the picture, or tick one in the list");
    await button(page, "Edited picture (PNG)").click();
    await says(page, "nothing is edited yet: choose what to do with it first");
    await page.keyboard.press("Escape");
    await press(page, "Cut out everything");
    await says(page, /nothing was found that is sure enough/);
    await point(page, [88, 72]);
    await says(page, "points: they are too many");
    await point(page, [90, 74]);
    await heard(page, 5);
    await button(page, "Stop").click();
    await until(async () => !(await button(page, "Stop").isVisible()), "the model to be free");
    await point(page, [92, 76]);
    await says(page, /^Thing 1 covers 10\.9 %/);
    const all6 = (await heard(page, 6)).map((bytes, at) => (at ? question(bytes).wish : "load"));
    assert.deepEqual(all6, ["load", "look", "everything", "prompts", "prompts", "prompts"]);
  });

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`a thing is cut out on a ${name} screen`, { ...OFFLINE, ...options }, async (all) => {
    const { page, shot } = all;
    await withPicture(all, THING);
    const at = await on(page, [88, 72]);
    if (options.hasTouch) await page.touchscreen.tap(...at);
    else await page.mouse.click(...at);
    await says(page, /^Thing 1 covers 10\.9 %/);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await shot(`segment-${name}`);
    await tool(page, "Paint it by hand");
    const style = await canvas(page).evaluate((canvas) => getComputedStyle(canvas).touchAction);
    assert.equal(style, "none", "a finger draws");
    await things(page).first().scrollIntoViewIfNeeded();
    await shot(`segment-${name}-list`);
    await clean(page);
  });
}

/** The largest plain thing of a picture at an address: a place in its midst, its pixels, and the picture's size. */
const truth = (page, address) =>
  page.evaluate(async (address) => {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const [width, height] = [bitmap.width, bitmap.height];
    const brush = new OffscreenCanvas(width, height).getContext("2d");
    brush.drawImage(bitmap, 0, 0);
    const { data } = brush.getImageData(0, 0, width, height);
    const near = (a, b, most) => [0, 1, 2].every((c) => Math.abs(data[a * 4 + c] - data[b * 4 + c]) <= most);
    const seen = new Uint8Array(width * height);
    let best = { pixels: [] };
    for (let start = 0; start < seen.length; start++) {
      if (seen[start]) continue;
      const pixels = [start];
      seen[start] = 1;
      let edge = false;
      for (let at = 0; at < pixels.length; at++) {
        const [x, y] = [pixels[at] % width, Math.floor(pixels[at] / width)];
        edge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
        const beside = [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]];
        for (const [x, y] of beside.filter(([x, y]) => x >= 0 && y >= 0 && x < width && y < height)) {
          const next = y * width + x;
          // To the place where it began: a ground whose colour drifts falls into pieces.
          if (!seen[next] && near(start, next, 10)) {
            seen[next] = 1;
            pixels.push(next);
          }
        }
      }
      if (!edge && pixels.length > best.pixels.length) best = { pixels };
    }
    const inside = new Set(best.pixels);
    // The pixel with the most of the thing around it.
    const room = (at) => {
      let reach = 0;
      while ([-1, 1, -width, width].every((step) => inside.has(at + step * (reach + 1)))) reach += 1;
      return reach;
    };
    const midst = best.pixels.reduce((a, b) => (room(b) > room(a) ? b : a));
    return { at: [(midst % width) + 0.5, Math.floor(midst / width) + 0.5], pixels: best.pixels, size: [width, height] };
  }, address);

/** How much two sets of pixels share. */
function overlap(one, other) {
  const known = new Set(other);
  const both = one.filter((at) => known.has(at)).length;
  return both / (one.length + other.length - both);
}

/** The white pixels of a saved mask. */
const white = ([width, height, rgba]) =>
  Array.from({ length: width * height }, (_, at) => at).filter((at) => rgba[at * 4] === 255);

journey("the site's own model cuts out a thing of its sample", { bypassCSP: true }, async ({ page, open, shot }) => {
  await open("segment/");
  await seen(page, "1.png");
  const { at, pixels, size } = await truth(page, "models/wick-segment.samples/1.png");
  assert.ok(pixels.length > 100, `${pixels.length} pixels of a plain thing`);
  await says(page, /looks at \d+ pixels a side/);
  await point(page, at, size);
  await until(async () => (await things(page).count()) === 1, "a mask");
  // One of the masks that may be meant is the thing: a part of it, or more than it, may be surer.
  const choices = page.getByRole("group", { name: "What may be meant" }).getByRole("button");
  const met = [overlap(white(await picture(page, "Mask of thing 1 (PNG)")), pixels)];
  for (let choice = 1; choice < (await choices.count()); choice++) {
    await choices.nth(choice).click();
    met.push(overlap(white(await picture(page, "Mask of thing 1 (PNG)")), pixels));
  }
  assert.ok(Math.max(...met) >= 0.7, `intersection over union: ${met}`);
  await shot("segment-sample");
  const coco = JSON.parse(await saved(page, "Masks as COCO JSON"));
  assert.equal(coco.annotations[0].segmentation.counts.reduce((sum, run) => sum + run, 0), size[0] * size[1]);
  await press(page, "Clear all");
  await page.getByText("How everything is looked for").click();
  await page.getByRole("slider", { name: "Points to a side" }).fill("8");
  await press(page, "Cut out everything");
  await says(page, /\d+ things? cut out|nothing was found that is sure enough/);
});

journey("the site's own models cut out what is named", { bypassCSP: true }, async ({ page, open, shot }) => {
  await open("segment/");
  await seen(page, "1.png");
  await press(page, "Address");
  await page.getByLabel("Address of a picture of this site").fill("models/wick-detect.samples/1.png");
  await press(page, "Take it");
  await page.getByText("By words", { exact: true }).click();
  await page.getByLabel("What is to be cut out").fill("a red cross");
  await press(page, "Cut out by words");
  await until(async () => (await things(page).count()) >= 1, "what is named", 60_000);
  assert.equal(await things(page).first().getByRole("textbox").inputValue(), "a red cross");
  const { pixels, size } = await truth(page, "models/wick-detect.samples/1.png");
  assert.deepEqual(size, [192, 192]);
  assert.ok(pixels.length > 1000);
  await shot("segment-words");
});
