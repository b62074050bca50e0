// The search page: Pagefind's index, loaded when the field is first used. Without any of this the
// page lists all that there is.
(() => {
  "use strict";
  const form = document.querySelector(".search");
  const field = form.querySelector("input");
  const found = document.getElementById("page:found");
  const results = document.getElementById("page:results");
  const everything = document.getElementById("page:all");
  const MOST = 20;

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // Its addresses begin at the root of the site.
  let loading;
  const load = () =>
    (loading ??= import("../pagefind/pagefind.js").then(async (pagefind) => {
      await pagefind.options({ baseUrl: "/" });
      return pagefind;
    }));

  // An excerpt marks what was found; all else in it is text, whatever it looks like.
  const marked = (excerpt) => {
    const parsed = new DOMParser().parseFromString(excerpt, "text/html").body;
    return [...parsed.childNodes].map((node) =>
      node.nodeName === "MARK" ? make("mark", {}, node.textContent) : node.textContent,
    );
  };

  // This page is there as well.
  const here = (address) => address.replace(/^\/+/, "");

  const shown = (result) => {
    const sections = result.sub_results.filter((one) => one.url !== result.url).slice(0, 3);
    const link = (url, text) => make("a", { href: here(url) }, text);
    const item = make("li", {}, link(result.url, result.meta.title));
    item.append(make("p", {}, ...marked(result.excerpt)));
    const lines = sections.map((one) => make("li", {}, link(one.url, one.title)));
    if (lines.length) item.append(make("ul", {}, ...lines));
    return item;
  };

  const say = (count, words) => {
    if (!words) return "";
    if (!count) return `Nothing has “${words}”.`;
    const parts = count === 1 ? "1 part has" : `${count} parts have`;
    return count > MOST ? `${parts} “${words}”; the first ${MOST}:` : `${parts} “${words}”:`;
  };

  let last = 0;
  const search = async () => {
    const turn = ++last;
    const words = field.value.trim();
    const address = new URL(location.href);
    if (words) address.searchParams.set("q", words);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    try {
      const pagefind = await load();
      const answer = words ? await pagefind.search(words) : { results: [] };
      const pages = await Promise.all(answer.results.slice(0, MOST).map((one) => one.data()));
      if (turn !== last) return; // something else is asked for meanwhile
      results.replaceChildren(...pages.map(shown));
      found.textContent = say(answer.results.length, words);
      everything.hidden = Boolean(words);
    } catch {
      found.textContent = "The search can’t be loaded now. This is all that there is:";
      form.hidden = true;
      results.replaceChildren();
      everything.hidden = false;
    }
  };

  let waiting;
  field.addEventListener("focus", () => load().catch(() => {}), { once: true });
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });

  const asked = new URLSearchParams(location.search).get("q");
  if (location.protocol === "file:") form.hidden = true; // from the disk nothing can be loaded
  else form.classList.add("ready");
  if (asked && !form.hidden) {
    field.value = asked;
    search();
  }
})();
