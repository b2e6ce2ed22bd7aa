// Seeded numbers for a network's inputs: between -1 and 1, or ids below 1000.

/** `{ type, dims }` to `{ type, data, dims }`; types are float32, ids, ones and zeros. */
export function filled({ type, dims }) {
  const size = dims.reduce((a, b) => a * b, 1);
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  if (type === "float32") return { type, data: Float32Array.from({ length: size }, () => 2 * next() - 1), dims };
  const value = { ids: () => BigInt(Math.floor(next() * 1000)), ones: () => 1n, zeros: () => 0n }[type];
  return { type: "int64", data: BigInt64Array.from({ length: size }, value), dims };
}

/** Milliseconds of `runs` calls of `once` after a first one; its answer must be finite numbers. */
export async function clocked(runs, once) {
  const runMs = [];
  for (let i = 0; i <= runs; i++) {
    const began = performance.now();
    const data = await once();
    runMs.push(performance.now() - began);
    if (!data.every(Number.isFinite)) throw new Error("the answer is not finite");
  }
  return runMs.slice(1);
}
