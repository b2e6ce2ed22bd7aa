// Texts by what they mean: the panel, both engines, and the real all-MiniLM-L6-v2 where somebody has it.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { wideBert } from "./checkpoint.js";
import { engine } from "./engine.js";
import { journey, residentBytes, until } from "./harness.js";
import { button, clean, PHONE, press, saved } from "./page.js";
import { embed, embedOutput } from "./wire.js";

const GOLDEN = join(import.meta.dirname, "../golden");
const CASES = JSON.parse(readFileSync(join(GOLDEN, "sentence.json"), "utf8")).cases;
const POOLING = JSON.stringify({ pooling_mode_mean_tokens: true });
const MODULES = JSON.stringify(["Transformer", "Pooling", "Normalize"].map((name, at) =>
  ({ path: ["", "1_Pooling", "2_Normalize"][at], type: `sentence_transformers.models.${name}` })));
const WINDOW = JSON.stringify({ max_seq_length: 24, do_lower_case: false });

/** The tiny seeded BERT, as the hub has sentence models. */
function folder() {
  const place = join(mkdtempSync(join(tmpdir(), "wick-")), "tiny-bert");
  mkdirSync(join(place, "1_Pooling"), { recursive: true });
  for (const name of ["config.json", "model.safetensors", "tokenizer.json"]) {
    cpSync(join(GOLDEN, "encoder/bert", name), join(place, name));
  }
  writeFileSync(join(place, "modules.json"), MODULES);
  writeFileSync(join(place, "1_Pooling/config.json"), POOLING);
  writeFileSync(join(place, "sentence_bert_config.json"), WINDOW);
  return place;
}

const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const tab = (page, name) => page.getByRole("tab", { name }).click();
const cells = (page) => page.locator(".heat td:not(:empty)").allInnerTexts();
const ready = (page) => page.getByText(/numbers a text/).waitFor();

async function withModel(page, open, place = folder(), address = "embed/?model=") {
  await open(address);
  await page.getByLabel("Open the folder of a model").setInputFiles(place);
  await ready(page);
}

journey("a stranger compares two lists and takes the table along",
  { permissions: ["clipboard-read", "clipboard-write"], bypassCSP: true }, async ({ page, open, shot }) => {
    await open("embed/?model=");
    await page.getByText(/No sentence model is here yet/).waitFor();
    await shot("embed-empty");
    await page.getByLabel("Open the folder of a model").setInputFiles(folder());
    await ready(page);
    await page.getByText(/reads up to 24 tokens/).waitFor();
    await button(page, "Compare").click();
    await until(async () => (await cells(page)).length === 9, "nine cosines");
    await shot("embed-lists");
    await clean(page);
    const csv = (await saved(page, "Table as CSV")).trim().split("\n").map((line) => line.split(","));
    assert.deepEqual(csv[0], ["", "He is a boy", "He likes music", "That dog is so ugly"]);
    assert.deepEqual(csv.slice(1).flatMap((row) => row.slice(1)), await cells(page));
    const { cosines, first } = JSON.parse(await saved(page, "Table as JSON"));
    assert.deepEqual(cosines.flat().map((x) => x.toFixed(4).replace("-0.0000", "0.0000")), await cells(page));
    assert.deepEqual(first, ["I am a boy", "I like music", "This movie was awesome"]);
    const { texts } = JSON.parse(await saved(page, "Vectors as JSON"));
    const wanted = CASES.find(({ text }) => text === "I am a boy").vectors.mean;
    texts[0].vector.forEach((x, at) => assert.ok(Math.abs(x - wanted[at]) < 1e-5, `${at}: ${x}`));
    await button(page, "Copy table").click();
    await page.getByText("copied").waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^\tHe is a boy\tHe likes music\t/);
  });

