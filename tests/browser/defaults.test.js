// The models that come with the site, asked by both engines what their cards say they were measured on: see
// `recipes/*/evaluate.py`. `tests/defaults.rs`, `tests/detect.rs`, `tests/embed.rs` and `tests/find.rs` expect the same natively.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "./engine.js";
import { journey, until } from "./harness.js";
import { answered, ask, press } from "./page.js";
import { seen, squares } from "./picture.js";
import * as wire from "./wire.js";

const golden = (task) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../golden/default_${task}.json`), "utf8"));

const sheet = (page, task, { side }) => squares(page, join(import.meta.dirname, `../golden/default_${task}.png`), side);

/** Gives samples of a sheet of sounds, which has eight bits for each. */
function sounds(task) {
  const sheet = readFileSync(join(import.meta.dirname, `../golden/default_${task}.wav`)).subarray(44);
  return (begin, count) => Array.from(sheet.subarray(begin, begin + count), (byte) => (byte - 128) / 128);
}

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Intersection over union of two masks as the wire tells them. */
function shares(one, other) {
  const inside = (runs) => runs.flatMap((run, at) => Array(run).fill(at % 2));
  const [a, b] = [inside(one), inside(other)];
  const count = (keep) => a.reduce((sum, x, at) => sum + keep(x, b[at]), 0);
  return count((x, y) => x & y) / count((x, y) => x | y);
}

/** What `one` gives for each case; the engine has some waiting, so that it never waits for this program. */
async function each(cases, one) {
  const got = [];
  while (got.length < cases.length) got.push(...await Promise.all(cases.slice(got.length, got.length + 16).map(one)));
  return got;
}

/** How much of two boxes together both have. */
function overlap(a, b) {
  const length = (from, to) => Math.max(0, Math.min(a[to], b[to]) - Math.max(a[from], b[from]));
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  const both = length(0, 2) * length(1, 3);
  return both / (area(a) + area(b) - both);
}

/** Whether every thing was found, once, and nothing else. */
function isWhole(found, things) {
  const left = [...things];
  return found.length === things.length && found.every(({ label, box }) => {
    const at = left.findIndex((thing) => thing.label === label && overlap(thing.box, box) >= 0.5);
    return at >= 0 && left.splice(at, 1);
  });
}

/** What `SCORES` has of a task that finds things; each must be where the reference finds it. */
async function things(golden, page, task, look) {
  const pictures = await sheet(page, task, golden);
  // One picture may lie so near the threshold that it falls to the other side.
  return [golden.exact - 1 / golden.cases.length, await each([...golden.cases.entries()], async ([at, item]) => {
    const { found } = await look(pictures[at], item);
    for (const want of item.found) {
      const is = ({ label, score, box }) => label === want.label && Math.abs(score - want.score) < 1e-3 &&
        box.every((side, i) => Math.abs(side - want.box[i]) < 0.05);
      assert.ok(found.some(is), `picture ${at}: ${JSON.stringify(want)} in ${JSON.stringify(found)}`);
    }
    return isWhole(found.filter(({ score }) => score > golden.threshold), item.things);
  })];
}

const spelled = (text) => text.toLowerCase().replaceAll("'", "").split(/[^\p{L}]+/u).filter(Boolean);

/** The fewest words put in, taken out or changed between two texts. */
function wordErrors(got, wanted) {
  const [a, b] = [spelled(got), spelled(wanted)];
  let row = b.map((_, at) => at + 1);
  for (const [i, word] of a.entries()) {
    let [corner, left] = [i, i + 1];
    row = b.map((other, at) => {
      const best = Math.min(left + 1, row[at] + 1, corner + (word === other ? 0 : 1));
      [corner, left] = [row[at], best];
      return best;
    });
  }
  return row.at(-1) ?? a.length;
}

/** Of each task: what the golden file promises, and for each held-out item whether the answer is right. */
const SCORES = {
  translate: async (asked, { cases, exact }) => [exact, await each(cases, async (item) => {
    const { segments } = wire.translateOutput(await asked.ask("translate", wire.translate("wick-translate", item)));
    const got = segments.map((one) => one.lead + one.target).join("");
    // The reference reads a text of several sentences at once, the task each by itself.
    if (segments.length === 1) assert.equal(got, item.output, item.text);
    return got === item.answer;
  })],
  summarize: async (asked, { cases, exact }) => [exact, await each(cases, async ({ text, output, answer }) => {
    const { rounds } = wire.summarizeOutput(await asked.ask("summarize", wire.summarize("wick-summarize", { text })));
    assert.equal(rounds[0][0].summary.text, output, text);
    return output === answer;
  })],
  blenderbot: async (asked, { cases, accuracy }) => [accuracy, await each(cases, async ({ messages, output, answers }) => {
    const said = messages.map(({ role, content }) => ({ role, text: content }));
    const body = await asked.ask("chat", wire.chat("wick-blenderbot", said, { maxTokens: 512 }));
    assert.equal(wire.chatOutput(body).answers[0].text, output, JSON.stringify(messages));
    return answers.includes(output);
  })],
  embed: async (asked, { search, accuracy }) => {
    const places = async (texts) =>
      wire.embedOutput(await asked.ask("embed", wire.embed("wick-embed", texts))).embeddings.map(({ vector }) => vector);
    const texts = await places(search.map(({ text }) => text));
    const nearest = (query) => {
      const alike = texts.map((text) => dot(query, text));
      return alike.indexOf(Math.max(...alike));
    };
    const queries = await places(search.map(({ query }) => query));
    return [accuracy, queries.map((query, i) => nearest(query) === i)];
  },
  classify: async (asked, golden, page) => {
    const pictures = await sheet(page, "classify", golden);
    return [golden.accuracy, await each([...golden.cases.entries()], async ([at, { labels, right, logits }]) => {
      const body = await asked.ask("classify", wire.classify("wick-classify", { picture: pictures[at], labels }));
      const { scores } = wire.classifyOutput(body);
      for (const { label, logit } of scores) {
        const want = logits[labels.indexOf(label)];
        assert.ok(Math.abs(logit - want) <= 0.01, `${label}: ${logit} for ${want}`);
      }
      return scores[0].label === labels[right];
    })];
  },
  caption: async (asked, golden, page) => {
    const pictures = await sheet(page, "classify", golden);
    return [golden.accuracy, await each([...golden.cases.entries()], async ([at, { caption, right }]) => {
      const { written } = wire.writtenOutput(await asked.ask("caption", wire.caption("wick-caption", { picture: pictures[at] })));
      assert.equal(written.text, caption, `picture ${at}`);
      return right;
    })];
  },
  vqa: async (asked, golden, page) => {
    const pictures = await sheet(page, "classify", golden);
    return [golden.accuracy, await each(golden.cases, async ({ picture, question, answer, wanted }) => {
      const body = await asked.ask("vqa", wire.vqa("wick-vqa", { picture: pictures[picture], question }));
      const { written } = wire.writtenOutput(body);
      assert.equal(written.text, answer, `${question} of picture ${picture}`);
      return written.text === wanted;
    })];
  },
  itm: async (asked, golden, page) => {
    const pictures = await sheet(page, "classify", golden);
    return [golden.accuracy, await each([...golden.cases.entries()], async ([at, { texts, probabilities, cosines }]) => {
      const { fits } = wire.itmOutput(await asked.ask("itm", wire.itm("wick-itm", { picture: pictures[at], texts })));
      for (const [i, { probability, cosine }] of fits.entries()) {
        assert.ok(Math.abs(probability - probabilities[i]) <= 1e-3 && Math.abs(cosine - cosines[i]) <= 1e-3, `${texts[i]}: ${probability}, ${cosine}`);
      }
      return fits[0].probability > fits[1].probability;
    })];
  },
  segment: async (asked, golden, page) => {
    const pictures = await sheet(page, "segment", golden);
    return [golden.met, await each(golden.cases, async (item) => {
      const prompts = [{ points: [[...item.point, "+"]] }, { box: item.box }];
      const body = await asked.ask("segment", wire.segmentInput("wick-segment", { picture: pictures[item.picture], prompts }));
      const shared = wire.segmentOutput(body).things.map(([{ runs }]) => shares(runs, item.runs));
      for (const [i, wanted] of [item.point_overlap, item.box_overlap].entries()) {
        assert.ok(Math.abs(shared[i] - wanted) < 0.02, `${shared[i]} for ${wanted}`);
      }
      return Math.min(...shared) >= 0.75;
    })];
  },
  fastsam: async (asked, golden, page) => {
    const pictures = await sheet(page, "fastsam", golden);
    const all = { side: 8, score: 0.25, stability: 0, overlap: 0.7, area: 0 };
    const met = await each([...golden.cases.entries()], async ([at, { things }]) => {
      const body = await asked.ask("segment", wire.segmentInput("wick-fastsam", { picture: pictures[at], all }));
      const found = wire.segmentOutput(body).things.map(([{ runs }]) => runs);
      return things.map((thing) => found.some((runs) => shares(runs, thing) >= 0.5));
    });
    return [golden.recall, met.flat()];
  },
  detect: (asked, golden, page) => things(golden, page, "detect", async (picture) =>
    wire.detectOutput(await asked.ask("detect", wire.detect("wick-detect", { picture })))),
  find: (asked, golden, page) => things(golden, page, "find", async (picture, { labels }) =>
    wire.findOutput(await asked.ask("find", wire.find("wick-find", { picture, labels })))),
  // Each word counts.
  listen: async (asked, golden) => {
    const sheet = sounds("listen");
    const words = await each(golden.cases, async ({ begin, count, language, text, translation, wanted, chunks }) => {
      const samples = sheet(begin, count);
      const hear = async (how) => wire.transcribeOutput(
        await asked.ask("transcribe", wire.transcribe("wick-listen", { samples, rateHz: golden.rate, ...how }))).heard;
      const heard = await hear({ timestamps: false });
      assert.deepEqual([heard.spoken.code, heard.text.trim()], [language, text.trim()], wanted);
      assert.equal((await hear({ timestamps: false, language, english: true })).text.trim(), translation.trim(), wanted);
      const timed = (await hear({ language })).chunks.map(({ startS, endS, text }) => [startS, endS, text.trim()]);
      assert.deepEqual(timed.map(([, , text]) => text), chunks.map(([, , text]) => text.trim()), wanted);
      timed.forEach((one, i) => [0, 1].forEach((side) => assert.ok(Math.abs(one[side] - chunks[i][side]) < 0.011, `${one} for ${chunks[i]}`)));
      const all = spelled(wanted).length;
      return Array.from({ length: all }, (_, at) => at >= wordErrors(heard.text, wanted));
    });
    return [1 - golden.cases_word_errors, words.flat()];
  },
  sound: async (asked, golden) => {
    const heard = sounds("sound");
    return [golden.accuracy, await each(golden.cases, async ({ begin, count, label, logits }) => {
      const ask = { samples: heard(begin, count), rateHz: golden.rate, labels: golden.labels, template: golden.template };
      const { scores } = wire.classifySoundOutput(await asked.ask("classify_sound", wire.classifySound("wick-sound", ask)));
      for (const one of scores) {
        const want = logits[golden.labels.indexOf(one.label)];
        assert.ok(Math.abs(one.logit - want) < 1e-2, `${label}: ${one.logit} of ${one.label} for ${want}`);
      }
      return scores[0].label === label;
    })];
  },
  // What one model of the site says, the other hears.
  speak: async (asked, golden) => {
    const words = await each(golden.heard, async ({ text }) => {
      const samples = (await asked.partials("speak", wire.speak("wick-speak", text))).flatMap(wire.spokenSamples);
      return { text, samples };
    });
    const heard = await each(words, async ({ text, samples }) => {
      const input = wire.transcribe("wick-listen", { samples, rateHz: golden.rate, timestamps: false, language: "en" });
      const got = wire.transcribeOutput(await asked.ask("transcribe", input)).heard.text;
      const all = spelled(text).length;
      return Array.from({ length: all }, (_, at) => at >= wordErrors(got, text));
    });
    return [1 - golden.figures.word_errors, heard.flat()];
  },
  depth: async (asked, golden, page) => {
    const pictures = await sheet(page, "depth", golden);
    const told = await each([...golden.cases.entries()], async ([at, { depth: wanted, places }]) => {
      const { depth } = wire.depthOutput(await asked.ask("depth", wire.detect("wick-depth", { picture: pictures[at] })));
      const level = (i) => depth.levels[2 * i] | (depth.levels[2 * i + 1] << 8);
      wanted.forEach((want, i) => {
        const got = (level(i * golden.stride) / 65535) * depth.most;
        assert.ok(Math.abs(got - Math.max(want, 0)) <= 1e-3 * depth.most, `picture ${at}: ${got} for ${want}`);
      });
      const near = ([x, y]) => level(y * depth.width + x);
      return places.flatMap((one, i) => places.slice(i + 1).filter((other) => Math.abs(one[2] - other[2]) >= 0.05)
        .map((other) => one[2] > other[2] === near(one) > near(other)));
    });
    return [golden.nearer, told.flat()];
  },
};

// Both engines are held against the references elsewhere, kernel by kernel and architecture by architecture: here they
// take turns.
for (const [at, [task, score]] of Object.entries(SCORES).entries()) {
  const kind = at % 2 ? "simd" : "threads";
  journey(`the site's model is as good as its card says: ${task} (${kind})`, async ({ page, open }) => {
    await open();
    const [promised, answers] = await score(await engine(page, kind), golden(task), page);
    const right = answers.filter(Boolean).length;
    assert.ok(answers.length >= 90, `${answers.length} items are too few`);
    assert.ok(right / answers.length >= promised - 1e-9, `${right} of ${answers.length} are right, not ${promised}`);
  });
}

