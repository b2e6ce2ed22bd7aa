// A server on another port that sends a file as badly as it is told.

import { createServer } from "node:http";

/** What a page of another origin may see of an answer; hubs send the like. */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "Range",
  "Access-Control-Expose-Headers": "Content-Range, Content-Length, ETag, Accept-Ranges",
};

/**
 * Serves what `plan(request number from 0, first byte wanted)` says: `{ file, etag, status, body, type,
 * cutAfter, stallAfter, ignoreRange }`. Gives its address, the first byte of each request, and `close`.
 */
export async function liar(plan) {
  const froms = [];
  const server = createServer((request, response) => {
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const reply = plan(froms.length, from);
    froms.push(from);
    send(response, reply, request.headers.range ? from : undefined);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    froms,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

function send(response, { file, etag, status, body, type, cutAfter, stallAfter, ignoreRange }, from) {
  const headers = { ...CORS, "Content-Type": type ?? "application/octet-stream" };
  if (etag) headers.ETag = etag;
  if (body !== undefined) return response.writeHead(status ?? 200, headers).end(body);
  const part = from === undefined || ignoreRange ? file : file.subarray(from);
  if (part !== file || (from === 0 && !ignoreRange)) {
    if (part.length === 0) {
      return response.writeHead(416, { ...headers, "Content-Range": `bytes */${file.length}` }).end();
    }
    headers["Content-Range"] = `bytes ${from}-${file.length - 1}/${file.length}`;
    status = 206;
  }
  response.writeHead(status ?? 200, { ...headers, "Content-Length": part.length });
  const sent = cutAfter ?? stallAfter;
  if (sent === undefined) return response.end(part);
  // Flushed before the connection ends, so that the bytes really arrive.
  response.write(part.subarray(0, sent), () => {
    if (cutAfter !== undefined) setTimeout(() => response.destroy(), 100);
  });
}
