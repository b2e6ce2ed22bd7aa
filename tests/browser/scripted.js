// A stand-in for the engine that says what a journey gives it, and nothing else: so that a panel is seen
// in every state it can be in, at a pace the journey sets. What an engine really answers is asked of the
// real one elsewhere.

import { VERSION, Writer } from "./wire.js";
import { until } from "./harness.js";

/** The worker's own text: it knows how to count bytes, and replays. */
function replay(script, version) {
  const varint = (value) => {
    const bytes = [];
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    return [...bytes, value];
  };
  const say = (...bytes) => self.postMessage(Uint8Array.from(bytes.flat()));
  const stopped = new Set();
  self.asked = [];
  const steps = async (call, list) => {
    for (const { waitMs = 0, gate, partial, end, failure } of list) {
      await new Promise((resolve) => (gate ? (self.release = resolve) : setTimeout(resolve, waitMs)));
      if (stopped.has(call)) return;
      if (partial) say(2, varint(call), varint(partial.length), partial);
      if (end) say(3, varint(call), 0, varint(end.length), end);
      if (failure) say(3, varint(call), 1, failure);
    }
  };
  self.onmessage = ({ data }) => {
    let at = 0;
    const read = () => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = data[at++];
        value += (byte & 127) * scale;
        if (byte < 128) return value;
      }
    };
    const counted = () => {
      const length = read();
      at += length;
      return data.slice(at - length, at);
    };
    if (!(data instanceof Uint8Array)) return;
    const kind = read();
    if (kind === 2) return say(1, varint(read()), varint(0));
    const call = read();
    if (kind === 1) {
      stopped.add(call);
      return say(3, varint(call), 1, 2);
    }
    const task = new TextDecoder().decode(counted());
    const input = counted();
    if (task === "store") return say(3, varint(call), 0, varint(1), 0);
    self.asked.push(Array.from(input));
    const own = script[task] ?? script;
    // A model's name, how its weights are held, and whether something is asked.
    const isAsked = input[1 + input[0] + 1] === 1;
    steps(call, isAsked ? own.asked[Math.min(self.asked.length - 2, own.asked.length - 1)] : own.loaded);
  };
  say(0, varint(version), varint(1));
}

/**
 * From now on the page's engines say `loaded` when a model is loaded and `asked[n]` at question n (the last
 * one again for further questions): lists of `{ waitMs, partial | end | failure }`, the bytes of their bodies.
 * At `{ gate: true }` they wait for `release`. Where engines of several tasks answer, `script` has one of these for each
 * task by its name.
 */
export async function scripted(context, script) {
  await context.route("**/engine.js*", async (route) => {
    const reply = await route.fetch();
    await route.fulfill({ response: reply, body: `(${replay})(${JSON.stringify(script)}, ${VERSION})` });
  });
}

/** Lets the stand-in go on behind a gate. */
export const release = (page) =>
  Promise.all(page.workers().map((worker) => worker.evaluate(() => self.release?.()).catch(() => {})));

/** The questions that the stand-in heard so far, as bytes. */
export async function heard(page, count) {
  const all = async () => {
    const lists = page.workers().map((worker) => worker.evaluate(() => self.asked).catch(() => []));
    return (await Promise.all(lists)).flat();
  };
  return until(async () => ((await all()).length >= count ? all() : null), `${count} questions`);
}

/** Question number `count` as bytes, to `model` if several are asked; it alone is fetched, as those of sounds are long. */
export async function heardOne(page, count, model) {
  const asks = (bytes) => bytes && (!model || String.fromCharCode(...bytes.slice(1, 1 + bytes[0])) === model);
  const one = async () => {
    const asked = page.workers().map((worker) => worker.evaluate((at) => self.asked?.[at], count - 1).catch(() => null));
    return (await Promise.all(asked)).find(asks);
  };
  return Uint8Array.from(await until(one, `question ${count}`));
}

/** An `Input` failure: the field, and what is wrong with it. */
export const refused = (field, reason) => new Writer().varint(0).text(field).text(reason).bytes;
