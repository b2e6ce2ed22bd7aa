// The life of an engine: it is unloaded, works long, breaks down, and comes back.

import assert from "node:assert/strict";
import { journey, until } from "./harness.js";
import { answered, answers, answersPerQuestion, ask, box, button } from "./page.js";

const engines = (page) => page.workers().filter((worker) => worker.url().includes("engine.js"));
/** The engine that answers. Threads of an engine say in their address that they are helpers. */
const answering = (page) => engines(page).find((worker) => !worker.url().includes("helper"));

/** Runs text in the engine's worker, in a turn of its own. */
const inEngine = (page, body) =>
  answering(page).evaluate((body) => void setTimeout(new Function(body)), body);

const TRAP = 'throw new WebAssembly.RuntimeError("unreachable")';
const trouble = (page, text) => page.getByRole("alert").filter({ hasText: text }).first();

journey("unloading ends the worker, and the next question starts another", async ({ page, open }) => {
  await open("?engine=simd");
  await ask(page, "What is 2 plus 3?");
  await answered(page, 0);
  const before = engines(page).length;
  await button(page, "Unload").click();
  await until(() => engines(page).length < before, "the worker to end");
  await button(page, "Unload").waitFor({ state: "hidden" });
  await ask(page, "What is 4 plus 4?");
  assert.ok((await answered(page, 1)).length > 0);
  await button(page, "Unload").waitFor();
});

journey("an engine that is silent is told from a dead one", async ({ page, open, shot }) => {
  await open("?engine=simd");
  await ask(page, "What is 2 plus 3?");
  await answered(page, 0);
  await inEngine(page, "const end = Date.now() + 18000; while (Date.now() < end);");
  await trouble(page, /not answered for a while/).waitFor({ timeout: 25_000 });
  await shot("silent");
  await trouble(page, /not answered for a while/).waitFor({ state: "hidden", timeout: 25_000 });
  await ask(page, "What is 4 plus 4?");
  assert.ok((await answered(page, 1)).length > 0, "it only worked long");
});

for (const [kind, end, says] of [
  ["breaks down", TRAP, /broke down/],
  ["runs out of memory", 'throw new RangeError("Out of memory")', /ran out of memory/],
]) {
  journey(`an engine that ${kind} says so, and one click goes on`, { expected: [/unreachable|Out of memory/] },
    async ({ page, open, shot }) => {
      await open();
      await ask(page, "What is 2 plus 3?");
      const first = await answered(page, 0);
      await inEngine(page, end);
      await trouble(page, says).waitFor();
      await shot(kind.replaceAll(" ", "-"));
      assert.equal(await answers(page).first().innerText(), first, "the conversation stays");
      await button(page, /restart/i).click();
      await ask(page, "What is 4 plus 4?");
      assert.ok((await answered(page, 1)).length > 0);
    });
}

journey("an answer that was cut by a break-down is given after it", { expected: [/unreachable/] },
  async ({ page, open }) => {
    await open();
    await box(page).waitFor();
    await button(page, "Unload").waitFor();
    await answersPerQuestion(page, 8);
    // Before the engine looks at its mail again it is gone.
    await inEngine(page, `const end = Date.now() + 2000; while (Date.now() < end); ${TRAP}`);
    await ask(page, "What is 5 plus 5?");
    await trouble(page, /broke down/).waitFor();
    await page.getByText(/Not finished/).first().waitFor();
    await button(page, /restart/i).click();
    const answer = await answered(page, 0);
    assert.ok(!/Not finished/.test(answer) && answer.length > 0, answer);
  });