journey("the first visit to each panel ends in an answer", async ({ page, open, shot }) => {
  const says = (words) => page.getByText(words).first().waitFor();
  await open("translate/");
  await press(page, "Translate");
  await says("J'habite à Berlin et je parle français.");
  await says("Mon frère a acheté trois pommes rouges au marché hier.");
  await shot("first-translation");
  await open("summarize/");
  await press(page, "Summarize");
  await page.getByRole("region", { name: "Summary" }).getByText(/Hamburg and Geneva/).waitFor();
  await shot("first-summary");
  await open("embed/");
  await press(page, "Compare");
  await page.getByRole("table").waitFor();
  await shot("first-comparison");
  await open("detect/");
  await seen(page, "1.png");
  await press(page, "Find things");
  await says(/In this picture there are two crosses, one (house and one square|square and one house)\./);
  await shot("first-things");
  await open("find/");
  await seen(page, "1.png");
  await press(page, "Find");
  await says("In this picture there is one house, one triangle and one star.");
  await shot("first-found");
  await open("classify/");
  await seen(page, "1.png");
  await press(page, "Match");
  await page.getByRole("list", { name: "Labels, the likeliest first" }).getByRole("listitem").first()
    .getByText("a red car, a red heart and a white square").waitFor();
  await shot("first-labels");
  await open("caption/");
  await seen(page, "1.png");
  await press(page, "Describe");
  await page.getByRole("region", { name: "Caption" }).getByText(golden("caption").cases[0].caption, { exact: true }).waitFor();
  await shot("first-caption");
  await open("vqa/");
  await seen(page, "1.png");
  await press(page, "Ask");
  await page.getByRole("list", { name: "Answers, the last one first" }).getByText(/^(one|two|three)$/).waitFor();
  await shot("first-answer");
  await open("itm/");
  await seen(page, "1.png");
  await press(page, "Match");
  await page.getByRole("list", { name: "Texts, with how likely each is true" }).getByRole("listitem").first()
    .getByText("a red car, a red heart and a white square").waitFor();
  await shot("first-match");
  await open("transcribe/");
  await says("1.wav ·");
  await press(page, "Write it down");
  const [{ chunks }] = golden("listen").samples;
  const heard = () => page.getByRole("textbox", { name: "Text", exact: true }).evaluateAll((all) => all.map((one) => one.value));
  const words = chunks.map(([, , text]) => text.trim());
  await until(async () => JSON.stringify(await heard()) === JSON.stringify(words), `the lines ${words}`);
  await shot("first-transcript");
  await open("classify_sound/");
  await says("1.wav ·");
  await press(page, "Match");
  await page.getByRole("list", { name: "Labels, the likeliest first" }).getByRole("listitem").first().getByText("a siren").waitFor();
  await shot("first-sound");
  await open("speak/");
  await press(page, "Speak");
  await says("speech.wav ·");
  await shot("first-speech");
  await open("narrate/");
  await seen(page, "1.png");
  await press(page, "Narrate");
  await says(/In this picture there are two crosses/);
  await says("speech.wav ·");
  await shot("first-narration");
  await open("?model=wick-blenderbot");
  await ask(page, "Hello!");
  assert.match(await answered(page, 0), /How are you today\?/);
  await shot("first-small-talk");
});
