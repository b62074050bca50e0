// node mail.mjs FILE...: the features that mails use and mail programs lack, as JSON:
// {"error: FEATURE": [PROGRAM, ...]}, by the data of caniemail.com.

import { readFile } from "node:fs/promises";
import { caniemail, rawData } from "caniemail";

// What was never tried in a program is no finding; caniemail throws there.
const all = rawData.data.flatMap(({ stats }) =>
  Object.entries(stats).flatMap(([family, known]) => Object.keys(known).map(one => [family, one])));
for (const { stats } of rawData.data)
  for (const [family, platform] of all) (stats[family] ??= {})[platform] ??= { 0: "y" };

const found = {};
for (const file of process.argv.slice(2)) {
  const { issues } = caniemail({ clients: ["*"], html: await readFile(file, "utf8") });
  for (const [kind, lacking] of [["error", issues.errors], ["warning", issues.warnings]])
    for (const [program, features] of lacking)
      for (const { title } of [features].flat())
        (found[`${kind}: ${title}`] ??= new Set()).add(program);
}
const sorted = Object.entries(found).sort().map(([what, programs]) => [what, [...programs].sort()]);
console.log(JSON.stringify(Object.fromEntries(sorted), null, 1));
