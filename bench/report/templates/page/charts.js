// The charts. Each is a function from the numbers of its section to a drawing, drawn again where the width changes.

const drawn = new Map();

function chart(name, make) {
  const place = document.getElementById(`chart-${name}`);
  if (!place) return;
  const box = document.getElementById(`controls-${name}`);
  let width = 0;
  const draw = () => { if (place.clientWidth) render(place.clientWidth); };
  const render = make({ place, box, draw });
  drawn.set(place, draw);
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    draw();
  }).observe(place);
  width = place.clientWidth;
  draw();
}

const distinct = (values) => [...new Set(values)];
const curve = (look, points, more = {}) => svg("path", { class: "line", d: line(points), "stroke-dasharray": look[2] || null, ...more });
const series = (look, name, ...children) => svg("g", { class: `series c${look[0]}`, "data-name": name }, ...children);
const marks = (kind, points, r, more = {}) => svg("path", { class: "fill", d: points.map(([x, y]) => mark(kind, x, y, r)).join(""), ...more });

function rates(data) {
  chart("rates", ({ place, box, draw }) => {
    const { metrics, dots, without_rate, trials } = data.rates;
    const names = distinct(dots.map((dot) => dot[0]));
    const steps = distinct(dots.map((dot) => dot[1])).sort((a, b) => a - b);
    const level = (name) => name in without_rate;
    const metric = choice(box, "score", metrics.map((one) => one[1]), draw);
    const label = (name) => (level(name) ? `${data.short[name]} (no rate): ${digits(without_rate[name][Number(metric.value)], 4)}` : data.short[name]);
    const hidden = legend(box, [...names, ...Object.keys(without_rate)], data.looks, draw, { most: 8, level, label });
    metric.addEventListener("change", () => box.querySelectorAll(".legend button").forEach((button) => {
      button.lastChild.textContent = label(button.title);
    }));
    const picked = html("div", { className: "picked", hidden: true });
    place.after(picked);
    let points = [];
    const forget = probe(place, () => points);
    return (width) => {
      forget();
      const at = Number(metric.value);
      const shown = names.filter((name) => !hidden.has(name));
      const of = (name) => dots.map((dot, i) => [dot, i]).filter(([dot]) => dot[0] === name && dot[4 + at] !== null);
      const lines = Object.entries(without_rate).filter(([name, values]) => !hidden.has(name) && values[at] !== null);
      const [low, high] = focus(shown.flatMap((name) => of(name).map(([dot]) => dot[4 + at])), lines.map(([, values]) => values[at]));
      const [, title, higher] = metrics[at];
      const every = Math.ceil((70 * steps.length) / Math.max(70, width - 80));
      const field = plane(place, {
        width, height: 460,
        x: { low: -0.5, high: steps.length - 0.5, ticks: steps.map((step, i) => [i, String(Number(step.toPrecision(3)))]).filter(([i]) => i % every === 0), title: "learning rate", grid: false },
        y: { low, high, ticks: ticks(low, high, 7), title: width < 600 ? title : `${title} on ${data.part} (${higher ? "higher" : "lower"} is better)` },
      });
      for (let i = 1; i < steps.length; i += 1) field.root.append(svg("line", { class: "grid", x1: r1(field.px(i - 0.5)), x2: r1(field.px(i - 0.5)), y1: field.top, y2: field.top + field.height }));
      for (const [name, values] of lines) {
        if (values[at] < low || values[at] > high) continue;
        field.root.append(svg("g", { class: "ink series", "data-name": name }, curve(data.looks[name], [[field.left, field.py(values[at])], [field.left + field.width, field.py(values[at])]])));
      }
      points = [];
      const sharing = steps.map((step) => shown.filter((name) => of(name).some(([dot]) => dot[1] === step))); // side by side
      const slots = sharing.map((those) => (0.86 * field.width) / steps.length / Math.max(1, those.length));
      const most = Math.max(...shown.flatMap((name) => steps.map((step) => of(name).filter(([dot]) => dot[1] === step).length)), 1);
      const r = Math.max(1.5, Math.min(4.5, Math.min(...slots) / 5, 120 / most));
      shown.forEach((name) => {
        const look = data.looks[name], mine = of(name), spots = [], means = [];
        for (const [column, step] of steps.entries()) {
          const here = mine.filter(([dot]) => dot[1] === step);
          if (!here.length) { means.push([NaN, NaN]); continue; }
          const slot = slots[column];
          const middle = field.px(column) + slot * (sharing[column].indexOf(name) + 0.5 - sharing[column].length / 2);
          const heights = here.map(([dot]) => field.py(dot[4 + at]));
          const aside = swarm(heights, 2 * r + 1, Math.max(0, slot / 2 - r));
          const mean = here.reduce((sum, [dot]) => sum + dot[4 + at], 0) / here.length;
          here.forEach(([dot, i], j) => {
            const spot = [middle + aside[j], heights[j]];
            spots.push(spot);
            points.push({
              x: spot[0], y: spot[1], trial: i, pick: () => pick(dot, i),
              lines: [name, `learning rate ${dot[1]}, split ${dot[2]}, seed ${dot[3]}`, `${title} ${digits(dot[4 + at], 4)}`, "click for its trial"],
            });
          });
          means.push([middle, field.py(mean)]);
        }
        field.root.append(series(look, name, curve(look, means), marks(look[1], spots, r, { class: "fill dots" })));
      });
      const pick = (dot, i) => {
        const [trial, group, count] = trials.of[i];
        const scores = metrics.map(([, title], one) => `${title} ${digits(dot[4 + one], 4)}`).join(", ");
        const code = html("code", { textContent: group === undefined ? "" : trials.commands[group] + count });
        const pre = html("pre", { className: "scroll", tabIndex: 0 }, code);
        pre.setAttribute("role", "region");
        pre.setAttribute("aria-label", "The command that trains it again");
        const button = html("button", { type: "button", className: "copy", textContent: "Copy" });
        copies(button, code);
        picked.replaceChildren(
          html("p", {}, html("strong", { textContent: dot[0] }), ` at learning rate ${dot[1]}, split ${dot[2]}, seed ${dot[3]}: ${scores}. Trial `, html("code", { textContent: trial }), "."),
          ...(group === undefined ? [] : [
            html("p", { className: "note", textContent: "This trains it again, in a folder of its own, with the seeds before it:" }),
            html("div", { className: "code" }, pre, button),
          ]),
        );
        picked.hidden = false;
      };
    };
  });
}

