"""How the page of a window looks, on light and on dark screens."""

STYLE = """
:root{color-scheme:light dark;--ink:#212529;--soft:#868e96;--line:#dee2e6;--back:#fff;--card:#f8f9fa}
@media (prefers-color-scheme:dark){:root{--ink:#e9ecef;--soft:#909296;--line:#373a40;--back:#1a1b1e;--card:#25262b}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);
 font:15px/1.5 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px}
h1{font-size:22px;margin:0 0 12px}h2{font-size:17px;margin:0 0 8px}h3{font-size:15px;margin:14px 0 6px}
section{margin:22px 0}
ul{margin:0;padding-left:20px}li{margin:6px 0}li span{color:var(--soft)}
.said{display:inline-block;margin:0;padding:6px 14px;border-radius:6px;color:#fff;font-weight:600}
.strip{display:flex;flex-wrap:wrap;gap:3px;margin:0}.strip i{width:14px;height:14px;border-radius:3px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(480px,100%),1fr));gap:16px}
figure{margin:0;padding:12px;background:var(--card);border:1px solid var(--line);border-radius:8px}
figcaption{font-weight:600}svg{width:100%;height:auto;display:block}
svg text{font-size:11px;fill:var(--soft)}svg .grid{stroke:var(--line);fill:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 14px;margin:4px 0 0;font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal}
tr.alarm td{color:#e03131;font-weight:600}
meter{width:70px;vertical-align:middle}
"""
