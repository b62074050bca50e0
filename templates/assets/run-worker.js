// Runs one program in an interpreter of its own, and tells what it prints.
const printed = (text) => postMessage({ text: `${text}\n` });

addEventListener("message", async ({ data: program }) => {
  try {
    const { loadPyodide } = await import("./pyodide/pyodide.mjs");
    const python = await loadPyodide({ stdout: printed, stderr: printed });
    await python.runPythonAsync(program, { filename: "example" });
    postMessage({ ended: "done" });
  } catch (error) {
    postMessage({ text: `${error.message}\n`, ended: "failed" });
  }
});
