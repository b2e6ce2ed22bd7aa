// Starts the page, and sees to what only the service worker can give: cross-origin isolation where the
// host sends no headers (after one reload, never two), and the site without a network.
//
// When the engine must run on one thread, <html data-one-thread="…"> says why.

const RELOADED = "wick-reloaded";
const PATIENCE_MS = 4000;

const me = document.querySelector("script[data-js]");
const html = document.documentElement;

/** Whether this tab already reloaded for isolation; a browser without storage counts as having done so. */
function reloadedBefore() {
  try {
    if (sessionStorage.getItem(RELOADED)) return true;
    sessionStorage.setItem(RELOADED, "yes");
    return false;
  } catch {
    return true;
  }
}

function forgetReload() {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch { /* nothing was kept either */ }
}

const once = (target, event) =>
  new Promise((resolve, reject) => {
    target.addEventListener(event, resolve, { once: true });
    setTimeout(() => reject(new Error(`no ${event} in ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });

/** Why the page must do with one thread, or nothing when a reload will isolate it. */
async function whyNotIsolated() {
  if (!self.isSecureContext) return "the site is not served over https";
  if (!("serviceWorker" in navigator)) return "this browser allows no service worker here, as in some private windows";
  if (reloadedBefore()) return "this browser does not isolate the page";
  try {
    const controlled = navigator.serviceWorker.controller ?? once(navigator.serviceWorker, "controllerchange");
    await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
    await controlled;
  } catch (error) {
    return `the service worker did not start (${error.message})`;
  }
}

/** Changes to a version that is already here, if no other tab still runs the one before. */
async function takeNewVersion() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  if (!registration?.waiting || !registration.active) return false;
  const changed = once(navigator.serviceWorker, "controllerchange").then(() => true, () => false);
  const { port1, port2 } = new MessageChannel();
  const told = new Promise((resolve) => (port1.onmessage = (event) => resolve(event.data)));
  registration.waiting.postMessage("take over if alone", [port2]);
  return (await told) && changed;
}

/** A trap ends the page's wasm for good, without a word of its own. */
function tellOfTraps() {
  const tell = (thrown) => {
    if (!(thrown instanceof WebAssembly.RuntimeError) || document.getElementById("trapped")) return;
    const told = Object.assign(document.createElement("p"), { id: "trapped", className: "trouble", role: "alert" });
    told.textContent = `The page broke off by a mistake of ours (${thrown.message}): reload it to go on.`;
    document.body.prepend(told);
  };
  addEventListener("error", (event) => tell(event.error));
  addEventListener("unhandledrejection", (event) => tell(event.reason));
}

async function startPage() {
  tellOfTraps();
  const { default: init } = await import(new URL(me.dataset.js, document.baseURI));
  await init({ module_or_path: new URL(me.dataset.wasm, document.baseURI) });
}

/** Keeps the site for offline use. A browser that refuses still has the site while there is a network. */
async function keepSite() {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
  const worker = registration.active ?? (await navigator.serviceWorker.ready).active;
  worker.postMessage("keep the site");
}

async function start() {
  if (self.crossOriginIsolated) {
    forgetReload();
  } else {
    const why = await whyNotIsolated();
    if (why === undefined) return location.reload();
    html.dataset.oneThread = why;
  }
  if (await takeNewVersion()) return location.reload();
  await startPage();
  await keepSite().catch((error) => console.warn(`not kept for offline use: ${error.message}`));
}

await start();
