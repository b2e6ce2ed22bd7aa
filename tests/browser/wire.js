// The wire of crates/api in JavaScript, enough to ask an engine without the page.
// Written against version 1; an engine of another version is refused here as it is by the page.

export const VERSION = 1;

/** Bytes of a message under construction: postcard's varints, little-endian floats, counted strings. */
export class Writer {
  bytes = [];
  varint(value) {
    let rest = BigInt(value);
    for (; rest > 127n; rest >>= 7n) this.bytes.push(Number(rest & 127n) | 128);
    this.bytes.push(Number(rest));
    return this;
  }
  byte(value) {
    this.bytes.push(value);
    return this;
  }
  f32(value) {
    this.bytes.push(...new Uint8Array(new Float32Array([value]).buffer));
    return this;
  }
  f64(value) {
    this.bytes.push(...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }
  counted(bytes) {
    this.varint(bytes.length);
    // A sound has more bytes than a call can have arguments.
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
  text(value) {
    return this.counted(new TextEncoder().encode(value));
  }
  list(values, write) {
    this.varint(values.length);
    for (const value of values) write(this, value);
    return this;
  }
}

export class Reader {
  constructor(bytes) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  byte() {
    return this.view.getUint8(this.at++);
  }
  varint() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  }
  f32() {
    this.at += 4;
    return this.view.getFloat32(this.at - 4, true);
  }
  f64() {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }
  counted() {
    const length = this.varint();
    this.at += length;
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at - length, length);
  }
  text() {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.counted());
  }
  list(read) {
    return Array.from({ length: this.varint() }, () => read(this));
  }
}

export const start = (call, task, input) =>
  new Writer().varint(0).varint(call).text(task).counted(input).bytes;
export const stop = (call) => new Writer().varint(1).varint(call).bytes;
export const ping = (count) => new Writer().varint(2).varint(count).bytes;

const ROLES = ["system", "user", "assistant"];

/** Input of the task `chat`; without messages the model is only loaded. */
export function chat(model, messages, { maxTokens = 64 } = {}) {
  const writer = new Writer().text(model);
  if (!messages) return writer.byte(0).bytes;
  writer.byte(1).list(messages, (w, { role, text }) => w.varint(ROLES.indexOf(role)).text(text));
  writer.byte(1); // answers
  writer.f32(0).varint(0).f32(1).f32(0).f32(1).f32(0).f32(0).varint(0);
  return writer.list([], () => {}).varint(maxTokens).bytes;
}

const FAILURES = [
  (r) => `${r.text()}: ${r.text()}`,
  (r) => `${r.text()}: ${r.text()}`,
  () => "stopped",
  (r) => `internal error: ${r.text()}`,
];

/** What an engine says. */
export function event(bytes) {
  const reader = new Reader(bytes);
  switch (reader.varint()) {
    case 0: return { kind: "ready", version: reader.varint(), threads: reader.varint() };
    case 1: return { kind: "pong", count: reader.varint(), memoryBytes: reader.varint() };
    case 2: return { kind: "partial", call: reader.varint(), body: reader.counted() };
    case 3: {
      const call = reader.varint();
      const failed = reader.varint() === 1;
      return failed
        ? { kind: "end", call, failure: FAILURES[reader.varint()](reader) }
        : { kind: "end", call, body: reader.counted() };
    }
    default: throw new Error("an event this file does not know");
  }
}

const about = (reader) => ({
  name: reader.text(), architecture: reader.text(), parameters: reader.varint(),
  quantization: reader.text(), contextTokens: reader.varint(), weightBytes: reader.varint(),
  format: ["own", "plain"][reader.varint()],
});

