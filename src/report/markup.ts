// HTML with escaping: values in markup`…` become text unless they are markup already.

export type Markup = { readonly markup: string };
export type Content = Markup | string | number | undefined | readonly Content[];

export function markup(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  return { markup: parts.reduce((text, part, i) => text + markupText(contents[i - 1]) + part) };
}

/** Marks a string as markup (an SVG, a style sheet) that is inserted unescaped. */
export function trustMarkup(markup: string): Markup {
  return { markup };
}

function markupText(content: Content): string {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map(markupText).join("");
  if (typeof content === "object") return (content as Markup).markup;
  return escapeText(String(content));
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}
