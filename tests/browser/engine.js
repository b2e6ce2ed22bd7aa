// An engine of the site, spoken to without the page.

import { event, ping, start, stop, VERSION } from "./wire.js";
import { until } from "./harness.js";

/** Starts an engine inside `page`; all it says is kept in order. */
export async function engine(page, kind, threads = 2) {
  const handle = await page.evaluateHandle(([kind, threads]) => {
    const worker = new Worker(`engine.js?kind=${kind}&threads=${threads}`, { type: "module" });
    const heard = [];
    const errors = [];
    worker.onmessage = ({ data }) => heard.push(Array.from(data));
    worker.onerror = (error) => errors.push(error.message);
    return { worker, heard, errors };
  }, [kind, threads]);
  const events = [];
  const listen = async () => {
    const more = ({ heard, errors }, from) => ({ heard: heard.slice(from), errors });
    const { heard, errors } = await handle.evaluate(more, events.length);
    if (errors.length) throw new Error(`the engine ended: ${errors.join("; ")}`);
    events.push(...heard.map((bytes) => event(Uint8Array.from(bytes))));
  };
  let listening;
  /** All it has said; several may wait for it at once, and each message is fetched once. */
  const said = async () => {
    await (listening ??= listen().finally(() => (listening = undefined)));
    return events;
  };
  // As one text: a list would be told number by number, which takes longer than most answers to a picture.
  const send = (bytes) => handle.evaluate(({ worker }, base64) =>
    worker.postMessage(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))), Buffer.from(bytes).toString("base64"));
  const find = (test, what, patienceMs) => until(async () => (await said()).find(test), what, patienceMs);
  const ready = await find((e) => e.kind === "ready", "the engine's ready");
  if (ready.version !== VERSION) throw new Error(`wire.js is for version ${VERSION}, the engine speaks ${ready.version}`);

  let calls = 0;
  return {
    ready,
    /** Hands over a file as if it were dropped; gives the model's name. */
    async drop(name, bytes) {
      await handle.evaluate(async ({ worker }, [name, base64]) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        worker.postMessage({ model: `file:${name}`, files: [new File([bytes], name)] });
      }, [name, bytes.toString("base64")]);
      return `file:${name}`;
    },
    /** Hands over the files of a folder, by their paths in it; gives the model's name. */
    async dropFolder(name, files) {
      await handle.evaluate(async ({ worker }, [name, files]) => {
        const made = files.map(([path, base64]) =>
          new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], path.split("/").pop()));
        worker.postMessage({ model: `file:${name}`, files: made, paths: files.map(([path]) => path) });
      }, [name, Object.entries(files).map(([path, bytes]) => [path, bytes.toString("base64")])]);
      return `file:${name}`;
    },
    async ask(task, input) {
      const call = ++calls;
      await send(start(call, task, input));
      const end = await find((e) => e.kind === "end" && e.call === call, `the end of a ${task}`, 120_000);
      return end.failure === undefined ? end.body : Promise.reject(new Error(end.failure));
    },
    /** The bodies of what a task says before its end. */
    async partials(task, input) {
      const call = calls + 1;
      await this.ask(task, input);
      return events.filter((e) => e.kind === "partial" && e.call === call).map(({ body }) => body);
    },
    /** Hands over a model of the store as if its file were dropped; gives the model's name. */
    async dropStored(name) {
      await handle.evaluate(async ({ worker }, name) => {
        const found = async (folder) => {
          for await (const entry of folder.values()) {
            const file = entry.kind === "file" ? entry.name === name && entry : await found(entry);
            if (file) return file;
          }
        };
        const file = await (await found(await navigator.storage.getDirectory())).getFile();
        worker.postMessage({ model: `file:${name}`, files: [file] });
      }, name);
      return `file:${name}`;
    },
    /**
     * Starts a task, and `delayMs` after its first partial of a kind (its place in `Partial`) sends a Stop.
     * Gives the milliseconds from the Stop to the end of the call.
     */
    async stopMs(task, input, partial, delayMs) {
      const call = ++calls;
      const ms = await handle.evaluate(({ worker }, { call, request, giveUp, partial, delayMs }) =>
        new Promise((resolve) => {
          let sent = NaN;
          const send = () => {
            sent = performance.now();
            worker.postMessage(Uint8Array.from(giveUp));
          };
          let seen = false;
          worker.addEventListener("message", function hear({ data }) {
            const [kind, id, , variant] = data;
            if (id !== call) return;
            if (kind === 2 && variant === partial && !seen) {
              seen = true;
              delayMs ? setTimeout(send, delayMs) : send();
            }
            if (kind === 3) {
              worker.removeEventListener("message", hear);
              resolve(performance.now() - sent);
            }
          });
          worker.postMessage(Uint8Array.from(request));
        }), { call, request: start(call, task, input), giveUp: stop(call), partial, delayMs });
      const end = await find((e) => e.kind === "end" && e.call === call, "the end");
      if (end.failure !== "stopped") throw new Error(`not stopped, but ${end.failure ?? "whole"}`);
      return ms;
    },
    async memoryBytes() {
      const count = ++calls;
      await send(ping(count));
      return (await find((e) => e.kind === "pong" && e.count === count, "a pong")).memoryBytes;
    },
  };
}