/** Output of the task `chat`. */
export function chatOutput(bytes) {
  const reader = new Reader(bytes);
  const model = about(reader);
  const answers = reader.list((r) => {
    const text = r.text();
    const end = ["turn", "stop string", "length", "context"][r.varint()];
    if (end === "stop string") r.text();
    const [promptTokens, keptTokens, leftOutTokens, answerTokens] = [r.varint(), r.varint(), r.varint(), r.varint()];
    const [promptMs, firstTokenMs, answerMs] = [r.f64(), r.f64(), r.f64()];
    return { text, end, promptTokens, keptTokens, leftOutTokens, answerTokens, promptMs, firstTokenMs, answerMs };
  });
  return { model, answers };
}

const PRECISIONS = ["stored", "q8_0", "q4_0"];

/** Input of the task `segment`: `prompts` of `points` (x, y, "+" or "-") and a `box`, or `all` there is. */
export function segmentInput(model, { picture, prompts, all }) {
  const writer = new Writer().text(model).varint(0).byte(1).varint(picture.width).varint(picture.height).counted(picture.rgb);
  if (all) {
    return writer.varint(2).byte(all.side).f32(all.score).f32(all.stability).f32(all.overlap).varint(all.area).bytes;
  }
  return writer.varint(1).list(prompts, (w, { points = [], box }) => {
    w.list(points, (w, [x, y, side]) => w.f32(x).f32(y).varint(side === "+" ? 0 : 1)).byte(box ? 1 : 0);
    for (const side of box ?? []) w.f32(side);
  }).bytes;
}

/** Output of the task `segment`: of each thing its candidates. */
export function segmentOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), sidePx: reader.varint(), parameters: reader.varint(), weightBytes: reader.varint(),
    usual: { side: reader.byte(), score: reader.f32(), stability: reader.f32(), overlap: reader.f32(), area: reader.varint() } };
  const candidate = (r) => {
    const mask = { width: r.varint(), height: r.varint(), runs: r.list((r) => r.varint()) };
    const score = r.f32();
    return { ...mask, score, box: r.byte() ? [r.f32(), r.f32(), r.f32(), r.f32()] : null };
  };
  return { model, things: reader.list((r) => r.list(candidate)) };
}

/** Input of the task `embed`; without texts the model is only loaded. */
export function embed(model, texts, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(texts ? 1 : 0);
  return texts ? writer.list(texts, (w, text) => w.text(text)).bytes : writer.bytes;
}

/** Output of the task `embed`. */
export function embedOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), dimensions: reader.varint(), windowTokens: reader.varint(),
    pooling: ["mean", "first", "largest"][reader.varint()], normalized: reader.byte() === 1 };
  const embeddings = reader.list((r) =>
    ({ vector: r.list((r) => r.f32()), tokens: r.varint(), readTokens: r.varint() }));
  return { model, embeddings };
}

const optional = (writer, value, write) => (value === undefined ? writer.byte(0) : write(writer.byte(1), value));

/** Input of the task `translate`; without `ask` the model is only loaded. */
export function translate(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  if (!ask) return writer.bytes;
  return optional(writer.text(ask.text).text(ask.source).text(ask.target), ask.beams, (w, n) => w.byte(n)).bytes;
}

const language = (reader) => ({ code: reader.text(), name: reader.text() });
const segment = (reader) => ({ lead: reader.text(), source: reader.text(), target: reader.text(),
  part: reader.byte() === 1, unfinished: reader.byte() === 1 });

/** Output of the task `translate`. */
export function translateOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), sources: reader.list(language), targets: reader.list(language),
    windowTokens: reader.varint(), beams: reader.byte() };
  return { model, segments: reader.list(segment) };
}

/** Input of the task `summarize`; without `ask` the model is only loaded. */
export function summarize(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  if (!ask) return writer.bytes;
  optional(writer.text(ask.text), ask.minTokens, (w, n) => w.varint(n));
  return optional(writer, ask.maxTokens, (w, n) => w.varint(n)).bytes;
}

const summary = (reader) => ({ text: reader.text(), tokens: reader.varint(), unfinished: reader.byte() === 1 });

