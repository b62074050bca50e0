// Keeps a page of a preview as it is on the disk: loads it again when it has changed, swaps its
// stylesheets, and shows what is wrong. Nothing of this is in a site that is built.
(() => {
  "use strict";
  const known = JSON.parse(document.currentScript.dataset.state);
  const panel = document.getElementById("page:preview");
  const place = `preview:place:${location.pathname}`;

  const dialog = () => panel.querySelector("dialog");

  function close() {
    if (!dialog()?.open) return false;
    const inside = dialog().contains(document.activeElement);
    dialog().close();
    if (inside) panel.querySelector(".ribbon button")?.focus();
    return true;
  }

  function equip() {
    panel.querySelector(".ribbon button")?.addEventListener("click", () => {
      if (!dialog().open) dialog().show();
    });
  }

  // Where the reader was, which a browser keeps for most pages, but not for one that has grown.
  function reload() {
    sessionStorage.setItem(place, JSON.stringify([scrollX, scrollY]));
    location.reload();
  }

  function comeBack() {
    const [left, top] = JSON.parse(sessionStorage.getItem(place) ?? "[0, 0]");
    sessionStorage.removeItem(place);
    if (left || top) scrollTo({ left, top, behavior: "instant" });
  }

  function swap(styles) {
    for (const link of document.querySelectorAll("link[rel~=stylesheet]")) {
      const path = new URL(link.href).pathname;
      if (!(path in styles) || styles[path] === known.styles[path]) continue;
      const next = link.cloneNode();
      next.href = `${path}?${styles[path]}`;
      next.addEventListener("load", () => link.remove());
      link.after(next);
    }
    known.styles = styles;
  }

  const same = (one, other) => Object.keys(one).sort().join() === Object.keys(other).sort().join();

  function compare(now) {
    if (now.page !== known.page || !same(now.styles, known.styles)) return reload();
    swap(now.styles);
    if (now.panel === known.panel) return;
    known.panel = now.panel;
    const before = dialog();
    panel.innerHTML = now.html; // of the preview's own making, with all that is an author's escaped
    if (before && !before.open && before.textContent === dialog()?.textContent) dialog().close();
    equip();
  }

  let asking = false;
  let again = false;
  async function check() {
    again = true;
    if (asking) return;
    asking = true;
    while (again) {
      again = false;
      try {
        const answer = await fetch(`/__state${location.pathname}`, { cache: "no-store" });
        compare(await answer.json());
      } catch {
        // it has ended, or is started again: then there will be an event
      }
    }
    asking = false;
  }

  // A browser opens few connections to a host, and there may be many tabs: one of them listens, and
  // tells the others. When it goes, the next one does.
  const others = new BroadcastChannel("proofpress:preview");
  others.addEventListener("message", check);

  function listen() {
    const events = new EventSource("/__events");
    events.addEventListener("message", () => {
      others.postMessage("built");
      check();
    });
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
    });
  }

  if (navigator.locks) navigator.locks.request("proofpress:preview", () => new Promise(listen));
  else listen();
  addEventListener("pageshow", (event) => {
    if (event.persisted) check();
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && close()) event.preventDefault();
  });
  equip();
  comeBack();
  check();
})();
