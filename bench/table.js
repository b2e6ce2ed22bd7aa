// What the measurements say: medians, spread, ratios, and words. Pure functions.

/** The middle value; between the two middle ones when they are two. */
export function median(values) {
  if (!values.length) throw new Error("no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `{ median, min, max }`. */
export const spread = (values) =>
  ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });

/** How many times faster ours is, round by round: neighbours in time meet the same noise. */
export function ratio(ours, theirs) {
  if (ours.length !== theirs.length) throw new Error("rounds are missing");
  return spread(ours.map((value, round) => value / theirs[round]));
}

const digits = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** `12.3 (11.9–12.8)`. */
export const shown = ({ median, min, max }) => `${digits(median)} (${digits(min)}–${digits(max)})`;
export const times = (ratio) => `${shown(ratio)}×`;

/** Rows of text under a head, in columns as wide as they must be. */
export function table(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => row.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** Tokens per second of each round of one variant: `{ prompt, decode }`. */
export const speeds = (rounds) => ({
  prompt: rounds.map((round) => (1000 * round.promptTokens) / round.promptMs),
  decode: rounds.map((round) => (1000 * round.answerTokens) / round.answerMs),
});

// Issue 3's goals against wllama, same run, same threads.
const GOALS = { decode: { Q8_0: 3, Q4_0: 4, Q4_K_M: 4 }, prompt: { Q8_0: 5, Q4_0: 6, Q4_K_M: 6 } };
const THREADS_GOAL = 1.7;

const NAMES = { ours: "Wick", wllama: "wllama", candle: "stock candle" };
export const name = (variant) => NAMES[variant] ?? variant;

/**
 * `cases` are `{ model, threads, variants: { name: rounds } }`: one row per variant, ours first.
 */
export function decoderTable(cases) {
  const head = ["model", "threads", "who", "prompt tok/s", "Wick is", "decode tok/s", "Wick is", "memory MB", "load ms"];
  const rows = cases.flatMap(({ model, threads, variants }) => {
    const ours = speeds(variants.ours);
    return Object.entries(variants).map(([variant, rounds]) => {
      const { prompt, decode } = speeds(rounds);
      const than = (ours, theirs) => (variant === "ours" ? "" : times(ratio(ours, theirs)));
      return [
        model, String(threads), name(variant),
        shown(spread(prompt)), than(ours.prompt, prompt), shown(spread(decode)), than(ours.decode, decode),
        mostMemory(rounds),
        shown(spread(rounds.map((round) => round.loadMs))),
      ];
    });
  });
  return table(head, rows);
}

/** A sentence per goal and per loss; those that are missed begin with `MISSED`, `LOST` or `UNSURE`. */
export function decoderWords(cases) {
  const words = [];
  for (const one of cases) {
    const { model, threads, variants } = one;
    const ours = speeds(variants.ours);
    const where = `${model} ${on(threads)}`;
    for (const [variant, rounds] of Object.entries(variants).filter(([variant]) => variant !== "ours")) {
      const theirs = speeds(rounds);
      for (const phase of ["prompt", "decode"]) {
        const is = ratio(ours[phase], theirs[phase]).median;
        if (is < 1) words.push(`LOST: ${phase} of ${where} is ${digits(is)}× ${name(variant)}'s`);
        if (variant === "wllama") {
          const goal = GOALS[phase][model.split("-").at(-1)];
          words.push(judged(one, is >= goal, `${phase} of ${where} is ${digits(is)}× wllama's, the goal is ${goal}×`));
        }
      }
    }
    const single = cases.find((other) => other.model === model && other.threads === 1);
    if (threads > 1 && single) {
      const is = ratio(ours.prompt, speeds(single.variants.ours).prompt).median;
      const what = `prompt of ${where} is ${digits(is)}× that on one, the goal is ${THREADS_GOAL}×`;
      words.push(judged(one, is >= THREADS_GOAL, what));
    }
  }
  return words;
}

/** How many times as fast two engines side by side are together as one alone, per round. */
const gains = (rounds, phase) => spread(rounds.map(({ alone, together }) =>
  speeds(together)[phase].reduce((sum, speed) => sum + speed, 0) / speeds([alone])[phase][0]));

export const ceilingWords = ({ model, rounds }) =>
  [`BOUND: two engines of one thread with ${model}, side by side and sharing nothing, read a prompt ` +
    `${times(gains(rounds, "prompt"))} as fast as one alone, and write ${times(gains(rounds, "decode"))} as fast: ` +
    "more than that no two threads can give on this machine"];

export const verdict = (met, what) => `${met ? "met" : "MISSED"}: ${what}`;

/** Percent of the processors beyond which other programs decide a race of several threads. */
const CROWDED = 5;

/** The verdict of a case, but none of several threads on a machine that had other things to do. */
const judged = ({ threads, others }, met, what) =>
  threads > 1 && median(others) >= CROWDED ? `UNSURE: ${what}, but other programs held its threads up` : verdict(met, what);

/** Percent of the processors that other programs took before each round. */
export const othersTook = (cases) => spread(cases.flatMap(({ others }) => others));

/** What must be known before a table is believed: whether the machine was ours alone. */
export function othersWords(cases) {
  const taken = othersTook(cases);
  return taken.median < CROWDED ? [] : [`NOTE: other programs took ${shown(taken)} % of the processors; every engine is slower for it, ` +
    "and most of all one whose threads wait for each other in a busy loop"];
}

const mega = (bytes) => (bytes / 1e6).toFixed(1);
/** Megabytes of the round that took the most; asked for on one thread only. */
const mostMemory = (rounds) =>
  rounds.some(({ pageBytes }) => pageBytes === undefined) ? "-" : mega(Math.max(...rounds.map(({ pageBytes }) => pageBytes)));

/** One row per engine of `sizes`. */
export const sizeTable = (sizes) =>
  table(["wasm of", "MB", "MB by gzip"], sizes.map(({ name, bytes, gzipBytes }) => [name, mega(bytes), mega(gzipBytes)]));

export const sizeWords = (sizes) => sizes.filter(({ name }) => name.startsWith("Wick")).map(({ name, gzipBytes }) =>
  verdict(gzipBytes <= 2e6, `the engine of ${name} is ${mega(gzipBytes)} MB by gzip, the goal is 2 MB`));

/** Per round: how fast loading is against a plain read of the same bytes, and memory against the file. */
const loads = ({ rounds }) => ({
  share: spread(rounds.map(({ readMs, loadMs }) => (100 * readMs) / loadMs)),
  memory: spread(rounds.map(({ memoryBytes, fileBytes }) => memoryBytes / fileBytes)),
});

export function loadTable(results) {
  const head = ["load from OPFS", "load ms", "plain read ms", "of a plain read %", "wasm memory / file", "weights / file"];
  return table(head, results.map((result) => [
    result.model, shown(spread(result.rounds.map(({ loadMs }) => loadMs))),
    shown(spread(result.rounds.map(({ readMs }) => readMs))), shown(loads(result).share), shown(loads(result).memory),
    digits(result.rounds[0].weightBytes / result.rounds[0].fileBytes),
  ]));
}

export const loadWords = (results) => results.flatMap((result) => {
  const { share, memory } = loads(result);
  return [
    verdict(share.median >= 70, `${result.model} loads at ${digits(share.median)} % of a plain read, the goal is 70 %`),
    verdict(memory.median <= 1.1, `${result.model} takes ${digits(memory.median)} times its file in memory, the goal is 1.1`),
  ];
});

export const warmWords = ({ coldMs, warmMs }) => {
  const { median: ms } = spread(warmMs);
  return [verdict(ms <= 2000, `reload to first word takes ${digits(ms / 1000)} s (${shown(spread(warmMs))} ms; ` +
    `the first visit ${digits(coldMs / 1000)} s), the goal is 2 s`)];
};

export const growthTable = ({ stages }) =>
  table(["context tokens", "prompt s in all", "decode tok/s", "wasm memory MB"], stages.map((stage) => [
    String(stage.contextTokens), digits(stage.promptMs / 1000),
    digits((1000 * stage.answerTokens) / stage.answerMs), mega(stage.memoryBytes),
  ]));

/** Percent of each thread's time by kind of work; the first thread is the engine's own. */
export const profileTable = (results) =>
  table(["profile", "threads", "of", "ms", "share of its time"], results.flatMap(({ words, model, threads, found }) =>
    found.map(({ ms, kinds }, at) => [
      `${words}, ${model}`, String(threads), at ? `helper ${at}` : "engine", digits(ms),
      kinds.filter(({ percent }) => percent >= 1).map(({ name, percent }) => `${name} ${digits(percent)} %`).join(", "),
    ])));

/** Milliseconds of a run, per round: the middle one of those that followed the warm-up. */
const runs = (rounds) => rounds.map(({ runMs }) => median(runMs));

/** The fastest of an engine's variants: `[name, ms per round]`. */
const best = (variants, engine) => Object.entries(variants).filter(([name]) => name.startsWith(engine))
  .map(([name, rounds]) => [name, runs(rounds)]).reduce((a, b) => (median(b[1]) < median(a[1]) ? b : a));

export function encoderTable(cases) {
  const head = ["encoder", "input", "threads", "who", "ms", "Wick's best is", "memory MB"];
  return table(head, cases.flatMap(({ model, shape, threads, variants }) => {
    const [, ours] = best(variants, "Wick");
    return Object.entries(variants).map(([variant, rounds]) => [
      model, shape, String(threads), variant, shown(spread(runs(rounds))),
      variant.startsWith("Wick") ? "" : times(ratio(runs(rounds), ours)), mostMemory(rounds),
    ]);
  }));
}

const SPEED_GOAL = 2;
/** Of networks that find things in a picture, issue 5's. */
const PICTURE_GOAL = 1.5;
const PICTURES = ["detr", "owlvit", "depth", "slimsam"];
/** What asking about a picture that was seen may take. */
const PROMPT_MS = 100;

const on = (threads) => `on ${threads} thread${threads > 1 ? "s" : ""}`;

/** A sentence for a case, and one if it is lost: our faster precision against a peer's faster one. */
function raced(one, peer, what, goal = SPEED_GOAL) {
  const [[name, ours], [other, theirs]] = [best(one.variants, "Wick"), best(one.variants, peer)];
  const is = ratio(theirs, ours).median;
  const said = `${what} ${on(one.threads)}: ${name} is ${digits(is)}× ${other}`;
  return [...(is < 1 ? [`LOST: ${said}`] : []), judged(one, is >= goal, `${said}, the goal is ${goal}×`)];
}

/** A sentence for a case that no peer runs. */
function within(one, what) {
  const [name, ours] = best(one.variants, "Wick");
  const ms = median(ours);
  return [judged(one, ms <= PROMPT_MS, `${what} ${on(one.threads)}: ${name} takes ${digits(ms)} ms, the goal is ${PROMPT_MS} ms`)];
}

export const encoderWords = (cases) => cases.flatMap((one) => {
  const what = `${one.model} (${one.shape})`;
  return one.inputs ? raced(one, "onnxruntime-web", what, PICTURES.includes(one.model) ? PICTURE_GOAL : SPEED_GOAL) : within(one, what);
});

export function writerTable(cases) {
  const head = ["encoder-decoder", "tokens", "beams", "threads", "who", "ms", "Wick's best is", "memory MB"];
  return table(head, cases.flatMap(({ model, sourceTokens, answerTokens, beams, threads, variants }) => {
    const [, ours] = best(variants, "Wick");
    return Object.entries(variants).map(([variant, rounds]) => [
      model, `${sourceTokens} → ${answerTokens}`, String(beams), String(threads), variant, shown(spread(runs(rounds))),
      variant.startsWith("Wick") ? "" : times(ratio(runs(rounds), ours)), mostMemory(rounds),
    ]);
  }));
}

export const writerWords = (cases) => cases.flatMap((one) =>
  raced(one, "Transformers.js", `${one.model} (${one.sourceTokens} → ${one.answerTokens} tokens` +
    `${one.beams > 1 ? `, ${one.beams} beams to as many answers without a search` : ""})`));

/** The middle of each part that was told apart, such as `bands 12.3 + network 45.6`. */
const partsOf = (names, rounds) => (rounds[0].stages.length
  ? names.map((name, at) => `${name} ${digits(median(rounds.map(({ stages }) => median(stages.map((ms) => ms[at])))))}`).join(" + ")
  : "-");

export function soundTable(cases) {
  const head = ["sound", "input", "threads", "who", "ms", "of these", "Wick's best is", "memory MB"];
  return table(head, cases.flatMap(({ model, shape, parts, threads, variants }) => {
    const [, ours] = best(variants, "Wick");
    return Object.entries(variants).map(([variant, rounds]) => [
      model, shape, String(threads), variant, shown(spread(runs(rounds))), partsOf(parts, rounds),
      variant.startsWith("Wick") ? "" : times(ratio(runs(rounds), ours)), mostMemory(rounds),
    ]);
  }));
}

/** Issue 6 names a goal for Whisper; of the others it asks only that they are not lost. */
const soundGoal = (model) => (model.startsWith("whisper") ? SPEED_GOAL : 1);

export const soundWords = (cases) => cases.flatMap((one) =>
  raced(one, "Transformers.js", `${one.model} (${one.shape}, all the way)`, soundGoal(one.model)));
