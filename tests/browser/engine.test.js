// Both engines, without the page: the same answers as the native tests expect.

import assert from "node:assert/strict";
import { engine } from "./engine.js";
import { journey } from "./harness.js";
import { chat, check, checkOutput } from "./wire.js";

const KINDS = ["simd", "threads"];

for (const kind of KINDS) {
  journey(`the ${kind} engine says it is ready, and what it cannot do`, async ({ page, open }) => {
    await open();
    const started = await engine(page, kind, 2);
    assert.equal(started.ready.threads, kind === "threads" ? 2 : 1);
    await assert.rejects(started.ask("no such task", []), /no such task/);
    await assert.rejects(started.ask("chat", chat("file:never dropped")), /dropped|not/);
    const broken = await started.drop("broken.gguf", Buffer.from("this is no model"));
    await assert.rejects(started.ask("chat", chat(broken)), /broken\.gguf/);
    assert.ok((await started.memoryBytes()) < 64 * 2 ** 20);
  });
}

for (const kind of KINDS) {
  journey(`the ${kind} engine computes what plain arithmetic does`, async ({ page, open }) => {
    await open();
    const started = await engine(page, kind, 2);
    const seeds = [1, 2, 3];
    assert.ok(checkOutput(await started.ask("check", check(seeds))) > 100 * seeds.length);
  });
}