function confusion(data) {
  chart("confusion", ({ place, box, draw }) => {
    const many = [...data.confusion].sort((a, b) => Number(b.chosen) - Number(a.chosen));
    const several = (name) => many.filter((one) => one.configuration === name).length > 1;
    const names = many.map((one) => one.configuration + (several(one.configuration) ? `, learning rate ${one.rate}${one.chosen ? " (chosen)" : ""}` : ""));
    const which = choice(box, "variant", names, draw);
    const kind = switcher(box, "What the cells show", ["counts", "row percentages"], draw);
    const labels = data.labels, k = labels.length;
    let points = [];
    const forget = probe(place, () => points);
    place.classList.add("square");
    return (width) => {
      forget();
      const one = many[Number(which.value)], percent = kind() === 1;
      const totals = one.counts.map((row) => row.reduce((a, b) => a + b, 0));
      const values = one.counts.map((row, i) => row.map((cell) => (percent ? (totals[i] ? (100 * cell) / totals[i] : null) : cell)));
      const top = percent ? 100 : Math.max(...values.flat(), 1e-9);
      const say = (cell) => (cell === null ? "" : percent ? `${cell.toFixed(0)} %` : cell > 0 && cell < 1 ? (cell < 0.05 ? "<0.1" : cell.toFixed(1)) : Math.round(cell).toLocaleString("en"));
      const longest = Math.max(...labels.map((label) => label.length));
      const left = 42 + 8 * longest, side = Math.min(width - left - 12, 520);
      const every = [1, 2, 5, 10, 20, 50, 100].find((step) => (side * step) / k > 8 * longest + 8);
      const named = labels.map((label, i) => [i, label]).filter(([i]) => i % every === 0);
      const axis = { low: -0.5, high: k - 0.5, ticks: named, grid: false };
      const field = plane(place, {
        width: left + side + 12, height: side + 66, left, right: 12, top: 12, bottom: 54,
        x: { ...axis, title: "predicted rating" }, y: { ...axis, title: "observed rating", reversed: true },
      });
      const cell = side / k, gap = k > 20 ? 0 : Math.min(2, cell / 10);
      const room = cell > 7.2 * Math.max(...values.flat().map((value) => say(value).length));
      points = [];
      const parts = [];
      values.forEach((row, i) => row.forEach((value, j) => {
        const [x, y] = [field.left + j * cell, field.top + i * cell];
        const share = value === null ? 0 : value / top;
        if (share > 0 || k <= 20) parts.push(svg("rect", { class: "cell", x: r1(x), y: r1(y), width: r1(cell - gap), height: r1(cell - gap), "fill-opacity": (0.04 + 0.96 * share).toFixed(3) }));
        if (room) parts.push(svg("text", { class: share > 0.45 ? "on-dark" : "on-light", x: x + (cell - gap) / 2, y: y + (cell - gap) / 2 + 5, "text-anchor": "middle" }, say(value)));
        if (k <= 20 || value) points.push({ x: x + cell / 2, y: y + cell / 2, lines: [`observed ${labels[i]}, predicted ${labels[j]}`, `${say(percent ? value : value)}${percent ? "" : ` of ${Math.round(totals[i]).toLocaleString("en")}`}`] });
      }));
      field.root.append(svg("g", { class: "cells" }, ...parts));
      const told = k > 20 ? "" : ": " + values.map((row, i) => `rating ${labels[i]} predicted as ${row.map((value, j) => `${labels[j]}: ${say(value)}`).join(", ")}`).join("; ");
      place.setAttribute("aria-label", `Confusion of ${names[Number(which.value)]}, ${percent ? "row percentages" : "counts"}${told}`);
    };
  });
}

