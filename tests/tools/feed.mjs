// Reads a feed of any format, or an OPML, as feedsmith does: text in, JSON out.
import { readFileSync } from "node:fs";
import { parseFeed, parseOpml } from "feedsmith";

const text = readFileSync(0, "utf8");
const parsed = process.argv[2] === "opml" ? parseOpml(text) : parseFeed(text);
process.stdout.write(JSON.stringify(parsed));
