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

  // The element that loads a script says its words in another language (templates/site/search.html):
  // of those with a number, each form by its name.
  const given = document.currentScript.dataset;
  const words = {
    none: "Nothing has “{words}”.",
    failed: "The search can’t be loaded now. This is all that there is:",
    ...given,
    found: given.found
      ? JSON.parse(given.found)
      : { one: "{count} part has “{words}”:", other: "{count} parts have “{words}”:" },
    first: given.first
      ? JSON.parse(given.first)
      : { other: "{count} parts have “{words}”; the first {most}:" },
  };
  const rules = new Intl.PluralRules(given.rules ?? "en");

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

  const say = (count, asked) => {
    if (!asked) return "";
    const forms = count > MOST ? words.first : words.found;
    const message = count ? (forms[rules.select(count)] ?? forms.other) : words.none;
    const values = { count, words: asked, most: MOST };
    return message.replace(/\{(count|words|most)\}/g, (_, name) => values[name]);
  };

  let last = 0;
  const search = async () => {
    const turn = ++last;
    const asked = field.value.trim();
    const address = new URL(location.href);
    if (asked) address.searchParams.set("q", asked);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    try {
      const pagefind = await load();
      const answer = asked ? await pagefind.search(asked) : { results: [] };
      const pages = await Promise.all(answer.results.slice(0, MOST).map((one) => one.data()));
      if (turn !== last) return; // something else is asked for meanwhile
      results.replaceChildren(...pages.map(shown));
      found.textContent = say(answer.results.length, asked);
      everything.hidden = Boolean(asked);
    } catch {
      found.textContent = words.failed;
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
