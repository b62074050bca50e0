// What a page has besides: copying, a theme, a language first, where one is, what was read, keys.
// Nothing of it is needed to read.
(() => {
  "use strict";
  const root = document.documentElement;
  // The element that loads a script says its words in another language (templates/site/base.html).
  const words = {
    copy: "Copy",
    copied: "Copied",
    notCopied: "Not copied",
    read: "read",
    goOn: "go on here",
    keys: "Keys ← → /",
    ...document.currentScript.dataset,
  };
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const kept = {
    get(name) {
      try {
        return localStorage.getItem(`proofpress:${name}`);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        if (value === null) localStorage.removeItem(`proofpress:${name}`);
        else localStorage.setItem(`proofpress:${name}`, value);
      } catch {
        // a browser that keeps nothing: it holds for this page
      }
    },
  };

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const live = make("p", { className: "hidden", role: "status" });
  const announce = (text) => {
    live.textContent = text;
  };

  // Makes a button one that is pressed or not; `change` is told which.
  const toggle = (button, pressed, change) => {
    const show = (value) => button.setAttribute("aria-pressed", String(value));
    show(pressed);
    button.addEventListener("click", () => change(button.getAttribute("aria-pressed") !== "true"));
    button.classList.add("ready");
    return show;
  };

  function theme() {
    const button = document.querySelector(".theme");
    if (!button) return;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
    const show = toggle(button, isDark(), (dark) => {
      const chosen = dark === system.matches ? null : dark ? "dark" : "light";
      if (chosen) root.dataset.theme = chosen;
      else delete root.dataset.theme;
      kept.set("theme", chosen);
      show(isDark());
    });
    system.addEventListener("change", () => show(isDark()));
  }

  // The code as one would type it: without prompts, output, and lines that are taken out.
  const typed = (code) => {
    const copy = code.cloneNode(true);
    for (const element of all(".gp, .go, .gt, del", copy)) {
      const next = element.nextSibling;
      if (!element.matches(".gp") && next?.nodeType === Node.TEXT_NODE) {
        next.data = next.data.replace(/^\n/, "");
      }
      element.remove();
    }
    return copy.textContent.replace(/\n+$/, "\n");
  };

  function copying() {
    if (!navigator.clipboard) return;
    for (const code of all(".example figure.code:not(.output) code")) {
      const button = make("button", { type: "button", className: "copy" }, words.copy);
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(typed(code));
          button.textContent = words.copied;
        } catch {
          button.textContent = words.notCopied;
        }
        announce(button.textContent);
        setTimeout(() => (button.textContent = words.copy), 2000);
      });
      code.closest(".example").append(button);
    }
    for (const button of all("button.address")) {
      button.classList.add("ready");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.parentElement.querySelector("a").href);
        announce(words.copied);
      });
    }
  }

  // Where code stands side by side, the language that this reader wants to see first. The style puts
  // it there before anything is painted; here it comes first for keys, for ears and on paper too.
  function first() {
    const pairs = new Map(all(".pair").map((pair) => [pair, [...pair.children]]));
    const arrange = () => {
      for (const [pair, sides] of pairs) {
        const chosen = sides.filter((side) => side.dataset.language === root.dataset.first);
        const order = [...new Set([...chosen, ...sides])];
        if (order.some((side, index) => pair.children[index] !== side)) pair.append(...order);
      }
    };
    arrange();
    const shown = new Map();
    for (const button of all(".first button")) {
      const language = button.value;
      const show = toggle(button, root.dataset.first === language, (on) => {
        if (on) root.dataset.first = language;
        else delete root.dataset.first;
        kept.set("first", on ? language : null);
        arrange();
        for (const [each, change] of shown) change(root.dataset.first === each);
      });
      shown.set(language, show);
    }
  }

  function contents() {
    const list = document.querySelector("nav.contents");
    const links = new Map(all("nav.contents a").map((one) => [one.getAttribute("href").slice(1), one]));
    const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    if (!headings.length) return;
    // A long list scrolls in its own box: what is marked in it has to be seen there.
    const show = (link) => {
      const box = list.getBoundingClientRect();
      const own = link.getBoundingClientRect();
      if (own.top < box.top) list.scrollTop -= box.top - own.top + box.height / 3;
      else if (own.bottom > box.bottom) list.scrollTop += own.bottom - box.bottom + box.height / 3;
    };
    const mark = () => {
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
      const current = links.get(passed.at(-1)?.id);
      if (current?.hasAttribute("aria-current")) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      current?.setAttribute("aria-current", "true");
      if (current && list.scrollHeight > list.clientHeight) show(current);
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    }, { passive: true });
    mark();
  }

  function reading() {
    const article = document.querySelector("article[data-article]");
    const end = document.querySelector(".closing");
    if (article && end) {
      new IntersectionObserver((seen, observer) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        kept.set(`read:${article.dataset.article}`, "1");
        observer.disconnect();
      }).observe(end);
    }
    const stops = all(".path li[data-article]");
    for (const stop of stops) {
      if (!kept.get(`read:${stop.dataset.article}`)) continue;
      stop.dataset.read = "";
      stop.querySelector(".facts")?.append(make("span", { className: "read" }, words.read));
    }
    const next = stops.find((stop) => !("read" in stop.dataset));
    if (next && stops.some((stop) => "read" in stop.dataset)) {
      next.querySelector(".facts")?.append(make("span", { className: "read" }, words.goOn));
    }
  }

  // Arrows lead to the neighbours, a slash to the search. Not while typing; and it can be switched
  // off, as a key that is a character has to be (WCAG 2.1.4).
  function keys() {
    const colophon = document.querySelector(".colophon");
    const link = (selector) => document.querySelector(selector);
    const search = link(".masthead a[href$='search.html']");
    const next = link("link[rel=next]");
    const previous = link("link[rel=prev]");
    if (!colophon || !(search || next || previous)) return;
    let on = kept.get("keys") !== "off";
    const button = make("button", { type: "button", className: "plain" }, words.keys);
    const show = toggle(button, on, (value) => {
      on = value;
      kept.set("keys", on ? null : "off");
      show(on);
    });
    colophon.append(make("p", {}, button));
    const rtl = root.dir === "rtl";
    addEventListener("keydown", (event) => {
      const target = event.target;
      const typing = target.closest?.("input, textarea, select, [contenteditable], pre");
      if (!on || typing || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const leads = {
        ArrowRight: rtl ? previous : next,
        ArrowLeft: rtl ? next : previous,
        "/": search,
      }[event.key];
      if (!leads) return;
      event.preventDefault();
      location.assign(leads.href);
    });
  }

  document.body.append(live);
  for (const part of [theme, copying, first, contents, reading, keys]) part();
})();
