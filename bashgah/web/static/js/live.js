// Follows the server's events and comes back after every interruption, with the last id that was seen.

import { setNow, showConnection } from "./page.js";

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 10000;

// `query` as URLSearchParams takes it; `on`: event name -> what to do with its data. `onBack` is called when a connection was lost and is there again.
export function follow(query, on, onBack = () => {}) {
  let source = null;
  let last = "";
  let retry = RETRY_FIRST_MS;
  let beat = 10000;
  let heard = performance.now();
  let opened = 0;

  function open() {
    source?.close();
    const address = new URLSearchParams(query);
    if (last) address.set("last_event_id", last);
    source = new EventSource(`api/v1/stream?${address}`);
    source.addEventListener("error", lost);
    for (const name of ["hello", "beat", "board", "final", "states", "activity"]) {
      source.addEventListener(name, (event) => take(name, event));
    }
  }

  function take(name, event) {
    heard = performance.now();
    if (event.lastEventId) last = event.lastEventId;
    const data = JSON.parse(event.data);
    if (name === "hello" || name === "beat") {
      beat = data.beat_ms;
      setNow(data.now);
    }
    if (name === "hello") {
      retry = RETRY_FIRST_MS;
      showConnection("live");
      opened += 1;
      if (opened > 1) onBack();
    }
    on[name]?.(data);
  }

  // A browser tries again by itself after a broken connection, but not after an answer that is no stream.
  function lost() {
    showConnection("away");
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(open, retry);
    retry = Math.min(retry * 2, RETRY_MOST_MS);
  }

  // A connection may be gone without anybody having said so.
  setInterval(() => {
    if (source.readyState === EventSource.OPEN && performance.now() - heard > 3 * beat) {
      heard = performance.now();
      showConnection("away");
      open();
    }
  }, 1000);

  // A browser may keep a page that was left, and with it its connection, of which there are six for a site.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });

  showConnection("connecting");
  open();
}
