/* The scheme chosen here or in the admin, before the first paint; or else the system's. */
(() => {
  const metas = Array.from(document.getElementsByName("theme-color"), (meta) => [meta, meta.media]);
  let theme;

  const show = () => {
    document.documentElement.dataset.theme = theme;
    for (const [meta, media] of metas) meta.media = theme === "auto" ? media : media.includes(theme) ? "all" : "not all";
    for (const each of document.getElementById("theme") ?? []) each.toggleAttribute("selected", each.value === theme);
  };
  const read = () => {
    try { theme = localStorage.theme; } catch {} // refused: lasts a page
    if (theme !== "light" && theme !== "dark") theme = "auto";
    show();
  };

  read();
  for (const name of ["DOMContentLoaded", "storage", "htmx:historyRestore"]) addEventListener(name, read);
  addEventListener("change", ({ target }) => {
    if (target.id !== "theme") return;
    theme = target.value;
    try { localStorage.theme = theme; } catch {}
    show();
  });
})();
