// A chart's plane with its axes, a legend that hides and shows series, and a probe that tells what a mark is.

// `x` and `y`: { low, high, ticks: [[value, text], …], title, grid }; `reversed` turns y upside down
function plane(place, { width, height, left = 64, right = 14, top = 10, bottom = 48, x, y }) {
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const inner = { width: width - left - right, height: height - top - bottom };
  const px = (value) => left + ((value - x.low) / (x.high - x.low)) * inner.width;
  const share = (value) => (value - y.low) / (y.high - y.low);
  const py = (value) => top + (y.reversed ? share(value) : 1 - share(value)) * inner.height;
  for (const [value, label] of y.ticks) {
    if (y.grid !== false) root.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: r1(py(value)), y2: r1(py(value)) }));
    root.append(svg("text", { x: left - 8, y: py(value) + 4, "text-anchor": "end" }, label));
  }
  for (const [value, label] of x.ticks) {
    if (x.grid !== false) root.append(svg("line", { class: "grid", x1: r1(px(value)), x2: r1(px(value)), y1: top, y2: height - bottom }));
    root.append(svg("text", { x: px(value), y: height - bottom + 18, "text-anchor": "middle" }, label));
  }
  if (x.title) root.append(svg("text", { class: "title", x: left + inner.width / 2, y: height - 6, "text-anchor": "middle" }, x.title));
  if (y.title) {
    const middle = top + inner.height / 2;
    root.append(svg("text", { class: "title", x: 15, y: middle, "text-anchor": "middle", transform: `rotate(-90 15 ${middle})` }, y.title));
  }
  place.querySelector("svg")?.remove();
  place.prepend(root);
  return { root, px, py, left, top, ...inner };
}

// Buttons that hide and show series; `looks` by name: [colour, mark, dash]. Gives the set of the names that are hidden
function legend(box, names, looks, draw, { most = Infinity, level = () => false, label }) {
  const hidden = new Set(names.filter((name) => !level(name)).slice(most));
  const list = html("ul", { className: "legend" });
  for (const name of names) {
    const [colour, kind, dash] = looks[name];
    const swatch = svg("svg", { width: 30, height: 14, "aria-hidden": "true", class: level(name) ? "ink" : `c${colour}` },
      svg("path", { class: "line", d: "M1 7H29", "stroke-dasharray": dash || null }));
    if (!level(name)) swatch.append(svg("path", { class: "fill", d: mark(kind, 15, 7, 4.5) }));
    const button = html("button", { type: "button", title: name }, swatch, html("span", { textContent: label(name) }));
    button.setAttribute("aria-pressed", String(!hidden.has(name)));
    button.addEventListener("click", () => {
      if (!hidden.delete(name)) hidden.add(name);
      button.setAttribute("aria-pressed", String(!hidden.has(name)));
      draw();
    });
    list.append(html("li", {}, button));
  }
  if (hidden.size) box.append(html("p", { className: "note", textContent: `${names.length - hidden.size} of ${names.length} are drawn; press a name to show or hide it.` }));
  box.append(list);
  box.hidden = false;
  return hidden;
}

// What the mark nearest to the pointer is; with the keyboard the arrows go from mark to mark. `points()`: [{ x, y, lines, pick }]
function probe(place, points) {
  const tip = html("div", { className: "tip", hidden: true });
  tip.setAttribute("role", "status");
  place.append(tip);
  place.tabIndex = 0;
  let now = null;
  const show = (one) => {
    now = one;
    place.querySelector(".ring")?.remove();
    tip.hidden = !one;
    place.classList.toggle("on-a-mark", Boolean(one && one.pick));
    if (!one) return;
    place.querySelector("svg").append(svg("circle", { class: "ring", cx: one.x, cy: one.y, r: 8 }));
    tip.replaceChildren(...one.lines.map((text) => html("div", { textContent: text })));
    const beside = one.x + 14 + tip.offsetWidth <= place.clientWidth;
    tip.style.left = `${Math.max(0, beside ? one.x + 14 : one.x - 14 - tip.offsetWidth)}px`;
    tip.style.top = `${Math.max(0, one.y - tip.offsetHeight - 6)}px`;
  };
  const nearest = (event) => {
    const edge = place.getBoundingClientRect();
    const [x, y] = [event.clientX - edge.left, event.clientY - edge.top];
    let best = null, least = 22;
    for (const one of points()) {
      const away = Math.hypot(one.x - x, one.y - y);
      if (away < least) [best, least] = [one, away];
    }
    return best;
  };
  place.addEventListener("pointermove", (event) => show(nearest(event)));
  place.addEventListener("pointerleave", () => show(null));
  place.addEventListener("blur", () => show(null));
  place.addEventListener("click", (event) => {
    const one = nearest(event);
    show(one);
    one?.pick?.();
  });
  place.addEventListener("keydown", (event) => {
    const all = points();
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") show(null);
    if (event.key === "Enter" && now) now.pick?.();
    if (!step || !all.length) return;
    event.preventDefault();
    const at = all.findIndex((one) => one === now);
    show(all[(at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step + all.length) % all.length]);
  });
  return () => show(null);
}

// A choice of one of several, with a label
function choice(box, label, options, draw) {
  const select = html("select", {}, ...options.map((name, at) => html("option", { value: at, textContent: name })));
  box.append(html("label", {}, label, select));
  box.hidden = false;
  select.addEventListener("change", draw);
  return select;
}

// A switch between a few views, as radio buttons; gives a function that tells which
function switcher(box, title, options, draw) {
  const radios = options.map((name, at) => {
    const radio = html("input", { type: "radio", name: `${box.id}-switch`, value: at, checked: at === 0 });
    radio.addEventListener("change", draw);
    return radio;
  });
  const labels = options.map((name, at) => html("label", {}, radios[at], name));
  box.append(html("fieldset", {}, html("legend", { className: "hidden", textContent: title }), ...labels));
  box.hidden = false;
  return () => radios.findIndex((radio) => radio.checked);
}
