// Tables: sort by any column, filter by some, find a text, choose columns, take away as CSV. Long ones show their first rows.

const MOST_ROWS = 200;

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1; // what has no number comes last
  return a.localeCompare(b, undefined, { numeric: true });
}

// A text as a cell of a CSV file; one that a spreadsheet would run as a formula has an apostrophe before it, numbers have not
function csvCell(text) {
  const formula = /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-][\d.]/.test(text));
  const safe = formula ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function interactive(table) {
  const id = table.id.replace("table-", ""), section = table.closest("section").id, body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells], titles = heads.map((head) => head.textContent);
  const shownText = (cell) => cell.firstChild?.nodeType === Node.TEXT_NODE ? cell.firstChild.data : "";
  const rows = [...body.rows].map((row, at) => ({
    row, at,
    texts: [...row.cells].map(shownText),
    values: [...row.cells].map((cell) => (cell.dataset.value === undefined ? shownText(cell) : Number(cell.dataset.value))),
  }));
  for (const one of rows) one.all = one.texts.join("\n").toLowerCase();
  const box = document.querySelector(`.tools[data-table="${id}"]`);
  const selects = [...box.querySelectorAll("select")];
  const count = html("span", { className: "count" });
  count.setAttribute("role", "status");
  const hidden = new Set();
  let sorted = null, limit = MOST_ROWS, matching = rows;

  const more = html("button", { type: "button", className: "more", hidden: true });
  table.closest(".scroll").after(more);
  more.addEventListener("click", () => { limit = Infinity; render(); });

  function render() {
    const find = search.value.trim().toLowerCase();
    const asked = selects.filter((one) => one.value).map((one) => [Number(one.dataset.column), one.value]);
    matching = rows.filter((one) => asked.every(([column, value]) => one.texts[column] === value) && (!find || one.all.includes(find)));
    if (sorted) {
      const { column, up } = sorted;
      matching.sort((a, b) => (up ? 1 : -1) * compare(a.values[column], b.values[column]) || a.at - b.at);
    }
    const shown = matching.slice(0, limit);
    for (const { row } of shown) for (const cell of row.cells) cell.hidden = hidden.has(cell.cellIndex);
    heads.forEach((head, column) => {
      head.hidden = hidden.has(column);
      if (sorted?.column === column) head.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    body.replaceChildren(...shown.map((one) => one.row));
    count.textContent = `${matching.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    more.hidden = shown.length === matching.length;
    more.textContent = `Show all ${matching.length.toLocaleString("en")} rows`;
  }

  function remember() {
    for (const one of selects) address.set(section, `${id}.${titles[one.dataset.column]}`, one.value);
    address.set(section, `${id}.find`, search.value.trim());
    address.set(section, `${id}.sort`, sorted && (sorted.up ? "" : "-") + titles[sorted.column]);
    address.set(section, `${id}.hide`, [...hidden].map((column) => titles[column]).join("|"));
  }
  function recall() {
    for (const one of selects) {
      const asked = address.get(`${id}.${titles[one.dataset.column]}`) ?? "";
      one.value = [...one.options].some((option) => option.value === asked) ? asked : "";
    }
    search.value = address.get(`${id}.find`) ?? "";
    const [, down, title] = (address.get(`${id}.sort`) ?? "").match(/^(-?)(.*)$/s);
    sorted = titles.includes(title) ? { column: titles.indexOf(title), up: !down } : null;
    hidden.clear();
    for (const one of (address.get(`${id}.hide`) ?? "").split("|")) if (titles.indexOf(one) > 0) hidden.add(titles.indexOf(one));
    boxes.forEach((one, i) => { one.checked = !hidden.has(i + 1); });
  }
  const change = () => { limit = MOST_ROWS; render(); remember(); };

  const search = html("input", { type: "search", size: 14 });
  search.addEventListener("input", change);
  selects.forEach((one) => one.addEventListener("change", change));
  const boxes = titles.slice(1).map((title, i) => {
    const one = html("input", { type: "checkbox", checked: true });
    one.addEventListener("change", () => {
      if (one.checked) hidden.delete(i + 1);
      else hidden.add(i + 1);
      render();
      remember();
    });
    return one;
  });
  const columns = html("details", { className: "columns" }, html("summary", { textContent: "Columns" }),
    html("div", {}, ...boxes.map((one, i) => html("label", {}, one, titles[i + 1]))));
  columns.addEventListener("keydown", (event) => { if (event.key === "Escape") columns.open = false; });
  document.addEventListener("click", (event) => { if (!columns.contains(event.target)) columns.open = false; });
  const csv = html("button", { type: "button", textContent: "CSV" });
  csv.title = "Download the rows and columns that are shown";
  csv.addEventListener("click", () => {
    const kept = titles.map((_, column) => column).filter((column) => !hidden.has(column));
    const lines = [titles, ...matching.map((one) => one.texts)].map((texts) => kept.map((column) => csvCell(texts[column])).join(","));
    const link = html("a", { download: `${id}.csv`, href: URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "text/csv" })) });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  box.append(html("label", {}, "find", search), columns, csv, count);
  box.hidden = false;

  heads.forEach((head, column) => {
    const button = html("button", { type: "button", textContent: titles[column] });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      sorted = { column, up: !(sorted?.column === column && sorted.up) };
      render();
      remember();
    });
  });
  const again = () => { recall(); render(); };
  address.listen(again);
  again();
}
