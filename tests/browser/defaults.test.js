// The models that come with the site, asked by both engines what their cards say they were measured on: see
// `recipes/*/evaluate.py`. `tests/defaults.rs` and `tests/embed.rs` expect the same natively.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "./engine.js";
import { journey } from "./harness.js";
import * as wire from "./wire.js";

const golden = (task) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../golden/default_${task}.json`), "utf8"));

const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Of each task: what the golden file promises, and how many answers out of how many are right. */
const SCORES = {
  async translate(asked, { cases, exact }) {
    let right = 0;
    for (const { text, source, target, output, answer } of cases) {
      const body = await asked.ask("translate", wire.translate("wick-translate", { text, source, target }));
      const got = wire.translateOutput(body).segments.map((s) => s.lead + s.target).join("");
      if (got === answer) right += 1;
      // The reference reads a text of several sentences at once, the task each by itself.
      else if (got !== output) assert.match(text, /[.!?] \S/, `${text}: ${got}`);
    }
    return { promised: exact, right, of: cases.length };
  },
  async summarize(asked, { cases, exact }) {
    let right = 0;
    for (const { text, output, answer } of cases) {
      const { rounds } = wire.summarizeOutput(await asked.ask("summarize", wire.summarize("wick-summarize", { text })));
      assert.equal(rounds[0][0].summary.text, output, text);
      if (output === answer) right += 1;
    }
    return { promised: exact, right, of: cases.length };
  },
  async blenderbot(asked, { cases, accuracy }) {
    let right = 0;
    for (const { messages, output, answers } of cases) {
      const said = messages.map(({ role, content }) => ({ role, text: content }));
      const input = wire.chat("wick-blenderbot", said, { maxTokens: 512 });
      const [{ text }] = wire.chatOutput(await asked.ask("chat", input)).answers;
      assert.equal(text, output, JSON.stringify(messages));
      if (answers.includes(text)) right += 1;
    }
    return { promised: accuracy, right, of: cases.length };
  },
  async embed(asked, { search, accuracy }) {
    const places = async (texts) =>
      wire.embedOutput(await asked.ask("embed", wire.embed("wick-embed", texts))).embeddings.map((e) => e.vector);
    const texts = await places(search.map(({ text }) => text));
    const nearest = (query) => {
      const alike = texts.map((text) => dot(query, text));
      return alike.indexOf(Math.max(...alike));
    };
    const queries = await places(search.map(({ query }) => query));
    return { promised: accuracy, right: queries.filter((query, i) => nearest(query) === i).length, of: search.length };
  },
};

for (const [task, score] of Object.entries(SCORES)) {
  for (const kind of ["simd", "threads"]) {
    journey(`the site's model is as good as its card says: ${task} (${kind})`, async ({ page, open }) => {
      await open();
      const { promised, right, of } = await score(await engine(page, kind), golden(task));
      assert.ok(of >= 90 && right / of >= promised - 1e-9, `${right} of ${of} are right, not ${promised}`);
    });
  }
}