journey("a search gives the nearest first, and a map shows every text", { bypassCSP: true },
  async ({ page, open, shot }) => {
    await withModel(page, open);
    await tab(page, "Search");
    await page.getByLabel("Look for").fill("It will rain tomorrow");
    await page.getByLabel("Results").fill("3");
    await press(page, "Search");
    const found = page.getByRole("list", { name: "Nearest texts" }).getByRole("listitem");
    await found.first().waitFor();
    assert.equal(await found.count(), 3);
    assert.match(await found.first().innerText(), /It will rain tomorrow[^]*1\.0000/);
    await shot("embed-search");
    await clean(page);
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "Search" }).focus();
    await page.keyboard.press("ArrowRight");
    await button(page, "Draw the map").click();
    const points = page.getByRole("list", { name: "Map of the texts" }).getByRole("listitem");
    await points.first().waitFor();
    assert.equal(await points.count(), 6);
    await points.nth(2).focus();
    await shot("embed-map");
    await clean(page);
  });

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`texts are compared on a ${name} screen`, { ...options, bypassCSP: true }, async ({ page, open, shot }) => {
    await withModel(page, open);
    await button(page, "Compare").click();
    await until(async () => (await cells(page)).length === 9, "nine cosines");
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await shot(`embed-${name}`);
    await page.locator(".heat").scrollIntoViewIfNeeded();
    await shot(`embed-${name}-table`);
    await clean(page);
    await tab(page, "Map");
    await button(page, "Draw the map").click();
    await page.getByRole("list", { name: "Map of the texts" }).waitFor();
    await page.locator(".map").scrollIntoViewIfNeeded();
    await shot(`embed-${name}-map`);
    await clean(page);
  });
}

journey("what cannot be compared is said in words", async ({ page, open }) => {
  await withModel(page, open);
  const says = (text) => page.getByText(text).first().waitFor();
  await field(page, "First list").fill(" \n\n");
  await button(page, "Compare").click();
  await says("the first list is empty: write one text a line");
  await field(page, "First list").fill("a boy\n\u0001\u0007\n\nlikes \u0000music");
  await says("3 texts; one empty line is left out");
  await button(page, "Compare").click();
  await says(/First list, text 2: it holds nothing this model can read/);
  await field(page, "First list").fill(`${"the movie ".repeat(40)}\nmusic`);
  await button(page, "Compare").click();
  await says(/longer than the 24 tokens this model reads/);
  await field(page, "First list").fill("x".repeat(100_001));
  await button(page, "Compare").click();
  await says(/First list, text 1: it has 100,001 characters/);
  const csv = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["id,text\n1,\"a, b\"\n2,music\n"], "mine.csv"));
    return data;
  });
  await field(page, "First list").dispatchEvent("drop", { dataTransfer: csv });
  await says("mine.csv: read as a table: column 2 of 2");
  assert.equal(await field(page, "First list").inputValue(), "a, b\nmusic");
  const bare = join(mkdtempSync(join(tmpdir(), "wick-")), "bare");
  cpSync(join(GOLDEN, "encoder/bert/model.safetensors"), join(bare, "model.safetensors"));
  await page.getByLabel("Open the folder of a model").setInputFiles(bare);
  await says(/choose its config\.json and tokenizer\.json together with it/);
});

journey("ten thousand texts are pasted and read with progress, and a Stop is obeyed",
  { permissions: ["clipboard-read", "clipboard-write"] }, async ({ page, open }) => {
    await withModel(page, open);
    await tab(page, "Search");
    const many = Array.from({ length: 10_000 }, (_, at) => `the movie of dog ${at}`);
    await page.evaluate((text) => navigator.clipboard.writeText(text), many.join("\n"));
    // As a hand does it: `fill` types, for which Chromium alone takes two minutes.
    await field(page, "Texts to search").focus();
    const pasting = Date.now();
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Control+V");
    await page.getByText("10000 texts").waitFor();
    console.log(`ten thousand lines are pasted in ${Date.now() - pasting} ms`);
    await page.getByLabel("Look for").fill("the movie of dog 7777");
    await press(page, "Search");
    await page.getByText(/of 10000 texts/).waitFor();
    await button(page, "Stop").click();
    await button(page, "Stop").waitFor({ state: "hidden" });
    await press(page, "Search");
    const found = page.getByRole("list", { name: "Nearest texts" }).getByRole("listitem");
    await found.first().waitFor({ timeout: 120_000 });
    assert.match(await found.first().innerText(), /dog 7777[^]*1\.0000/);
  });

