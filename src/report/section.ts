// Parts of reports: sections, facts, tables, legends.
import { type Content, type Markup, markup } from "./markup.ts";

export function section(title: string, note: string, ...body: Content[]): Markup {
  const text = note && markup`<p>${note}</p>`;
  return markup`<section><h2>${title}</h2>${text}${body}</section>`;
}

/** Terms with their values; undefined entries are left out. */
export function facts(entries: readonly (readonly [term: string, text: Content] | undefined)[]): Markup {
  const given = entries.filter((entry) => entry !== undefined);
  const entry = ([term, text]: readonly [string, Content]) =>
    markup`<div><dt>${term}</dt><dd>${text}</dd></div>`;
  return markup`<dl>${given.map(entry)}</dl>`;
}

/** A heading in an object is of a column of numbers, which are aligned right. */
export type Heading = string | { readonly number: string };

export function tableOf(headings: readonly Heading[], rows: readonly (readonly Content[])[]): Markup {
  const kindOf = (column: number) => typeof headings[column] === "string" ? "name" : "number";
  const heading = (text: Heading, column: number) =>
    markup`<th class="${kindOf(column)}">${typeof text === "string" ? text : text.number}</th>`;
  const cell = (content: Content, column: number) => markup`<td class="${kindOf(column)}">${content}</td>`;
  const lines = rows.map((row) => markup`<tr>${row.map(cell)}</tr>\n`);
  return markup`<div class="wide"><table>
<tr>${headings.map(heading)}</tr>
${lines}</table></div>`;
}

export function key(entries: readonly (readonly [colour: string, text: string])[]): Markup {
  const spans = entries.map(([colour, text]) =>
    markup`<span><i style="background:${colour}"></i>${text}</span>`
  );
  return markup`<div class="key">${spans}</div>`;
}