/** Output of the task `summarize`. */
export function summarizeOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), windowTokens: reader.varint(), minTokens: reader.varint(),
    maxTokens: reader.varint() };
  return { model, rounds: reader.list((r) => r.list((r) => ({ text: r.text(), summary: summary(r) }))) };
}

/** What the task `transcribe` is asked: its input, without the sound's numbers. */
export function transcribeInput(bytes) {
  const reader = new Reader(bytes);
  const [model, precision, asked] = [reader.text(), PRECISIONS[reader.varint()], reader.byte() === 1];
  if (!asked) return { model, precision };
  const samples = reader.list((r) => r.f32());
  const sound = { samples, channels: reader.varint(), rateHz: reader.varint(), startsS: reader.varint(), ends: reader.byte() === 1 };
  const place = option(reader, () => ({ fromS: reader.f64(), known: [...reader.counted()] }));
  const language = option(reader, () => reader.text());
  const goal = ["transcribe", "translate"][reader.varint()];
  const [timestamps, prompt] = [reader.byte() === 1, reader.text()];
  const form = ["sequential", "chunks"][reader.varint()];
  const temperatures = form === "sequential" ? reader.list((r) => r.f32()) : [];
  return { model, precision, sound, place, language, goal, timestamps, prompt, form, temperatures };
}

/** Input of the task `transcribe`: one channel. */
export function transcribe(model, { samples, rateHz, language, english = false, timestamps = true }, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(1);
  writer.list(samples, (w, sample) => w.f32(sample)).varint(1).varint(rateHz).varint(0).byte(1);
  optional(writer.byte(0), language, (w, code) => w.text(code)).varint(english ? 1 : 0).byte(+timestamps).text("");
  // Sequential, one temperature, no limits.
  return writer.varint(0).list([0], (w, t) => w.f32(t)).byte(0).byte(0).byte(0).byte(0).varint(0).bytes;
}

/** Input of the task `classify_sound`. */
export const classifySound = (model, { samples, rateHz, labels, template }) =>
  new Writer().text(model).varint(0).byte(1).list(samples, (w, x) => w.f32(x)).varint(1).varint(rateHz)
    .list(labels, (w, label) => w.text(label)).text(template).varint(0).bytes;

/** Its output: labels with their logits, the likeliest first. */
export function classifySoundOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), rateHz: reader.varint(), lengthMs: reader.varint(), windowTokens: reader.varint() };
  return { model, scores: reader.list((r) => ({ label: r.text(), logit: r.f32(), probability: r.f32() })) };
}

/** What the task `classify_sound` is asked. */
export function classifySoundInput(bytes) {
  const reader = new Reader(bytes);
  const [model, precision] = [reader.text(), PRECISIONS[reader.varint()]];
  if (reader.byte() === 0) return { model, precision };
  const samples = reader.list((r) => r.f32());
  return { model, precision, samples, channels: reader.varint(), rateHz: reader.varint(),
    labels: reader.list((r) => r.text()), template: reader.text() };
}

/** Output of the task `detect`, of a model that knows `labels`; what it found is `[label, score, [left, top, right, bottom]]`. */
export const detectAnswer = (labels, found) => new Writer().text("mine").list(labels, (w, label) => w.text(label))
  .varint(16).varint(1_000_000).varint(4_000_000)
  .list(found, (w, [label, score, box]) => box.reduce((w, edge) => w.f32(edge), w.text(label).f32(score))).bytes;

/** Input of the task `speak`, without noise. */
export const speak = (model, text) =>
  new Writer().text(model).varint(0).byte(1).text(text).f32(1).byte(1).f32(0).byte(1).f32(0).varint(0).bytes;

/** The samples that a partial of the task `speak` has, if it has any. */
export function spokenSamples(bytes) {
  const reader = new Reader(bytes);
  if (reader.varint() === 0) return [];
  reader.text();
  reader.text();
  return reader.list((r) => r.f32());
}