journey("unloading gives a sentence model's memory back to the browser", async ({ context, page, open }) => {
  const place = folder();
  const { config, model } = wideBert(2 ** 18);
  writeFileSync(join(place, "config.json"), config);
  writeFileSync(join(place, "model.safetensors"), model);
  await withModel(page, open, place, "embed/?model=&engine=simd");
  const loaded = await residentBytes(context);
  await button(page, "Unload").click();
  await button(page, "Unload").waitFor({ state: "hidden" });
  const freed = async () => loaded - (await residentBytes(context));
  await until(async () => (await freed()) >= 0.9 * model.length, "the memory to come back");
  const inMb = [loaded, await freed(), model.length].map((count) => (count / 2 ** 20).toFixed(1));
  console.log(`unload: of ${inMb[0]} MB of the pages' processes ${inMb[1]} MB came back, for a model of ${inMb[2]} MB`);
  await press(page, "Compare");
  await until(async () => (await cells(page)).length === 9, "the model to be loaded again");
  rmSync(place, { recursive: true });
});

for (const kind of ["simd", "threads"]) {
  journey(`texts lie where the reference has them (${kind})`, async ({ page, open }) => {
    await open();
    const asked = await engine(page, kind);
    const read = (name) => readFileSync(join(GOLDEN, "encoder/bert", name));
    const files = { "config.json": read("config.json"), "model.safetensors": read("model.safetensors"),
      "tokenizer.json": read("tokenizer.json"), "sentence_bert_config.json": Buffer.from(WINDOW) };
    const model = await asked.dropFolder("tiny", files);
    const texts = CASES.map(({ text }) => text);
    const { embeddings } = embedOutput(await asked.ask("embed", embed(model, texts)));
    for (const [at, { text, tokens, read_tokens: readTokens, vectors }] of CASES.entries()) {
      assert.deepEqual([embeddings[at].tokens, embeddings[at].readTokens], [tokens, readTokens], text);
      embeddings[at].vector.forEach((x, i) => assert.ok(Math.abs(x - vectors.mean[i]) < 1e-4, `${text}: ${x}`));
    }
  });
}

/** Cosines of the course's sentences as sentence-transformers prints them. */
const PUBLISHED = [[0.7027, 0.1997, 0.1049], [0.1372, 0.6581, 0.091], [0.1497, 0.1047, 0.1928]];
const MINILM = process.env.WICK_MINILM;

if (!MINILM) {
  test("the real MiniLM finds what the course prints", { skip: "`cargo xtask minilm` fetches it" }, () => {});
} else {
  for (const kind of ["simd", "threads"]) {
    journey(`the real MiniLM finds what the course prints (${kind})`, async ({ page, open, shot }) => {
      await withModel(page, open, MINILM, `embed/?model=&engine=${kind}`);
      for (const [precision, near] of [["stored", 0.0005], ["q8_0", 0.005]]) {
        await page.getByLabel("Weights").selectOption(precision);
        await ready(page);
        await page.locator(".heat").waitFor({ state: "detached" });
        await button(page, "Compare").click();
        const got = await until(async () => ((await cells(page)).length === 9 ? cells(page) : null), "nine cosines", 60_000);
        PUBLISHED.flat().forEach((want, at) =>
          assert.ok(Math.abs(got[at] - want) <= near, `${precision}: ${got[at]} for ${want}`));
        console.log(`${kind}, ${precision}: ${got.join(" ")}`);
      }
      await shot(`embed-minilm-${kind}`);
    });
  }
}
