// A plain sequential read of the largest file in the browser's storage.

async function* files(folder) {
  for await (const handle of folder.values()) {
    if (handle.kind === "directory") yield* files(handle);
    else yield handle;
  }
}

const sizes = [];
for await (const handle of files(await navigator.storage.getDirectory())) {
  sizes.push({ handle, size: (await handle.getFile()).size });
}
const { handle } = sizes.reduce((a, b) => (b.size > a.size ? b : a));
const open = await handle.createSyncAccessHandle({ mode: "read-only" });
const into = new Uint8Array(2 ** 20);
const began = performance.now();
let at = 0;
for (let read; (read = open.read(into, { at })) > 0; at += read);
const readMs = performance.now() - began;
open.close();
self.postMessage({ readMs, fileBytes: at });