/** Input of the task `speak`. */
export function speakInput(bytes) {
  const reader = new Reader(bytes);
  const [model, precision] = [reader.text(), PRECISIONS[reader.varint()]];
  if (reader.byte() === 0) return { model, precision };
  return { model, precision, text: reader.text(), rate: reader.f32(), voice: option(reader, () => reader.f32()),
    pace: option(reader, () => reader.f32()), seed: reader.varint() };
}

const spoken = (reader) => ({ ...language(reader), probability: option(reader, () => reader.f32()) });
const chunk = (reader) => ({ startS: reader.f64(), endS: reader.f64(), text: reader.text() });

/** Output of the task `transcribe`. */
export function transcribeOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), languages: reader.list(language), translates: reader.byte() === 1,
    windowMs: reader.varint(), promptTokens: reader.varint() };
  const heard = option(reader, () => ({ spoken: option(reader, () => spoken(reader)), chunks: reader.list(chunk), text: reader.text() }));
  return { model, heard };
}

const picture = (writer, { width, height, rgb }) => writer.varint(width).varint(height).counted(rgb);

/** Input of the task `classify`; without `ask` the model is only loaded. */
export function classify(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  return ask ? picture(writer, ask.picture).list(ask.labels, (w, label) => w.text(label)).bytes : writer.bytes;
}

/** Output of the task `classify`. */
export function classifyOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), sidePx: reader.varint(), windowTokens: reader.varint() };
  const scores = reader.list((r) => ({ label: r.text(), logit: r.f32(), probability: r.f32() }));
  return { model, scores };
}

/** Inputs of the tasks `caption`, `vqa` and `itm`; without `ask` the model is only loaded. */
export function caption(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  return ask ? picture(writer, ask.picture).text(ask.prefix ?? "").varint(ask.maxNewTokens ?? 20).bytes : writer.bytes;
}

export function vqa(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  return ask ? picture(writer, ask.picture).text(ask.question).bytes : writer.bytes;
}

export function itm(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  return ask ? picture(writer, ask.picture).list(ask.texts, (w, text) => w.text(text)).bytes : writer.bytes;
}

const teller = (reader) => ({ name: reader.text(), sidePx: reader.varint(), windowTokens: reader.varint() });
const written = (reader) => ({ text: reader.text(), newTokens: reader.varint(), unfinished: reader.byte() === 1 });

/** Output of the tasks `caption` and `vqa`. */
export function writtenOutput(bytes) {
  const reader = new Reader(bytes);
  return { model: teller(reader), written: reader.byte() === 1 ? written(reader) : null };
}

/** Output of the task `itm`. */
export function itmOutput(bytes) {
  const reader = new Reader(bytes);
  return { model: teller(reader), fits: reader.list((r) => ({ text: r.text(), probability: r.f32(), cosine: r.f32() })) };
}

/** Input of the task `detect`; without a picture the model is only loaded. */
export function detect(model, ask, precision = "stored") {
  const writer = new Writer().text(model).varint(PRECISIONS.indexOf(precision)).byte(ask ? 1 : 0);
  return ask ? picture(writer, ask.picture).bytes : writer.bytes;
}

/** Output of the task `detect`; a box is left, top, right and bottom in pixels. */
export function detectOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), labels: reader.list((r) => r.text()), queries: reader.varint(),
    parameters: reader.varint(), weightBytes: reader.varint() };
  const found = reader.list((r) => ({ label: r.text(), score: r.f32(), box: [r.f32(), r.f32(), r.f32(), r.f32()] }));
  return { model, found };
}

/** Input of the task `find`; without `ask` the model is only loaded. */
export const find = classify;

/** Output of the task `find`; a box is left, top, right and bottom in pixels. */
export function findOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), sidePx: reader.varint(), windowTokens: reader.varint(),
    parameters: reader.varint(), weightBytes: reader.varint() };
  const found = reader.list((r) => ({ label: r.text(), score: r.f32(), box: [r.f32(), r.f32(), r.f32(), r.f32()] }));
  return { model, found };
}

