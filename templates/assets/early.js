// Before the page is painted: the theme and the first language that this reader has chosen.
(() => {
  const root = document.documentElement;
  for (const name of ["theme", "first"]) {
    try {
      const chosen = localStorage.getItem(`proofpress:${name}`);
      if (chosen) root.dataset[name] = chosen;
    } catch {
      return; // a browser that keeps nothing
    }
  }
})();