function reliability(data) {
  chart("reliability", ({ place, box, draw }) => {
    const kind = switcher(box, "What the chart shows", ["observed share", "gap to the prediction"], draw);
    const hidden = legend(box, data.reliability.map((one) => one.configuration), data.looks, draw, { most: 8, label: (name) => data.short[name] });
    let points = [];
    const forget = probe(place, () => points);
    return (width) => {
      forget();
      const gap = kind() === 1;
      const shown = data.reliability.filter((one) => !hidden.has(one.configuration));
      const value = (row) => (gap ? row[1] - row[0] : row[1]);
      const [low, high] = gap ? focus([0, ...shown.flatMap((one) => one.curve.map(value))]) : [-0.02, 1.02];
      const field = plane(place, {
        width, height: 460,
        x: { low: -0.02, high: 1.02, ticks: ticks(0, 1, 5), title: "predicted probability of rating ≤ k" },
        y: { low, high, ticks: ticks(low, high, 6), title: gap ? "observed share − prediction" : "observed share" },
      });
      field.root.append(svg("g", { class: "ink" }, svg("path", { class: "line thin", d: line([[field.px(0), field.py(0)], [field.px(1), field.py(gap ? 0 : 1)]]) })));
      points = [];
      for (const { configuration, curve: rows } of shown) {
        const look = data.looks[configuration], spots = rows.map((row) => [field.px(row[0]), field.py(value(row))]);
        field.root.append(series(look, configuration, curve(look, spots), marks(look[1], spots, 4)));
        rows.forEach((row, i) => points.push({
          x: spots[i][0], y: spots[i][1],
          lines: [configuration, `predicted ${digits(row[0], 3)}, observed ${digits(row[1], 3)}`, `${row[2].toLocaleString("en")} events`],
        }));
      }
    };
  });
}

