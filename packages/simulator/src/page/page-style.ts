/** The style of every page: no external fonts, images or scripts; light and dark; for widths from 320 px. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f4f3fb; --card: #ffffff; --line: #dedbee; --text: #1d1a2f; --quiet: #5b5673;
  --accent: #5a4fe0; --accent-strong: #4638c7; --on-accent: #ffffff; --tint: #efedfd;
  --good: #0b6b43; --good-tint: #e3f5ec; --bad: #a1231d; --bad-tint: #fdeceb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121019; --card: #1c1928; --line: #38334d; --text: #f1eefb; --quiet: #b3adca;
    --accent: #a59cff; --accent-strong: #c0b9ff; --on-accent: #17122f; --tint: #29243f;
    --good: #7fdcaf; --good-tint: #14322a; --bad: #ffaaa4; --bad-tint: #3c1d20;
  }
}
html { background: var(--ground); }
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 1.5rem 1rem; display: flex; flex-direction: column;
  align-items: center; justify-content: center; gap: 1rem; color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main {
  width: 100%; max-width: 27rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 1rem; box-shadow: 0 12px 32px rgb(30 20 80 / 0.08);
}
.brand { display: flex; align-items: center; gap: 0.6rem; margin: 0 0 1.5rem; font-weight: 600; }
.brand svg { width: 1.75rem; height: 1.75rem; fill: none; stroke: var(--accent); stroke-width: 2.2; }
.brand span { margin-left: auto; padding: 0.1rem 0.6rem; border-radius: 1rem; background: var(--tint);
  color: var(--accent-strong); font-size: 0.8125rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.01em; }
p { margin: 0 0 1rem; }
.quiet { color: var(--quiet); }
.code {
  margin: 0 0 1.25rem; padding: 0.85rem; border-radius: 0.75rem; background: var(--tint); text-align: center;
  color: var(--accent-strong); font: 600 1.75rem/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: 0.12em;
}
.site { padding: 0.75rem 1rem; border-radius: 0.75rem; background: var(--tint); color: var(--accent-strong); font-weight: 600; }
.site span { font-weight: 400; font-size: 0.9375rem; overflow-wrap: anywhere; }
#what strong { white-space: nowrap; }
.working { margin: 1rem 0 0; color: var(--quiet); }
.working:empty { margin: 0; }
h2 { margin: 0 0 0.25rem; font-size: 1rem; }
ul { margin: 0 0 1.5rem; padding-left: 1.25rem; }
li { margin: 0.15rem 0; }
.notice { padding: 0.75rem 1rem; border-radius: 0.75rem; }
.notice.good { background: var(--good-tint); color: var(--good); }
.notice.bad { background: var(--bad-tint); color: var(--bad); }
.notice:last-child { margin-bottom: 0; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
button {
  flex: 1 1 9rem; min-height: 2.875rem; padding: 0.6rem 1.25rem; border: 1px solid var(--quiet); border-radius: 0.65rem;
  background: var(--card); color: var(--text); font: inherit; font-weight: 600; cursor: pointer;
}
button:hover { border-color: var(--text); background: var(--tint); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.main:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
button:disabled { opacity: 0.55; cursor: progress; }
label { display: block; margin-bottom: 0.35rem; font-weight: 600; }
input {
  width: 100%; min-height: 2.875rem; margin-bottom: 1rem; padding: 0.6rem 0.85rem; border: 1px solid var(--quiet);
  border-radius: 0.65rem; background: var(--card); color: var(--text);
  font: 600 1.125rem/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: 0.1em;
  text-transform: uppercase;
}
input::placeholder { color: var(--quiet); opacity: 1; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
footer { max-width: 27rem; color: var(--quiet); font-size: 0.875rem; text-align: center; }
@media (max-width: 26rem) { main { padding: 1.5rem 1.25rem; } .code { font-size: 1.4rem; } }
@media (forced-colors: active) { button, main { border: 1px solid; } }
`
