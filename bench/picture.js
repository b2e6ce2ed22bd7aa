// The results as one picture, drawn as text: bars of speed against the peers, and curves of growth.

import { median, name, othersTook, othersWords, speeds } from "./table.js";

const COLOURS = { ours: "#d9480f", wllama: "#4263eb", candle: "#868e96" };
const WIDTH = 860;
const BAR = { height: 14, left: 190, right: 70 };

const escape = (text) => String(text).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${escape(words)}</text>`;

/** Bars of one phase: a group per model and thread count. */
function bars(cases, phase, top) {
  const groups = cases.map(({ model, threads, variants }) => ({
    title: `${model}, ${threads} thread${threads > 1 ? "s" : ""}`,
    bars: Object.entries(variants).map(([variant, rounds]) => ({ variant, value: median(speeds(rounds)[phase]) })),
  }));
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const scale = (WIDTH - BAR.left - BAR.right) / most;
  const parts = [text(10, top + 4, `${phase}, tokens a second`, 'font-weight="bold"')];
  let y = top + 14;
  for (const { title, bars } of groups) {
    parts.push(text(10, y + 12, title));
    for (const { variant, value } of bars) {
      const width = Math.max(1, value * scale).toFixed(1);
      parts.push(`<rect x="${BAR.left}" y="${y}" width="${width}" height="${BAR.height - 2}" fill="${COLOURS[variant]}"/>`);
      parts.push(text(BAR.left + Number(width) + 4, y + 11, value.toFixed(1)));
      y += BAR.height;
    }
    y += 8;
  }
  return { svg: parts.join("\n"), bottom: y + 16 };
}

/** One curve over the length of the context. */
function curve(stages, { title, value, left, top, width = 230, height = 120 }) {
  const points = stages.map((stage) => [stage.contextTokens, value(stage)]);
  const mostX = Math.max(...points.map(([x]) => x));
  const mostY = Math.max(...points.map(([, y]) => y));
  const place = ([x, y]) => [left + (x / mostX) * width, top + 20 + height - (y / mostY) * height];
  const dots = points.map((point) => {
    const [x, y] = place(point).map((value) => value.toFixed(1));
    return `<circle cx="${x}" cy="${y}" r="3" fill="${COLOURS.ours}"/>${text(x, y - 6, point[1].toPrecision(3), 'text-anchor="middle" font-size="10"')}`;
  });
  return [
    text(left, top, title),
    `<path d="M${left} ${top + 20}V${top + 20 + height}H${left + width}" fill="none" stroke="#888"/>`,
    `<polyline points="${points.map((point) => place(point).map((v) => v.toFixed(1)).join(",")).join(" ")}" fill="none" stroke="${COLOURS.ours}"/>`,
    ...dots,
    text(left + width, top + 34 + height, `${mostX} tokens`, 'text-anchor="end"'),
  ].join("\n");
}

/** An SVG of what was measured. */
export function picture({ decoders, growth, machine, plans: { decoders: plan } }) {
  const legend = Object.keys(COLOURS).map((variant, i) =>
    `<rect x="${10 + i * 130}" y="30" width="12" height="12" fill="${COLOURS[variant]}"/>${text(27 + i * 130, 40, name(variant))}`);
  const decode = bars(decoders, "decode", 66);
  const prompt = bars(decoders, "prompt", decode.bottom);
  let bottom = prompt.bottom;
  const parts = [...legend, decode.svg, prompt.svg];
  if (growth) {
    const curves = [
      { title: "decode, tokens a second", value: (stage) => (1000 * stage.answerTokens) / stage.answerMs },
      { title: "prompt, seconds in all", value: (stage) => stage.promptMs / 1000 },
      { title: "wasm memory, MB", value: (stage) => stage.memoryBytes / 1e6 },
    ];
    parts.push(text(10, bottom + 4, `Wick as the context fills: ${growth.model}, ${growth.threads} threads`, 'font-weight="bold"'));
    parts.push(...curves.map((one, i) => curve(growth.stages, { ...one, left: 30 + i * 280, top: bottom + 28 })));
    bottom += 208;
  }
  const note = `Random weights in the shape of SmolLM2; ${plan.timed.prompt} tokens of prompt, ${plan.timed.answer} of answer; ` +
    `${machine.browser}, ${machine.cores} cores; ${plan.measured}`;
  const crowd = othersWords(decoders).length
    ? `Not a quiet machine: other programs took ${othersTook(decoders).median} % of the processors, which hurts wllama on 2 threads most.` : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 36}" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<rect width="100%" height="100%" fill="#fff"/>
${text(10, 20, "Language models in one browser, on the CPU", 'font-size="15" font-weight="bold"')}
${parts.join("\n")}
${text(10, bottom + 8, note, 'font-size="10" fill="#666"')}
${text(10, bottom + 22, crowd, 'font-size="10" fill="#d00"')}
</svg>
`;
}
