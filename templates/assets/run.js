// Lets a reader run the Python examples of a page, in their browser, by Pyodide. It is fetched when
// the first one is started, from this site; each example runs in an interpreter of its own.
(() => {
  "use strict";
  const here = document.currentScript.src;
  // The element that loads a script says its words in another language (templates/site/base.html).
  const words = {
    run: "Run",
    stop: "Stop",
    printed: "What it printed here",
    running: "Running",
    done: "Done",
    failed: "Failed",
    stopped: "Stopped",
    unfetched: "Python could not be fetched.",
    ...document.currentScript.dataset,
  };
  const examples = [...document.querySelectorAll(".example[data-run]")];

  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  // The code of an example, after that of those it goes on from.
  const program = (example) => {
    const before = new Set(example.dataset.run.split(" "));
    return examples
      .filter((one) => one === example || before.has(one.dataset.line))
      .map((one) => one.querySelector("code").textContent)
      .join("\n");
  };

  for (const example of examples) {
    const button = make("button", { type: "button", className: "run", textContent: words.run });
    const shown = make("pre", { className: "ran", tabIndex: 0, hidden: true });
    const output = make("code", {});
    const state = make("p", { className: "hidden" });
    state.setAttribute("role", "status");
    shown.setAttribute("aria-label", words.printed);
    shown.append(output);
    let worker = null;

    const end = (how) => {
      worker?.terminate();
      worker = null;
      button.textContent = words.run;
      state.textContent = words[how];
    };

    const start = () => {
      worker = new Worker(new URL("run-worker.js", here), { type: "module" });
      button.textContent = words.stop;
      state.textContent = words.running;
      output.textContent = "";
      shown.hidden = false;
      worker.addEventListener("message", ({ data }) => {
        if (data.text) output.textContent += data.text;
        if (data.ended) end(data.ended);
      });
      worker.addEventListener("error", () => {
        output.textContent += `${words.unfetched}\n`;
        end("failed");
      });
      worker.postMessage(program(example));
    };

    button.addEventListener("click", () => (worker ? end("stopped") : start()));
    example.querySelector(".proof").prepend(button);
    example.append(shown, state);
  }
})();
