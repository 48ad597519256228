/* HTMX does the work; this keeps addresses clean and Back useful. */
(() => {
  let typing = false;

  // What was left blank does not stand in the address.
  document.addEventListener("htmx:configRequest", ({ detail: { formData } }) => {
    for (const [name, value] of [...formData]) {
      if (!value.trim()) formData.delete(name);
      else if (name === "salary_min") formData.set(name, value.replace(/\s/g, ""));
    }
  });

  // What is ticked is in sight, though its box begins further up.
  for (const field of document.querySelectorAll(".facet :checked")) {
    const box = field.closest("div");
    box.scrollTop = field.offsetTop - box.offsetTop - 60;
  }

  // Counts come with each answer; a choice made meanwhile stays made.
  let chosen;
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    chosen = Array.from(target.querySelectorAll(":checked"), ({ value }) => value);
  });
  document.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    for (const each of target.querySelectorAll("input, option")) {
      each["checked" in each ? "checked" : "selected"] = chosen.includes(each.value);
    }
  });

  // Back leads to another question: never to the same one, nor letter by letter through a word, nor
  // through what was chosen in one go.
  let asked = -Infinity;
  document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history, requestConfig } }) => {
    const { type, timeStamp = performance.now() } = requestConfig.triggeringEvent ?? {};
    const typed = type === "input";
    const same = history.path === location.pathname + location.search;
    if (same || timeStamp - asked < 1000 || (typed && typing)) history.type = "replace";
    asked = timeStamp;
    typing = typed || (same && typing);
  });

  // HTMX keeps pages for Back as HTML: what was asked has to stand in it.
  const write = () => {
    const asked = new URLSearchParams(location.search);
    for (const field of document.getElementById("question")?.elements ?? []) {
      const value = asked.get(field.name) ?? "";
      if (field.type === "checkbox") field.toggleAttribute("checked", asked.getAll(field.name).includes(field.value));
      else if (field.options) for (const option of field.options) option.toggleAttribute("selected", option.value === value);
      else if (field.name) field.setAttribute("value", value);
    }
  };
  document.addEventListener("htmx:pushedIntoHistory", write);
  document.addEventListener("htmx:replacedInHistory", write);

  // Asking from the sheet of a phone shows the answer.
  document.addEventListener("submit", ({ target }) => {
    const sheet = target.querySelector(".sheet[open]");
    if (!sheet) return;
    sheet.open = false;
    sheet.scrollIntoView();
  });
})();
