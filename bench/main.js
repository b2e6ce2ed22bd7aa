// Runs every measurement, one after the other, and says what they come to. Started by `cargo xtask bench`.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { launch } from "./browser.js";
import { picture } from "./picture.js";
import * as sections from "./sections.js";
import * as words from "./table.js";

const QUICK = {
  rounds: 3, threads: [1], models: ["135M-Q8_0", "135M-Q4_0"], parts: ["decoders", "sizes", "warm"],
  warm: { prompt: 16, answer: 4 }, timed: { prompt: 64, answer: 16 },
};
const FULL = {
  rounds: 5, threads: [1, 2], models: ["Q8_0", "Q4_0", "Q4_K_M"].flatMap((kind) => [`135M-${kind}`, `360M-${kind}`]),
  parts: ["decoders", "encoders", "writers", "sounds", "ceiling", "load", "growth", "profile", "warm", "sizes"],
  warm: { prompt: 32, answer: 8 }, timed: { prompt: 128, answer: 32 },
  growth: { model: "135M-Q8_0", threads: 2, contexts: [128, 1024, 4096, 8192], answer: 16 },
};

/** How each part is shown: a table and sentences. */
const SHOWN = {
  decoders: [words.decoderTable, (cases) => [...words.decoderWords(cases), ...words.othersWords(cases)]],
  encoders: [words.encoderTable, (cases) => [...words.encoderWords(cases), ...words.othersWords(cases)]],
  writers: [words.writerTable, (cases) => [...words.writerWords(cases), ...words.othersWords(cases)]],
  sounds: [words.soundTable, (cases) => [...words.soundWords(cases), ...words.othersWords(cases)]],
  ceiling: [() => "", words.ceilingWords],
  load: [words.loadTable, words.loadWords],
  growth: [words.growthTable, () => []],
  profile: [words.profileTable, () => []],
  warm: [() => "", words.warmWords],
  sizes: [words.sizeTable, words.sizeWords],
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean" }, rounds: { type: "string" }, threads: { type: "string" },
    only: { type: "string" }, models: { type: "string" }, tokens: { type: "string" }, contexts: { type: "string" },
  },
});

/** The plan, with what was asked for in its place. */
function planned() {
  const plan = { ...(options.quick ? QUICK : FULL) };
  if (options.rounds) plan.rounds = Number(options.rounds);
  if (options.threads) plan.threads = options.threads.split(",").map(Number);
  if (options.only) plan.parts = options.only.split(",");
  if (options.models) plan.models = plan.chosen = options.models.split(",");
  if (options.tokens) {
    const [prompt, answer] = options.tokens.split(",").map(Number);
    plan.timed = { prompt, answer };
  }
  plan.growth ??= FULL.growth;
  if (options.contexts) plan.growth = { ...plan.growth, contexts: options.contexts.split(",").map(Number) };
  const unknown = plan.parts.find((part) => !SHOWN[part]);
  if (unknown) throw new Error(`no part is called ${unknown}: there are ${Object.keys(SHOWN).join(", ")}`);
  return plan;
}

const FILE = new URL("results.json", import.meta.url);

/** What is known so far: parts asked for by `--only` join those measured earlier in the same browser on the same machine. */
function known(machine) {
  const before = options.only && !options.quick && existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
  const same = JSON.stringify(before.machine) === JSON.stringify(machine);
  return { machine, plans: {}, ...(same ? before : {}) };
}

/** Rows of models that were not asked for this time stay as they were measured. */
const joined = (before, now) => (options.models && Array.isArray(now) && now[0].model
  ? [...(before ?? []).filter((old) => !now.some(({ model }) => model === old.model)), ...now] : now);

/** After each part, so that a run that is ended early leaves what it has measured; a quick one keeps the last full one's. */
function save(results) {
  if (options.quick) return;
  writeFileSync(FILE, `${JSON.stringify(results, null, 1)}\n`);
  if (results.decoders) writeFileSync(new URL("results.svg", import.meta.url), picture(results));
}

const plan = planned();
const browser = await launch();
try {
  const results = known({ cpu: cpus()[0].model, cores: cpus().length, browser: `Chromium ${browser.version()}` });
  for (const part of plan.parts) {
    results[part] = joined(results[part], await sections[part](browser, plan));
    results.plans[part] = { ...plan, measured: new Date().toISOString().slice(0, 10) };
    console.log(`\n${SHOWN[part][0](results[part])}`);
    const sentences = Object.keys(SHOWN).filter((part) => results[part]).flatMap((part) => SHOWN[part][1](results[part]));
    results.sentences = sentences.sort();
    save(results);
  }
  console.log(`
All weights are random, in real shapes; the shipped default alone (reload to first word) is trained.
${plan.timed.prompt} tokens of prompt and ${plan.timed.answer} of answer, after a shorter run that is not counted; medians (least–most) of
${plan.rounds} rounds, each in a browser context of its own; ratios are of neighbours in one round.
Memory is what the browser says the page and its workers hold at the end, asked on one thread.
${results.machine.browser}, ${results.machine.cores} cores of ${results.machine.cpu}.
`);
  console.log(results.sentences.join("\n"));
} finally {
  await browser.close();
}
