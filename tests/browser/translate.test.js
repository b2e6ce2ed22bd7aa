// Translation: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press, saved } from "./page.js";
import { heard, refused, release, scripted } from "./scripted.js";
import { translate, Writer } from "./wire.js";

const LANGUAGES = [["eng_Latn", "English"], ["fra_Latn", "French"], ["deu_Latn", "German"], ["arb_Arab", "Arabic"],
  ["zho_Hans", "Chinese (simplified)"], ["zho_Hant", "Chinese (traditional)"]];
const SEGMENTS = [
  { source: "Good morning!", target: "Bonjour !" },
  { lead: " ", source: "My name is Anna.", target: "Je m'appelle Anna." },
  { lead: " ", source: "I live in Berlin and I speak French.", target: "J'habite à Berlin et je parle français." },
  { lead: "\n\n", source: "My old uncle bought three red apples", target: "Mon vieil oncle a acheté trois pommes", part: true },
  { lead: " ", source: "at the market yesterday.", target: "rouges au marché hier hier hier", part: true, unfinished: true },
];
const WHOLE = "Bonjour ! Je m'appelle Anna. J'habite à Berlin et je parle français.\n\n" +
  "Mon vieil oncle a acheté trois pommes rouges au marché hier hier hier";

const language = (writer, [code, name]) => writer.text(code).text(name);
const segment = (writer, { lead = "", source, target, part = false, unfinished = false }) =>
  writer.text(lead).text(source).text(target).byte(+part).byte(+unfinished);
const output = (segments, languages = LANGUAGES) => new Writer().text("wick-translate").list(languages, language)
  .list(languages, language).varint(128).byte(4).list(segments, segment).bytes;
const done = (one) => segment(new Writer().varint(2), one).bytes;
const split = (count) => new Writer().varint(1).varint(count).bytes;
const LOADED = [{ end: output([]) }];
const ANSWER = [{ partial: split(5) }, ...SEGMENTS.map((one) => ({ partial: done(one), waitMs: 20 })), { end: output(SEGMENTS) }];

const MODEL = "translate/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const pairs = (page) => page.getByRole("list", { name: "Sentences and their translations" }).getByRole("listitem");
const into = (page) => page.getByLabel("Into");
const text = (page) => page.getByRole("textbox", { name: "Text to translate", exact: true });

