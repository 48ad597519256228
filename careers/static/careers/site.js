/* HTMX does the work; this keeps addresses clean and Back useful. Without it nothing is lost. */
(() => {
  let typing = false;

  // What was left blank does not stand in the address.
  document.addEventListener("htmx:configRequest", ({ detail: { formData } }) => {
    for (const [name, value] of [...formData]) if (!value.trim()) formData.delete(name);
  });

  // Back leads to another question: never to the same one, nor letter by letter through a word.
  document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history, requestConfig } }) => {
    const typed = requestConfig.triggeringEvent?.type === "input";
    const same = history.path === location.pathname + location.search;
    if (same || (typed && typing)) history.type = "replace";
    typing = typed || (same && typing);
  });

  // Asking from the sheet of a phone shows the answer.
  document.addEventListener("submit", ({ target }) => {
    const sheet = target.previousElementSibling;
    if (sheet?.matches("details.sheet[open]")) sheet.open = false;
  });
})();
