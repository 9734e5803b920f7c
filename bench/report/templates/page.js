"use strict";
(() => {
  const data = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let printing = false;

  // plotly reads a few HTML tags in labels: names are text, so their signs are written as entities
  const text = (raw) => String(raw).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const short = (raw) => text(raw.length > 34 ? raw.slice(0, 33) + "…" : raw);
  const digits = (value, n) => (value === null ? "–" : value.toFixed(n));

  // ---- tables: sort by any column, filter by some ----
  function value(row, column) {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  }
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1; // what has no number comes last
    return a.localeCompare(b, undefined, { numeric: true });
  }
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => (up ? 1 : -1) * compare(value(a, column), value(b, column)));
        table.tBodies[0].append(...rows);
      });
    });
  }
  for (const box of document.querySelectorAll(".filters")) {
    const table = document.getElementById("table-" + box.dataset.table);
    const selects = [...box.querySelectorAll("select")];
    const count = box.querySelector(".count");
    const apply = () => {
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = selects.some((one) => one.value && row.cells[one.dataset.column].textContent !== one.value);
        shown += !row.hidden;
      }
      count.textContent = shown + " of " + table.tBodies[0].rows.length + " rows";
    };
    selects.forEach((one) => one.addEventListener("change", apply));
    box.hidden = false;
    apply();
  }

  // ---- controls of charts ----
  function choice(box, label, options, draw) {
    const outer = document.createElement("label");
    const select = document.createElement("select");
    options.forEach((name, at) => {
      const option = document.createElement("option");
      option.value = at;
      option.textContent = name;
      select.append(option);
    });
    outer.append(label, select);
    box.append(outer);
    box.hidden = false;
    select.addEventListener("change", draw);
    return select;
  }
  function switcher(box, legend, options, draw) {
    const set = document.createElement("fieldset");
    const title = document.createElement("legend");
    title.className = "hidden";
    title.textContent = legend;
    set.append(title);
    const radios = options.map((name, at) => {
      const outer = document.createElement("label");
      const radio = document.createElement("input");
      radio.type = "radio";
      radio.name = box.id + "-switch";
      radio.value = at;
      radio.checked = at === 0;
      radio.addEventListener("change", draw);
      outer.append(radio, name);
      set.append(outer);
      return radio;
    });
    box.append(set);
    box.hidden = false;
    return () => radios.findIndex((radio) => radio.checked);
  }

  // ---- charts ----
  const LIGHTER = { "#0072B2": "#3D9BE0", "#D55E00": "#F0803A", "#009E73": "#26C79A", "#7F7F7F": "#ABABAB" };
  function theme() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    const night = dark.matches && !printing;
    const day = printing ? { ink: "#000000", line: "#bbbbbb", low: "#f2f7fc", high: "#08457e", paper: "#ffffff" } : null;
    const found = day || { ink: of("--ink"), line: of("--line"), low: of("--low"), high: of("--high"), paper: of("--paper") };
    return { ...found, colour: (one) => (night && LIGHTER[one]) || one };
  }
  function layout(colours, more) {
    const axis = { color: colours.ink, gridcolor: colours.line, zerolinecolor: colours.line, automargin: true };
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colours.ink, size: 13, family: getComputedStyle(document.body).fontFamily },
      margin: { l: 56, r: 12, t: 12, b: 48 },
      height: 440,
      hovermode: "closest",
      hoverlabel: { bgcolor: colours.paper, bordercolor: colours.ink, font: { color: colours.ink } },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.03, yanchor: "bottom" },
      ...more,
      xaxis: { ...axis, ...more.xaxis },
      yaxis: { ...axis, ...more.yaxis },
    };
  }
  const draws = [];
  function chart(name, make) {
    const place = document.getElementById("chart-" + name);
    if (!place) return;
    const draw = () => {
      const narrow = place.clientWidth < 600;
      const [traces, shape] = make(theme(), narrow, place.clientWidth);
      if (narrow) shape.height += 12 * traces.filter((one) => one.showlegend !== false).length;
      Plotly.react(place, traces, shape, { responsive: true, displayModeBar: false, displaylogo: false });
    };
    draws.push(draw);
    return draw;
  }
  const box = (name) => document.getElementById("controls-" + name);

  if (document.getElementById("chart-rates")) {
    const { metrics, dots, baselines } = data.rates;
    const configurations = [...new Set(dots.map((dot) => dot[0]))];
    const steps = [...new Set(dots.map((dot) => dot[1]))].sort((a, b) => a - b);
    const metric = choice(box("rates"), "score", metrics.map((one) => one[1]), () => draw());
    const draw = chart("rates", (colours, narrow) => {
      const at = Number(metric.value);
      const traces = [];
      configurations.forEach((configuration, number) => {
        const [colour, symbol, dash] = data.looks[configuration];
        const slot = 0.6 / configurations.length;
        const shift = slot * (number + 0.5) - 0.3;
        const mine = dots.filter((dot) => dot[0] === configuration && dot[4 + at] !== null);
        const used = steps.filter((step) => mine.some((dot) => dot[1] === step));
        const mean = (step) => {
          const found = mine.filter((dot) => dot[1] === step).map((dot) => dot[4 + at]);
          return found.reduce((a, b) => a + b, 0) / found.length;
        };
        const many = mine.length > 12 * used.length; // then marks are set a little aside, so that none hides another
        const aside = (i) => (many ? slot * 0.7 * (((i * 0.618) % 1) - 0.5) : 0);
        traces.push({
          x: mine.map((dot, i) => steps.indexOf(dot[1]) + shift + aside(i)),
          y: mine.map((dot) => dot[4 + at]),
          text: mine.map((dot) => `${text(configuration)}<br>learning rate ${dot[1]}, seed ${dot[2]}, split ${dot[3]}<br>${digits(dot[4 + at], 4)}`),
          hoverinfo: "text", mode: "markers", name: short(configuration), legendgroup: configuration, showlegend: false,
          marker: { color: colours.colour(colour), symbol, size: many ? 5 : 8, opacity: many ? 0.6 : 0.75 },
        });
        traces.push({
          x: used.map((step) => steps.indexOf(step) + shift),
          y: used.map(mean),
          text: used.map((step) => `${text(configuration)}<br>learning rate ${step}<br>mean ${digits(mean(step), 4)}`),
          hoverinfo: "text", mode: "lines", legendgroup: configuration, showlegend: false, line: { color: colours.colour(colour), dash, width: 2.5 },
        });
        traces.push({
          x: [null], y: [null], mode: "lines+markers", name: short(configuration), legendgroup: configuration,
          line: { color: colours.colour(colour), dash, width: 2.5 }, marker: { symbol, size: 8, color: colours.colour(colour) },
        });
      });
      Object.entries(baselines).forEach(([name, values]) => {
        if (values[at] === null) return;
        traces.push({
          x: [-0.5, steps.length - 0.5], y: [values[at], values[at]], mode: "lines", name: short(name) + " (baseline)",
          text: `${text(name)}<br>${digits(values[at], 4)}`, hoverinfo: "text",
          line: { color: colours.ink, width: 1.5, dash: data.looks[name][2] },
        });
      });
      const [, label, higher] = metrics[at];
      return [traces, layout(colours, {
        height: 500,
        xaxis: { title: { text: "learning rate" }, tickvals: steps.map((_, i) => i), ticktext: steps.map(String), range: [-0.5, steps.length - 0.5], zeroline: false },
        yaxis: { title: { text: label + (narrow ? "" : ` on ${data.part} (${higher ? "higher" : "lower"} is better)`) }, zeroline: false },
      })];
    });
  }

  if (document.getElementById("chart-confusion")) {
    const many = data.confusion.filter((one) => one.chosen).concat(data.confusion.filter((one) => !one.chosen));
    const several = (configuration) => data.confusion.filter((one) => one.configuration === configuration).length > 1;
    const names = many.map((one) => one.configuration + (several(one.configuration) ? `, learning rate ${one.rate}${one.chosen ? " (chosen)" : ""}` : ""));
    const place = document.getElementById("chart-confusion");
    place.classList.add("square");
    const which = choice(box("confusion"), "variant", names, () => draw());
    const shares = switcher(box("confusion"), "What the cells show", ["counts", "row percentages"], () => draw());
    const draw = chart("confusion", (colours, narrow, width) => {
      const one = many[Number(which.value)];
      const percent = shares() === 1;
      const z = percent ? one.shares : one.counts;
      const shown = z.map((row) => row.map((cell) => (cell === null ? "" : percent ? cell.toFixed(0) + " %" : Math.round(cell).toLocaleString("en"))));
      place.setAttribute("aria-label", `Confusion of ${names[Number(which.value)]}, ${percent ? "row percentages" : "counts"}: `
        + shown.map((row, i) => `rating ${data.labels[i]} prediction as ${row.map((cell, j) => `${data.labels[j]}: ${cell}`).join(", ")}`).join("; "));
      return [[{
        type: "heatmap", z, x: data.labels, y: data.labels, text: shown, texttemplate: "%{text}", textfont: { size: 14 },
        colorscale: [[0, colours.low], [1, colours.high]], zmin: 0, zmax: percent ? 100 : undefined, showscale: false, xgap: 2, ygap: 2,
        hovertemplate: "came %{y}, prediction %{x}: %{text}<extra></extra>",
      }], layout(colours, {
        height: Math.min(480, width + 40),
        xaxis: { title: { text: "predicted rating" }, type: "category", showgrid: false, constrain: "domain" },
        yaxis: { title: { text: "observed rating" }, type: "category", autorange: "reversed", showgrid: false, scaleanchor: "x", constrain: "domain" },
      })];
    });
  }

  if (document.getElementById("chart-reliability")) {
    const gaps = switcher(box("reliability"), "What the chart shows", ["observed share", "gap to the prediction"], () => draw());
    const draw = chart("reliability", (colours) => {
      const gap = gaps() === 1;
      const traces = [{ x: [0, 1], y: gap ? [0, 0] : [0, 1], mode: "lines", line: { color: colours.ink, width: 1 }, name: "perfect", hoverinfo: "skip" }];
      data.reliability.forEach(({ configuration, curve }) => {
        const [colour, symbol, dash] = data.looks[configuration];
        traces.push({
          x: curve.map((row) => row[0]), y: curve.map((row) => (gap ? row[1] - row[0] : row[1])), mode: "lines+markers", name: short(configuration),
          text: curve.map((row) => `${text(configuration)}<br>prediction ${digits(row[0], 3)}, came ${digits(row[1], 3)}<br>${row[2].toLocaleString("en")} events`),
          hoverinfo: "text", line: { color: colours.colour(colour), dash, width: 2 }, marker: { symbol, size: 7, color: colours.colour(colour) },
        });
      });
      return [traces, layout(colours, {
        height: 500,
        xaxis: { title: { text: "predicted probability of rating ≤ k" }, range: [0, 1] },
        yaxis: { title: { text: gap ? "observed share − prediction" : "observed share" } },
      })];
    });
  }

  if (document.getElementById("chart-curves")) {
    const configurations = [...new Set(data.curves.map((one) => one.configuration))];
    const which = choice(box("curves"), "variant", configurations, () => draw());
    const draw = chart("curves", (colours) => {
      const traces = [];
      data.curves.filter((one) => one.configuration === configurations[Number(which.value)]).forEach((one) => {
        const colour = colours.colour(one.look[0]);
        const x = one.train.map((_, i) => i + 1);
        const group = String(one.rate);
        one.valid.forEach((losses) => traces.push({
          x, y: losses, mode: "lines", line: { color: colour, width: 0.8 }, opacity: 0.5, hoverinfo: "skip", showlegend: false, legendgroup: group,
        }));
        traces.push({
          x, y: one.mean, mode: "lines+markers", name: `valid, learning rate ${one.rate}`, legendgroup: group,
          line: { color: colour, width: 2.5 }, marker: { symbol: one.look[1], size: 7, color: colour },
          hovertemplate: `learning rate ${one.rate}, epoch %{x}<br>mean valid loss %{y:.4f}<extra></extra>`,
        });
        traces.push({
          x, y: one.train, mode: "lines+markers", showlegend: false, legendgroup: group,
          line: { color: colour, width: 1.5, dash: "dot" }, marker: { symbol: one.look[1] + "-open", size: 6, color: colour },
          hovertemplate: `learning rate ${one.rate}, epoch %{x}<br>mean train loss %{y:.4f}<extra></extra>`,
        });
      });
      return [traces, layout(colours, {
        xaxis: { title: { text: "epoch" }, dtick: 1 },
        yaxis: { title: { text: "loss (train dotted)" } },
      })];
    });
  }

  if (document.getElementById("chart-timing")) {
    const names = Object.keys(data.timing);
    chart("timing", (colours, narrow) => [
      names.map((name, at) => ({
        type: "box", x: data.timing[name], y: data.timing[name].map(() => at), name: short(name), orientation: "h", boxpoints: "all", width: 0.5,
        jitter: 0.5, pointpos: 0, marker: { color: colours.colour("#0072B2"), size: 5, opacity: 0.7 }, line: { width: 1.5 }, fillcolor: "rgba(0,0,0,0)",
        hoverinfo: "x", showlegend: false,
      })),
      layout(colours, {
        height: 140 + 44 * names.length,
        xaxis: { title: { text: "seconds an epoch" }, rangemode: "tozero" },
        yaxis: {
          range: [names.length - 0.4, -0.6], tickvals: names.map((_, i) => i), zeroline: false, showgrid: false,
          ticktext: names.map((name) => (narrow ? text(name.slice(0, 14) + (name.length > 14 ? "…" : "")) : short(name))),
        },
      }),
    ]);
  }

  const redraw = () => draws.forEach((draw) => draw());
  redraw();
  dark.addEventListener("change", redraw);
  addEventListener("beforeprint", () => { printing = true; redraw(); });
  addEventListener("afterprint", () => { printing = false; redraw(); });

  // ---- copy the command ----
  for (const button of document.querySelectorAll(".copy")) {
    const code = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code); // where a page from disk may not write, the reader's own copy key does
        button.textContent = "Selected: press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2500);
    });
  }
})();
