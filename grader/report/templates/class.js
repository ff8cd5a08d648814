"use strict";
(() => {
  const table = document.querySelector("table.students");
  const body = table.tBodies[0];
  const form = document.querySelector("form.filter");
  const said = form.querySelector("output");
  const rows = () => Array.from(body.rows);

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));

  const sort = (heading, column) => {
    const wasDown = heading.getAttribute("aria-sort") === "descending";
    const first = typeof key(body.rows[0], column) === "number" ? -1 : 1;
    const sorted = heading.hasAttribute("aria-sort");
    const way = sorted ? (wasDown ? 1 : -1) : first;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    body.append(...rows().sort((a, b) => way * compare(key(a, column), key(b, column))));
  };

  const filter = () => {
    const wanted = form.elements.text.value.trim().toLocaleLowerCase();
    const state = form.elements.state.value;
    for (const row of rows()) {
      const fits = row.textContent.toLocaleLowerCase().includes(wanted);
      row.hidden = !fits || (state !== "" && row.dataset.state !== state);
    }
    const shown = rows().filter((row) => !row.hidden).length;
    said.textContent = shown === rows().length ? "" : `${shown} of ${rows().length}`;
  };

  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => body.rows.length && sort(heading, column));
  });
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
