// Eleventy with its own plugins for highlighting (Prism) and for a feed of the whole text.
import { feedPlugin } from "@11ty/eleventy-plugin-rss";
import syntaxHighlight from "@11ty/eleventy-plugin-syntaxhighlight";

export default function (config) {
  config.addPlugin(syntaxHighlight);
  config.addPlugin(feedPlugin, {
    type: "atom", // its RSS is no XML where articles have summaries: `content:encoded` undeclared
    outputPath: "/feed.xml",
    collection: { name: "posts", limit: 20 },
    metadata: {
      language: "en",
      title: "A Series",
      subtitle: "A series of articles.",
      base: "https://example.org/",
      author: { name: "The Authors" },
    },
  });
  config.addCollection("posts", (found) => found.getFilteredByGlob("posts/*.md"));
  config.addFilter("day", (date) => date.toISOString().slice(0, 10));
  return { markdownTemplateEngine: false }; // the articles are Markdown and no templates
}
