// The one style sheet of every page, light and dark, for screens and paper. Used by page.cpp.
#pragma once

#include <string_view>

namespace slipway::html {

inline constexpr std::string_view kStyle = R"css(
:root {
  --back: #f7f8fa; --card: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --accent: #2563eb;
  --good: #0f7b3f; --good-back: #e2f5ea; --bad: #b42318; --bad-back: #fdeae8; --warning: #8a5300; --warning-back: #fdf1dc;
  --s0: #2563eb; --s1: #d97706; --s2: #059669; --s3: #9333ea; --s4: #dc2626; --s5: #0891b2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #10141a; --card: #181e27; --ink: #e6eaf0; --soft: #97a3b3; --line: #2b3441; --accent: #7aa7ff;
    --good: #6ddf9c; --good-back: #12331f; --bad: #ff9a8f; --bad-back: #3d1a17; --warning: #f3c26b; --warning-back: #3a2a0d;
    --s0: #7aa7ff; --s1: #f5b04c; --s2: #4fd1a1; --s3: #c49bff; --s4: #ff8a80; --s5: #5cd0e6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 20px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 36px 0 12px; }
h3 { font-size: 16px; margin: 24px 0 8px; }
p { margin: 8px 0; max-width: 75ch; }
a { color: var(--accent); }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 8px 12px; border-bottom: 1px solid var(--line); vertical-align: middle; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: color-mix(in srgb, var(--accent) 6%, transparent); }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.short { white-space: nowrap; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 999px; font-size: 13px; font-weight: 600; white-space: nowrap;
  border: 1px solid var(--line); color: var(--soft); }
.badge.good { color: var(--good); background: var(--good-back); border-color: transparent; }
.badge.bad { color: var(--bad); background: var(--bad-back); border-color: transparent; }
.badge.warning { color: var(--warning); background: var(--warning-back); border-color: transparent; }
figure { margin: 16px 0; padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--soft); font-size: 13px; margin: 0 0 6px; padding: 0;
  list-style: none; }
.legend span { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .threshold { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 6 4; }
svg text.threshold-label { fill: var(--bad); stroke: none; }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg.spark { display: inline-block; vertical-align: middle; }
.f0 { fill: var(--s0); } .f1 { fill: var(--s1); } .f2 { fill: var(--s2); }
.f3 { fill: var(--s3); } .f4 { fill: var(--s4); } .f5 { fill: var(--s5); }
.l0 { stroke: var(--s0); } .l1 { stroke: var(--s1); } .l2 { stroke: var(--s2); }
.l3 { stroke: var(--s3); } .l4 { stroke: var(--s4); } .l5 { stroke: var(--s5); }
.b0 { background: var(--s0); } .b1 { background: var(--s1); } .b2 { background: var(--s2); }
.b3 { background: var(--s3); } .b4 { background: var(--s4); } .b5 { background: var(--s5); }
@media print {
  :root { --back: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #cccccc; }
  main { max-width: none; padding: 0; }
  figure, tr, .tiles div { break-inside: avoid; }
  .scroll { overflow: visible; }
}
)css";

}  // namespace slipway::html