async function withModel({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open(MODEL);
  await page.getByText(/6 languages/).waitFor();
}

journey("a stranger translates the example and takes it along",
  { ...OFFLINE, permissions: ["clipboard-read", "clipboard-write"] }, async ({ context, page, open, shot }) => {
    await withModel({ context, page, open }, ANSWER);
    assert.deepEqual([await page.getByLabel("From").inputValue(), await into(page).inputValue()], ["English", "French"]);
    await shot("translate-ready");
    const asks = await text(page).inputValue();
    await press(page, "Translate");
    await until(async () => (await pairs(page).count()) === 5, "five pairs");
    const [, question] = await heard(page, 2);
    assert.deepEqual(question, translate("mine", { text: asks, source: "eng_Latn", target: "fra_Latn" }));
    assert.match(await pairs(page).nth(3).innerText(), /a part of a sentence that is longer/);
    assert.match(await pairs(page).nth(4).innerText(), /its translation is cut/);
    await shot("translate");
    await clean(page);
    await pairs(page).first().focus();
    await page.keyboard.press("ArrowDown");
    assert.ok(await pairs(page).nth(1).evaluate((pair) => pair === document.activeElement), "the second pair");
    await shot("translate-pair");
    await button(page, "Copy translation").click();
    await page.getByText("copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), WHOLE);
    assert.equal(await saved(page, "Translation as text"), WHOLE);
    const csv = (await saved(page, "Pairs as CSV")).trim().split("\n");
    assert.deepEqual(csv.slice(0, 2), ["eng_Latn,fra_Latn", "Good morning!,Bonjour !"]);
    const all = JSON.parse(await saved(page, "Pairs as JSON"));
    assert.deepEqual(all.segments.map(({ source, target }) => ({ source, target })),
      SEGMENTS.map(({ source, target }) => ({ source, target })));
  });

journey("a language is found by typing, and the pair can be turned round", OFFLINE, async ({ context, page, open }) => {
  await withModel({ context, page, open }, ANSWER);
  const says = (words) => page.getByText(words).first().waitFor();
  await into(page).focus();
  assert.equal(await into(page).inputValue(), "", "all languages are in the list");
  assert.equal(await page.locator("#languages-Into option").count(), 6);
  await page.keyboard.type("germ");
  await page.keyboard.press("Tab");
  assert.equal(await into(page).inputValue(), "German");
  await into(page).fill("Klingon");
  await page.keyboard.press("Tab");
  await says("no language “Klingon” here: this model knows English, French, German, Arabic, Chinese (simplified) and 1 more");
  assert.equal(await into(page).inputValue(), "German", "what was chosen stays");
  await into(page).fill("chinese");
  await page.keyboard.press("Tab");
  await says("“chinese” may be Chinese (simplified), Chinese (traditional): write more of it");
  await press(page, "Translate");
  await until(async () => (await pairs(page).count()) === 5, "five pairs");
  await button(page, "Swap the languages").click();
  assert.deepEqual([await page.getByLabel("From").inputValue(), await into(page).inputValue()], ["German", "English"]);
  assert.equal(await text(page).inputValue(), WHOLE, "the translation is the text");
  await press(page, "Translate");
  const [, , question] = await heard(page, 3);
  assert.deepEqual(question, translate("mine", { text: WHOLE, source: "deu_Latn", target: "eng_Latn" }));
});

journey("a long text shows its progress, and a Stop keeps what is there", OFFLINE, async ({ context, page, open, shot }) => {
  const long = Array.from({ length: 400 }, (_, at) => ({ lead: " ", source: `Sentence ${at}.`, target: `Phrase ${at}.` }));
  const slow = [{ partial: split(400) }, ...long.map((one, at) => ({ partial: done(one), waitMs: at < 40 ? 5 : 60_000 }))];
  await withModel({ context, page, open }, slow, [{ partial: split(400) }, ...long.map((one) => ({ partial: done(one) })),
    { end: output(long) }]);
  await press(page, "Translate");
  await page.getByText("40 of 400 sentences").waitFor();
  await shot("translate-progress");
  await button(page, "Stop").click();
  await button(page, "Stop").waitFor({ state: "hidden" });
  assert.equal(await pairs(page).count(), 40);
  await press(page, "Translate");
  await until(async () => (await pairs(page).count()) === 400, "four hundred pairs");
  assert.match(await pairs(page).nth(399).textContent(), /Sentence 399\.\s*Phrase 399\./);
});

journey("what is asked of a busy model waits in sight", OFFLINE, async ({ context, page, open, shot }) => {
  const held = (steps) => [{ gate: true }, ...steps];
  await scripted(context, { loaded: held(LOADED), asked: [held(ANSWER)] });
  await open(MODEL);
  const waits = page.getByText("“Translate” waits until the model is free.");
  await press(page, "Translate");
  await waits.waitFor();
  await shot("translate-waits");
  await clean(page);
  await release(page);
  assert.equal((await heard(page, 2)).length, 2, "the load and what waited for it");
  await waits.waitFor({ state: "hidden" });
  await press(page, "Translate");
  await waits.waitFor();
  await button(page, "Do not wait").click();
  await waits.waitFor({ state: "hidden" });
  await release(page);
  await until(async () => (await pairs(page).count()) === 5, "five pairs");
  await press(page, "Translate");
  await press(page, "Translate");
  await waits.waitFor();
  await button(page, "Stop").click();
  await waits.waitFor({ state: "hidden" });
  await page.getByText(/6 languages/).waitFor();
  assert.equal((await heard(page, 3)).length, 3, "a Stop lets nothing begin that waited");
});

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`a text is translated on a ${name} screen`, { ...options, ...OFFLINE }, async ({ context, page, open, shot }) => {
    await withModel({ context, page, open }, ANSWER);
    await shot(`translate-${name}-top`);
    await press(page, "Translate");
    await until(async () => (await pairs(page).count()) === 5, "five pairs");
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await pairs(page).nth(2).scrollIntoViewIfNeeded();
    await shot(`translate-${name}`);
    await clean(page);
  });
}

journey("what cannot be translated is said in words", OFFLINE, async ({ context, page, open }) => {
  const says = (words) => page.getByText(words).first().waitFor();
  await open("translate/?model=");
  await says(/No translation model is here yet/);
  await press(page, "Translate");
  await says("choose a model first");
  await withModel({ context, page, open }, [{ failure: refused("text", "it has 1,000,001 characters: give at most 1,000,000") }]);
  await text(page).fill(" \n ");
  await press(page, "Translate");
  await says("the text is empty: write what to translate");
  const none = { name: "none.txt", mimeType: "text/plain", buffer: Buffer.from("\n") };
  await page.getByLabel("Text to translate: take a file").setInputFiles(none);
  await says("none.txt: there is no text in it");
  const file = { name: "some.txt", mimeType: "text/plain", buffer: Buffer.from("Hello.\n\u0001Go.") };
  await page.getByLabel("Text to translate: take a file").setInputFiles(file);
  await until(async () => (await text(page).inputValue()) === "Hello.\n\u0001Go.", "the file's text");
  await press(page, "Translate");
  await says("text: it has 1,000,001 characters: give at most 1,000,000");
});