/** Output of the task `depth`: levels are two bytes a pixel, the lower first. */
export function depthOutput(bytes) {
  const reader = new Reader(bytes);
  const model = { name: reader.text(), parameters: reader.varint(), weightBytes: reader.varint() };
  const depth = reader.byte() ? { width: reader.varint(), height: reader.varint(), most: reader.f32(), levels: reader.counted() } : undefined;
  return { model, depth };
}

/** Input and output of the task `check`. */
export const check = (seeds) => new Writer().list(seeds, (writer, seed) => writer.varint(seed)).bytes;
export const checkOutput = (bytes) => new Reader(bytes).varint();

/** Input of the task `measure`; a stage is `[keptTokens, promptTokens, answerTokens]`. */
export const measure = (model, stages, seed = 1) =>
  new Writer().text(model).varint(seed).varint(0)
    .list(stages, (w, stage) => stage.forEach((tokens) => w.varint(tokens))).bytes;

/** The same for an encoder; `lengths` are those of what it takes, and `precision` is "stored" or "q8_0". */
export const measureEncoder = (model, { precision, lengths, runs }, seed = 1) =>
  new Writer().text(model).varint(seed).varint(1).varint(PRECISIONS.indexOf(precision))
    .list(lengths, (w, length) => w.varint(length)).varint(runs).bytes;

/** The same for an encoder-decoder; `source` is ids. */
export const measureWriter = (model, { precision, source, answerTokens, beams, runs }, seed = 1) =>
  new Writer().text(model).varint(seed).varint(2).varint(PRECISIONS.indexOf(precision))
    .list(source, (w, id) => w.varint(id)).varint(answerTokens).byte(beams).varint(runs).bytes;

/** The same for a network of sounds. */
export const measureSounds = (model, { precision, samples, ids, answerTokens, runs }, seed = 1) =>
  new Writer().text(model).varint(seed).varint(3).varint(PRECISIONS.indexOf(precision)).list(samples, (w, x) => w.f32(x))
    .list(ids, (w, id) => w.varint(id)).varint(answerTokens).varint(runs).bytes;

/** Output of the task `measure`, of a language model, an encoder, an encoder-decoder or a network of sounds. */
export function measureOutput(bytes) {
  const reader = new Reader(bytes);
  const what = reader.varint();
  if (what === 1) return { loadMs: reader.f64(), runMs: reader.list((r) => r.f64()) };
  const timed = (r) => ({ promptMs: r.f64(), answerMs: r.list((r) => r.f64()) });
  if (what === 2) return { loadMs: reader.f64(), runs: reader.list(timed), answer: reader.list((r) => r.varint()) };
  if (what === 3) return { loadMs: reader.f64(), runs: reader.list((r) => r.list((r) => r.f64())), answer: reader.list((r) => r.f32()) };
  return { model: about(reader), loadMs: reader.f64(), stages: reader.list(timed) };
}

/** Inputs of the task `store`. */
export const list = () => new Writer().varint(Date.now()).varint(0).bytes;
export const download = (url) => new Writer().varint(Date.now()).varint(1).varint(1).text(url).bytes;
export const verify = (model) => new Writer().varint(Date.now()).varint(3).text(model).bytes;
export const remove = (model) => new Writer().varint(Date.now()).varint(4).text(model).bytes;

const option = (reader, read) => (reader.byte() === 1 ? read(reader) : null);

/** Output of the task `store`: the models on the shelf. */
export function shelf(bytes) {
  const reader = new Reader(bytes);
  return reader.list((r) => ({
    model: r.text(), origin: r.text(), licence: r.text(),
    files: r.list(() => ({
      path: r.text(), haveBytes: r.varint(), sizeBytes: option(r, () => r.varint()),
      sha256: option(r, () => r.text()), state: ["whole", "partial", "damaged"][r.varint()],
    })),
    addedMs: r.varint(), usedMs: r.varint(),
  }));
}
