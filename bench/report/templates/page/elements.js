// Elements, marks and ticks: what every chart is made of. Colours are classes, so that they follow the colour scheme.

function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function html(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

const digits = (value, n) => (value === null ? "–" : value.toFixed(n));
const r1 = (value) => Math.round(value * 10) / 10;

// The path of a mark of radius r around a point
function mark(kind, x, y, r) {
  const at = (...points) => "M" + points.map(([dx, dy]) => `${r1(x + dx * r)} ${r1(y + dy * r)}`).join("L") + "Z";
  const a = 0.35;
  switch (kind) {
    case "square": return at([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
    case "triangle-up": return at([0, -1.15], [1.1, 0.85], [-1.1, 0.85]);
    case "triangle-down": return at([0, 1.15], [1.1, -0.85], [-1.1, -0.85]);
    case "diamond": return at([0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]);
    case "cross": return at([-a, -1], [a, -1], [a, -a], [1, -a], [1, a], [a, a], [a, 1], [-a, 1], [-a, a], [-1, a], [-1, -a], [-a, -a]);
    case "x": return at([-1, -0.6], [-0.6, -1], [0, -0.4], [0.6, -1], [1, -0.6], [0.4, 0], [1, 0.6], [0.6, 1], [0, 0.4], [-0.6, 1], [-1, 0.6], [-0.4, 0]);
    default: return `M${r1(x - r)} ${r1(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }
}

// A line through points; one without a number breaks it
function line(points) {
  let pen = "M";
  return points.map(([x, y]) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) { pen = "M"; return ""; }
    const step = `${pen}${r1(x)} ${r1(y)}`;
    pen = "L";
    return step;
  }).join("");
}

// Round numbers from low to high, about so many, with the text of each
function ticks(low, high, about) {
  const power = 10 ** Math.floor(Math.log10((high - low) / about));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= ((high - low) / about) * 0.999);
  const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => [(first + i) * step, ((first + i) * step).toFixed(places)]);
}

// The ends of an axis that shows all values, and those lines that are not so far away that they would squeeze the marks together
function focus(values, lines = []) {
  const known = values.filter(Number.isFinite);
  if (!known.length) return [0, 1];
  let low = known.reduce((a, b) => Math.min(a, b)), high = known.reduce((a, b) => Math.max(a, b));
  const reach = high - low;
  for (const one of lines) if (Number.isFinite(one) && one >= low - reach && one <= high + reach) [low, high] = [Math.min(low, one), Math.max(high, one)];
  const margin = 0.06 * (high - low) || 0.01;
  return [low - margin, high + margin];
}

// How far aside each mark of a column is set so that none covers another: the nearest free place, outwards from the middle
function swarm(heights, size, most) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]);
  const placed = [], aside = new Array(heights.length).fill(0);
  for (const i of order) {
    const near = placed.filter((one) => Math.abs(heights[one] - heights[i]) < size);
    const free = (at) => near.every((one) => Math.hypot(aside[one] - at, heights[one] - heights[i]) >= size * 0.98);
    let at = 0;
    for (let step = 0; step <= (2 * most) / size * 2; step += 1) {
      at = (step % 2 ? 1 : -1) * Math.ceil(step / 2) * (size / 2);
      if (Math.abs(at) <= most && free(at)) break;
      if (Math.abs(at) > most) { at = most * (2 * ((placed.length * 0.618) % 1) - 1); break; }
    }
    aside[i] = at;
    placed.push(i);
  }
  return aside;
}
