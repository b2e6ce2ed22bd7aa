// Keeps one whole version of the site for use without a network, and sends the headers that isolate the
// page where the host sends none.
//
// Invariant: a version is served from the cache only when every file of it is there and has its hash.
// Never kept: other origins, ranges, anything but GET.

// The build fills this line in: hashes by path.
const SITE = { version: "unbuilt", files: {} };

const CACHE = `wick-site-${SITE.version}`;
/** Holds the list of a version's hashes; written last, so its presence means the version is whole. */
const WHOLE = "whole.json";
const SCOPE = new URL(self.registration.scope);
const ISOLATING = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

// The first version must isolate the page at once, and fetches its files when the page asks for it. A
// later one is fetched whole before it waits for its turn.
self.addEventListener("install", (event) =>
  event.waitUntil(self.registration.active ? keep() : self.skipWaiting()));

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

self.addEventListener("message", (event) => {
  if (event.data === "keep the site") event.waitUntil(keep());
  if (event.data === "take over if alone") event.waitUntil(takeOverIfAlone(event.ports[0]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== SCOPE.origin || request.headers.has("range")) return;
  if (!url.pathname.startsWith(SCOPE.pathname)) return;
  event.respondWith(answer(request, url));
});

async function takeOver() {
  await self.clients.claim();
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("wick-site-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function takeOverIfAlone(port) {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const alone = tabs.length <= 1;
  port.postMessage(alone);
  if (alone) await self.skipWaiting();
}

let keeping;

/** Fetches this version whole. Two callers share one fetch; a failure leaves nothing half done behind. */
function keep() {
  keeping ??= keepOnce().finally(() => (keeping = undefined));
  return keeping;
}

async function keepOnce() {
  const cache = await caches.open(CACHE);
  if (await cache.match(WHOLE)) return;
  try {
    const before = await earlier();
    for (const [path, sha256] of Object.entries(SITE.files)) {
      await cache.put(path, (await copied(before, path, sha256)) ?? (await fetched(path, sha256)));
    }
    await cache.put(WHOLE, Response.json(SITE.files));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** The whole versions that came before: cache and hashes of each. */
async function earlier() {
  const names = (await caches.keys()).filter((name) => name.startsWith("wick-site-") && name !== CACHE);
  const found = [];
  for (const name of names) {
    const cache = await caches.open(name);
    const list = await cache.match(WHOLE);
    if (list) found.push({ cache, files: await list.json() });
  }
  return found;
}

async function copied(before, path, sha256) {
  const same = before.find(({ files }) => files[path] === sha256);
  return same?.cache.match(path);
}

async function fetched(path, sha256) {
  const reply = await fetch(new URL(path, SCOPE), { cache: "no-cache" });
  if (!reply.ok) throw new Error(`${path}: status ${reply.status}`);
  const body = await reply.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const told = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // The host already serves another version: its own service worker will come.
  if (told !== sha256) throw new Error(`${path}: is of another version`);
  // The body is unpacked by now; of the headers only its type still holds.
  return new Response(body, { headers: { "Content-Type": reply.headers.get("Content-Type") ?? "" } });
}

async function answer(request, url) {
  const path = decodeURIComponent(url.pathname.slice(SCOPE.pathname.length));
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  if (!(file in SITE.files) && `${file}/index.html` in SITE.files) {
    return Response.redirect(new URL(`${file}/${url.search}`, SCOPE));
  }
  const cache = await caches.open(CACHE);
  const whole = file in SITE.files && (await cache.match(WHOLE));
  return isolating((whole && (await cache.match(file))) || (await fetch(request)));
}

function isolating(reply) {
  // A redirect is passed on unopened; its target is asked for again.
  if (reply.type === "opaqueredirect" || reply.type === "error") return reply;
  const headers = new Headers(reply.headers);
  for (const [name, value] of Object.entries(ISOLATING)) headers.set(name, value);
  return new Response(reply.body, { status: reply.status, statusText: reply.statusText, headers });
}