function curves(data) {
  chart("curves", ({ place, box, draw }) => {
    const names = distinct(data.curves.map((one) => one.configuration));
    const which = choice(box, "variant", names, draw);
    const steps = distinct(data.curves.map((one) => one.rate));
    const looks = Object.fromEntries(steps.map((step) => [String(step), [...data.curves.find((one) => one.rate === step).look, ""]]));
    const hidden = legend(box, steps.map(String), looks, draw, { label: (step) => `learning rate ${step}` });
    let points = [];
    const forget = probe(place, () => points);
    return (width) => {
      forget();
      const shown = data.curves.filter((one) => one.configuration === names[Number(which.value)] && !hidden.has(String(one.rate)));
      const last = Math.max(2, ...shown.map((one) => one.train.length));
      const [low, high] = focus(shown.flatMap((one) => [...one.train, ...one.valid.flat()]));
      const field = plane(place, {
        width, height: 420,
        x: { low: 1 - 0.03 * last, high: last + 0.03 * last, ticks: ticks(1, last, Math.min(last - 1, 10)).filter(([epoch]) => Number.isInteger(epoch)), title: "epoch", grid: false },
        y: { low, high, ticks: ticks(low, high, 7), title: "loss (train dotted)" },
      });
      points = [];
      for (const one of shown) {
        const at = (losses) => losses.map((loss, i) => [field.px(i + 1), loss === null ? NaN : field.py(loss)]);
        const known = (spots) => spots.filter(([, y]) => Number.isFinite(y));
        field.root.append(series(one.look, one.configuration,
          svg("path", { class: "line each", d: one.valid.map((losses) => line(at(losses))).join("") }),
          curve([0, "", "2 4"], at(one.train), { class: "line train" }),
          curve(["", "", ""], at(one.mean)),
          marks(one.look[1], last > 30 ? [] : known(at(one.mean)), 4),
        ));
        one.mean.forEach((loss, i) => {
          if (loss === null) return;
          points.push({ x: field.px(i + 1), y: field.py(loss), lines: [`learning rate ${one.rate}, epoch ${i + 1}`, `mean valid loss ${digits(loss, 4)}`, `mean train loss ${digits(one.train[i], 4)}`] });
        });
      }
    };
  });
}

function timing(data) {
  chart("timing", ({ place }) => {
    const names = Object.keys(data.timing);
    const quantile = (sorted, q) => {
      const at = (sorted.length - 1) * q, low = Math.floor(at);
      return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
    };
    let points = [];
    const forget = probe(place, () => points);
    return (width) => {
      forget();
      const most = Math.max(...names.flatMap((name) => data.timing[name]), 1e-9);
      const narrow = width < 600, rowHeight = narrow ? 62 : 46;
      const longest = Math.max(...names.map((name) => data.short[name].length));
      const left = narrow ? 12 : Math.min(360, 24 + 7.2 * longest);
      const field = plane(place, {
        width, height: 60 + rowHeight * names.length, left, right: 24,
        x: { low: 0, high: most * 1.04, ticks: ticks(0, most * 1.04, narrow ? 4 : 8), title: "seconds an epoch" },
        y: { low: -0.5, high: names.length - 0.5, reversed: true, grid: false, ticks: narrow ? [] : names.map((name, i) => [i, data.short[name]]) },
      });
      points = [];
      names.forEach((name, at) => {
        const seconds = [...data.timing[name]].sort((a, b) => a - b);
        const y = field.py(at) + (narrow ? 10 : 0);
        if (narrow) field.root.append(svg("text", { x: left, y: y - 20 }, data.short[name]));
        const [first, middle, third] = [0.25, 0.5, 0.75].map((q) => field.px(quantile(seconds, q)));
        const aside = swarm(seconds.map(field.px), 5, 13);
        field.root.append(series([0], name,
          marks("circle", seconds.map((one, i) => [field.px(one), y + aside[i]]), 2.5, { class: "fill dots" }),
          svg("rect", { class: "box", x: r1(first), y: y - 15, width: r1(Math.max(1, third - first)), height: 30 }),
          svg("path", { class: "line", d: `M${r1(middle)} ${y - 15}V${y + 15}` })));
        points.push({ x: middle, y, lines: [name, `median ${quantile(seconds, 0.5).toPrecision(3)} s, n = ${seconds.length}`] });
      });
    };
  });
}
