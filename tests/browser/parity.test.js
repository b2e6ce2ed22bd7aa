// Every architecture in both engines says what transformers says with the same weights: see
// `golden/answers.py`. `tests/tasks.rs` expects the same natively.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tiny } from "./checkpoint.js";
import { engine } from "./engine.js";
import { journey } from "./harness.js";
import { chat, chatOutput } from "./wire.js";

const GOLDEN = JSON.parse(readFileSync(join(import.meta.dirname, "../golden/answers.json"), "utf8"));

for (const kind of ["simd", "threads"]) {
  journey(`every architecture answers as the reference (${kind})`, async ({ page, open }) => {
    await open();
    const asked = await engine(page, kind);
    for (const [family, cases] of Object.entries(GOLDEN.families)) {
      const model = await asked.drop(`${family}.gguf`, tiny(family));
      for (const { messages, prompt_tokens: tokens, text } of cases) {
        const said = messages.map(({ role, content }) => ({ role, text: content }));
        const output = chatOutput(await asked.ask("chat", chat(model, said, { maxTokens: GOLDEN.max_tokens })));
        assert.equal(output.model.architecture, family);
        assert.equal(output.answers[0].promptTokens, tokens, family);
        assert.equal(output.answers[0].text, text, `${family} after ${tokens} tokens`);
      }
    }
  });
}
