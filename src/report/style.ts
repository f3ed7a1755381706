// The style of reports: light, printable, without a network.
import { trustMarkup } from "./markup.ts";

export const style = trustMarkup(`<style>
:root { color-scheme: light; --ink: #22303c; --soft: #57606a; --line: #d8dee4; --ground: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 0 0 8px; }
p { margin: 0 0 12px; color: var(--soft); max-width: 75ch; }
section { background: #fff; border: 1px solid var(--line); border-radius: 8px; padding: 20px 24px;
  margin-top: 20px; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 12px 24px; margin: 0; }
dt { color: var(--soft); font-size: 13px; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.notice { display: inline-block; background: #fff8c5; border: 1px solid #d4a72c66; border-radius: 6px;
  padding: 0 6px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 600; background: #fff; position: sticky; top: 0; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.name { overflow-wrap: anywhere; min-width: 14ch; }
tr.chosen td { font-weight: 600; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 16px; }
figure { margin: 0; min-width: 0; } figcaption { font-size: 13px; overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; }
.key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; margin-bottom: 12px; }
.key i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 2px;
  vertical-align: -1px; }
@media print { body { background: #fff; } section { break-inside: avoid-page; border: 0; padding: 0; } }
</style>`);
