/* Django's autocompletes have no name for those who hear them: they take that of their label. */
"use strict";

{
  const name = () => {
    for (const select of document.querySelectorAll("select.admin-autocomplete[id]")) {
      const shown = document.getElementById(`select2-${select.id}-container`);
      const label = document.querySelector(`label[for="${select.id}"]`);
      if (shown && label) {
        shown.setAttribute("aria-label", label.textContent.trim());
      }
    }
  };

  // After the page is ready, when they have been made.
  window.addEventListener("load", name);
  document.addEventListener("formset:added", () => setTimeout(name));
}
