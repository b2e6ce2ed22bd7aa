// The chat page by the names a screen reader says.

import { until } from "./harness.js";

export const box = (page) => page.getByRole("textbox", { name: /message/i });
export const button = (page, name) => page.getByRole("button", { name });
export const answers = (page) => page.getByRole("article", { name: /answer/i });

export async function ask(page, text) {
  await box(page).waitFor();
  await box(page).fill(text);
  await box(page).press("Enter");
}

/** Text of answer number `index`, once it is finished. */
export async function answered(page, index) {
  const answer = answers(page).nth(index);
  await answer.waitFor({ timeout: 60_000 });
  await until(async () => !(await button(page, "Stop").isVisible()), "the end of the answer", 120_000);
  return answer.innerText();
}
