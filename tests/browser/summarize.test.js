// Summarization: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press } from "./page.js";
import { heard, refused, release, scripted } from "./scripted.js";
import { summarize, Writer } from "./wire.js";

const CHUNKS = ["A fire broke out in a factory in Brussels on Tuesday. Twelve people were hurt.",
  "On Thursday the Quito Falcons played against the Vienna Sharks and won three to zero. It rained during the whole game.",
  "A theatre in Kyiv is being repaired. Under it, workers found a Roman wall."];
const SAID = ["A factory in Brussels caught fire.", "The Quito Falcons beat the Vienna Sharks.", "Workers found a Roman wall."];
const WHOLE = "A factory caught fire, the Falcons won, and a Roman wall was found.";

const summary = (writer, text, unfinished = false) => writer.text(text).varint(text.split(" ").length + 2).byte(+unfinished);
const chunk = (writer, [text, said]) => summary(writer.text(text), said);
const output = (rounds) => new Writer().text("wick-summarize").varint(208).varint(8).varint(60)
  .list(rounds, (w, round) => w.list(round, chunk)).bytes;
const round = (chunks) => new Writer().varint(1).list(chunks, (w, text) => w.text(text)).bytes;
const done = (text, unfinished) => summary(new Writer().varint(2), text, unfinished).bytes;
const LOADED = [{ end: output([]) }];
const JOINED = SAID.join(" ");
const LONG = [{ partial: round(CHUNKS) }, ...SAID.map((said) => ({ partial: done(said) })),
  { partial: round([JOINED]) }, { partial: done(WHOLE) },
  { end: output([CHUNKS.map((text, at) => [text, SAID[at]]), [[JOINED, WHOLE]]]) }];
const SHORT = [{ partial: round(["a"]) }, { partial: done(SAID[0]) }, { end: output([[["a", SAID[0]]]]) }];

const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const text = (page) => page.getByRole("textbox", { name: "Text to summarize", exact: true });
const whole = (page) => page.getByRole("region", { name: "Summary" });
const chunks = (page, at) => page.locator(".chunks").nth(at).getByRole("listitem");

async function withModel({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open("summarize/?model=mine");
  await page.getByText(/reads up to 208 tokens at once/).waitFor();
}

journey("a stranger summarizes the example and takes it along",
  { ...OFFLINE, permissions: ["clipboard-read", "clipboard-write"] }, async ({ context, page, open, shot }) => {
    await withModel({ context, page, open }, SHORT);
    const asks = await text(page).inputValue();
    await page.getByLabel("Fewest tokens").fill("12");
    await press(page, "Summarize");
    await whole(page).getByText(SAID[0]).waitFor();
    assert.equal(await page.locator(".chunks").count(), 0, "what is read at once has no chunks");
    const [, question] = await heard(page, 2);
    assert.deepEqual(question, summarize("mine", { text: asks, minTokens: 12 }));
    await shot("summarize");
    await clean(page);
    await button(page, "Copy summary").click();
    await page.getByText("copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), SAID[0]);
  });

journey("the chunks of a long text appear one by one, and then the whole", OFFLINE,
  async ({ context, page, open, shot }) => {
    await withModel({ context, page, open }, [...LONG.slice(0, 2), { gate: true }, ...LONG.slice(2)]);
    const file = { name: "news.txt", mimeType: "text/plain", buffer: Buffer.from(CHUNKS.join(" ")) };
    await page.getByLabel("Text to summarize: take a file").setInputFiles(file);
    await until(async () => (await text(page).inputValue()) === CHUNKS.join(" "), "the file's text");
    await press(page, "Summarize");
    await page.getByText("1 of 3 chunks").waitFor();
    assert.match(await chunks(page, 0).nth(0).innerText(), new RegExp(SAID[0]));
    assert.match(await chunks(page, 0).nth(1).innerText(), /Waits for its summary/);
    assert.equal(await whole(page).count(), 0);
    await shot("summarize-progress");
    await release(page);
    await whole(page).getByText(WHOLE).waitFor();
    await page.getByText("Round 2: the whole").waitFor();
    await chunks(page, 0).nth(1).getByText("What was read").click();
    await chunks(page, 0).nth(1).getByText(CHUNKS[1]).waitFor();
    await shot("summarize-rounds");
    await clean(page);
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save").click()]);
    const saved = readFileSync(await download.path(), "utf8");
    assert.equal(saved, `# Summary\n\n${WHOLE}\n\n## Round 1\n\n${SAID.map((said, at) => `${at + 1}. ${said}\n`).join("")}`);
  });

journey("a Stop between two chunks keeps the summaries that are there", OFFLINE, async ({ context, page, open }) => {
  await withModel({ context, page, open }, [...LONG.slice(0, 2), { ...LONG[2], waitMs: 60_000 }], LONG);
  await press(page, "Summarize");
  await page.getByText("1 of 3 chunks").waitFor();
  await button(page, "Stop").click();
  await button(page, "Stop").waitFor({ state: "hidden" });
  assert.match(await chunks(page, 0).nth(0).innerText(), new RegExp(SAID[0]));
  await press(page, "Summarize");
  await whole(page).getByText(WHOLE).waitFor();
  assert.equal(await chunks(page, 0).count(), 3);
});

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`a text is summarized on a ${name} screen`, { ...options, ...OFFLINE }, async ({ context, page, open, shot }) => {
    await withModel({ context, page, open }, LONG);
    await shot(`summarize-${name}-top`);
    await press(page, "Summarize");
    await whole(page).getByText(WHOLE).waitFor();
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await whole(page).scrollIntoViewIfNeeded();
    await shot(`summarize-${name}`);
    await clean(page);
  });
}

journey("what cannot be summarized is said in words", OFFLINE, async ({ context, page, open }) => {
  const says = (words) => page.getByText(words).first().waitFor();
  await open("summarize/?model=");
  await says(/No summarization model is here yet/);
  await press(page, "Summarize");
  await says("choose a model first");
  await withModel({ context, page, open }, [{ failure: refused("fewest tokens", "9 are more than the 3 a summary may have") }]);
  await text(page).fill("\n");
  await press(page, "Summarize");
  await says("the text is empty: write what to summarize");
  await text(page).fill("A storm hit Rabat.");
  await page.getByLabel("Most tokens").fill("many");
  await press(page, "Summarize");
  await says("Most tokens: “many” is no whole number, such as 40");
  await page.getByLabel("Most tokens").fill("3");
  await press(page, "Summarize");
  await says("fewest tokens: 9 are more than the 3 a summary may have");
});
