/* What forms show while one types. Without it, saving shows the same. */
(() => {
  const $ = window.django?.jQuery; // the admin's own: its selects tell nobody else
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
  const post = (address, fields) =>
    fetch(address, { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(fields) });

  // After a pause in typing; an answer that comes after a later question is dropped.
  const paused = (ask) => {
    const waiting = new WeakMap();
    return (box, ...given) => {
      clearTimeout(waiting.get(box));
      const timer = setTimeout(async () => {
        const show = await ask(box, ...given).catch(() => null);
        if (show && waiting.get(box) === timer) show();
      }, 300);
      waiting.set(box, timer);
    };
  };

  // Texts: a view below each, rendered by the server as the public page is.
  const render = paused(async (text) => {
    const answer = await post(text.dataset.markdown, { text: text.value });
    const html = answer.ok ? await answer.text() : "";
    return () => (text.nextElementSibling.lastElementChild.innerHTML = html);
  });
  for (const text of document.querySelectorAll("textarea[data-markdown]")) {
    const view = document.createElement("details");
    const summary = document.createElement("summary");
    const rendered = document.createElement("div");
    view.className = "rendered";
    summary.textContent = text.dataset.rendered;
    rendered.lang = text.name.slice(-2);
    view.append(summary, rendered);
    text.after(view);
    view.addEventListener("toggle", () => view.open && render(text));
    text.addEventListener("input", () => view.open && render(text));
  }

  // Figures: the sentence of each, what is wrong with it and what looks odd.
  const item = (text) => Object.assign(document.createElement("li"), { textContent: text });
  const list = (name, texts) => {
    const ul = document.createElement("ul");
    ul.className = name;
    ul.append(...texts.map(item));
    return texts.length ? [ul] : [];
  };
  const say = paused(async (box, fields) => {
    const answer = await post(box.dataset.said, fields);
    if (!answer.ok) return null;
    const said = await answer.json();
    const sentences = ["fr", "en"].filter((lang) => said[lang]).map((lang) => {
      return Object.assign(document.createElement("span"), { lang, textContent: said[lang] });
    });
    const words = sentences.length ? [sentences[0], " · ", sentences[1]] : ["–"];
    return () => box.replaceChildren(...words, ...list("errorlist", said.error ? [said.error] : []), ...list("oddities", said.oddities));
  });
  const typed = ({ target }) => {
    const figure = target.closest?.(".inline-related, #salaryband_form");
    const box = figure?.querySelector(".in-words");
    if (!box || !target.name) return;
    const prefix = target.name.match(/^bands-\d+-/)?.[0] ?? "";
    const fields = [...new FormData(target.form)]
      .filter(([name]) => name.startsWith(prefix) && !/(^|-)base$/.test(name))
      .map(([name, value]) => [name.slice(prefix.length), value]);
    const own = target.form.action.match(/\/salaryband\/(\d+)\/change/) ?? location.pathname.match(/\/salaryband\/(\d+)\/change/);
    if (!prefix && own) fields.push(["id", own[1]]);
    say(box, fields);
  };
  $?.(document).on("input change", typed);

  // The admin's selects that search have no name of their own.
  const name = () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete")) {
      const label = select.labels[0]?.textContent.trim();
      const shown = select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox]") ?? [];
      if (label) for (const part of shown) part.setAttribute("aria-label", label), part.removeAttribute("aria-labelledby");
    }
  };
  $?.(name);
  document.addEventListener("formset:added", name);

  const form = document.querySelector("#content-main form[id$=_form]");
  // Django puts the cursor into the first control of a new object, in a script of its own time: a
  // button, where they stand on top.
  window.addEventListener("load", () => {
    if (document.activeElement?.type === "submit") form?.querySelector("fieldset input:not([type=hidden])")?.focus();
  });

  // Leaving a form with something typed asks first.
  let unsaved = false;
  form?.addEventListener("input", () => (unsaved = true));
  form?.addEventListener("submit", () => (unsaved = false));
  window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
})();
