"""How the HTML report looks, on a light and on a dark screen and on paper."""

STYLE = """\
:root {
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", sans-serif;
  --page: #f7f8f9; --card: #ffffff; --ink: #1f2933; --muted: #66727f; --rule: #e1e6eb;
  --accent: #0f766e; --tint: #e8f4f2; --warm: #b45309;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #111518; --card: #191f24; --ink: #e6eaee; --muted: #98a4b0; --rule: #2b343c;
    --accent: #2dd4bf; --tint: #14302d; --warm: #f59e0b;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.6 var(--font); }
main { max-width: 58rem; margin: 0 auto; padding: 3rem 1.25rem 5rem; }
h1 { margin: 0; font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 0 0 0.9rem; font-size: 1.25rem; letter-spacing: -0.01em; }
p { margin: 0 0 0.9rem; max-width: 46rem; }
.eyebrow {
  margin: 0 0 0.5rem; color: var(--accent); font-size: 0.78rem; font-weight: 650;
  letter-spacing: 0.09em; text-transform: uppercase;
}
.subtitle { margin-top: 0.5rem; color: var(--muted); }
.summary { margin: 1.4rem 0 0; font-size: 1.15rem; line-height: 1.5; }
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr));
  gap: 0.8rem; margin: 1.8rem 0;
}
.tile {
  display: flex; flex-direction: column; gap: 0.15rem; padding: 0.95rem 1.1rem;
  background: var(--card); border: 1px solid var(--rule); border-radius: 12px;
}
.label { color: var(--muted); font-size: 0.82rem; }
.value { font-size: 1.75rem; font-weight: 650; letter-spacing: -0.02em; line-height: 1.2; }
.value, .remark, table { font-variant-numeric: tabular-nums; }
.remark { color: var(--muted); font-size: 0.82rem; line-height: 1.35; }
nav { display: flex; flex-wrap: wrap; gap: 0.35rem 1.2rem; margin: 0 0 1.8rem; font-size: 0.9rem; }
nav a { color: var(--muted); text-decoration: none; border-bottom: 1px solid transparent; }
nav a:hover, nav a:focus-visible { color: var(--accent); border-color: currentColor; }
section {
  margin: 0 0 1.1rem; padding: 1.6rem 1.7rem 1.4rem; background: var(--card);
  border: 1px solid var(--rule); border-radius: 14px; scroll-margin-top: 1rem;
}
.notice {
  padding: 0.8rem 1rem; background: var(--tint);
  border-left: 3px solid var(--accent); border-radius: 0 8px 8px 0;
}
figure { margin: 0.4rem 0 1.2rem; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: 0.4rem; color: var(--muted); font-size: 0.87rem; max-width: 46rem; }
.scroll { overflow-x: auto; margin: 0 0 1.1rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
th, td {
  padding: 0.5rem 0.7rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule);
}
th { color: var(--muted); font-weight: 550; white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0.3rem; }
.number { text-align: right; white-space: nowrap; }
.marked td { font-weight: 650; background: var(--tint); }
tbody tr:last-child td { border-bottom: 0; }
ul { margin: 0 0 0.9rem; padding-left: 1.15rem; max-width: 46rem; }
li { margin: 0 0 0.4rem; }
li::marker { color: var(--accent); }
@media print {
  body { background: #fff; font-size: 11pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  section { break-inside: avoid; border: 0; padding: 0 0 1rem; }
}
"""
