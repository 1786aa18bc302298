"use strict";
(() => {
  const source = document.getElementById("map-data");
  const live = document.getElementById("live");
  if (!source || !live) return;
  const data = JSON.parse(source.textContent);
  const $ = (id) => document.getElementById(id);
  const canvas = $("live-map");
  const pen = canvas.getContext("2d");
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const u16 = (text) => new Uint16Array(bytes(text).buffer);
  const u32 = (text) => new Uint32Array(bytes(text).buffer);
  const lines = (packed) => ({ xy: u16(packed.xy), starts: u32(packed.starts) });
  const xy = u16(data.xy), row = u32(data.row), state = bytes(data.state);
  const temperature = bytes(data.temperature);
  const points = u16(data.points), capacity = u16(data.capacity);
  const gaps = u16(data.gaps), gap = u16(data.gap);
  const water = lines(data.water), borders = lines(data.borders);
  const primary = lines(data.primary), secondary = lines(data.secondary);
  const blocks = row.length;
  const nowhere = 65535;
  const view = { x: data.width / 2, y: data.height / 2, zoom: 1 };
  let scale = 1, left = 0, top = 0, waiting = false;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const hatch = (ground, line, dots) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const p = tile.getContext("2d");
    p.fillStyle = colour(ground);
    p.fillRect(0, 0, 6, 6);
    p.fillStyle = p.strokeStyle = colour(line);
    if (dots) p.fillRect(2, 2, 2, 2);
    else { p.beginPath(); p.moveTo(-1, 7); p.lineTo(7, -1); p.stroke(); }
    return pen.createPattern(tile, "repeat");
  };
  const px = (v) => (v / data.grain - left) * scale;
  const py = (v) => (v / data.grain - top) * scale;
  const trace = (l) => {
    pen.beginPath();
    let next = 0;
    for (let i = 0; i < l.xy.length / 2; i++) {
      const x = px(l.xy[2 * i]), y = py(l.xy[2 * i + 1]);
      if (l.starts[next] === i) { pen.moveTo(x, y); next++; } else pen.lineTo(x, y);
    }
  };
  const stateOf = (block, slot) => {
    const at = slot * data.rows + row[block];
    return (state[at >> 2] >> (2 * (at & 3))) & 3;
  };
  const layer = () => document.querySelector("input[name=layer]:checked").value;
  const classOf = (slot) => {
    if (layer() === "light") return (b) => stateOf(b, slot);
    const at = Math.min(Math.round(slot / data.temperature_step), data.temperature_slots - 1) * blocks;
    return (b) => {
      const v = temperature[at + b];
      return v === 255 ? 4 : v < 96 ? 3 : v < 104 ? 2 : v < 112 ? 1 : 0;
    };
  };
  const square = (list, sizes, name, box) => {
    pen.fillStyle = colour(name);
    pen.strokeStyle = colour("page");
    pen.lineWidth = 1;
    for (let i = 0; i < sizes.length; i++) {
      if (list[2 * i] === nowhere) continue;
      const r = Math.max(1.6, Math.min(9, Math.sqrt(sizes[i]) * 0.2) * Math.sqrt(view.zoom));
      const x = px(list[2 * i]), y = py(list[2 * i + 1]);
      if (box) pen.fillRect(x - r, y - r, 2 * r, 2 * r);
      else { pen.beginPath(); pen.arc(x, y, r, 0, 7); pen.fill(); pen.stroke(); }
    }
  };
  const draw = () => {
    waiting = false;
    const slot = Number($("live-time").value);
    const dense = window.devicePixelRatio || 1;
    const wide = canvas.clientWidth, tall = Math.min(wide * data.height / data.width, Math.max(window.innerHeight * 0.72, 260));
    if (canvas.width !== Math.round(wide * dense) || canvas.height !== Math.round(tall * dense)) {
      canvas.width = Math.round(wide * dense);
      canvas.height = Math.round(tall * dense);
      canvas.style.height = tall + "px";
    }
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    scale = Math.min(wide / data.width, tall / data.height) * view.zoom;
    left = view.x - wide / scale / 2;
    top = view.y - tall / scale / 2;
    pen.fillStyle = colour("land");
    pen.fillRect(0, 0, wide, tall);
    trace(water); pen.fillStyle = colour("water"); pen.fill("evenodd");
    pen.strokeStyle = colour("street");
    if (view.zoom > 1.5) { pen.lineWidth = 0.6; trace(secondary); pen.stroke(); }
    pen.lineWidth = 1.2; trace(primary); pen.stroke();
    const light = layer() === "light";
    const fills = light
      ? [colour("lit"), colour("dark"), hatch("dark", "dark-dot", true), hatch("unknown", "unknown-line", false)]
      : [colour("above-16"), colour("below-16"), colour("below-12"), colour("below-8"), hatch("unknown", "unknown-line", false)];
    const of = classOf(slot);
    const size = Math.max(1.5, data.cell * scale), half = size / 2;
    const kinds = new Uint8Array(blocks);
    for (let b = 0; b < blocks; b++) kinds[b] = of(b);
    fills.forEach((fill, kind) => {
      pen.fillStyle = fill;
      const edge = size > 4 && kind === 0;
      pen.strokeStyle = colour(light ? "lit-edge" : "warm-edge");
      pen.lineWidth = 0.6;
      for (let b = 0; b < blocks; b++) {
        if (kinds[b] !== kind || xy[2 * b] === nowhere) continue;
        const x = px(xy[2 * b]) - half, y = py(xy[2 * b + 1]) - half;
        if (x > wide || y > tall || x < -size || y < -size) continue;
        pen.fillRect(x, y, size, size);
        if (edge) pen.strokeRect(x, y, size, size);
      }
    });
    pen.strokeStyle = colour("border"); pen.lineWidth = 1; trace(borders); pen.stroke();
    if ($("live-points").checked) {
      square(gaps, gap, "gap", true);
      square(points, capacity, "point", false);
    }
    pen.font = "600 13px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.lineWidth = 3.5;
    pen.lineJoin = "round";
    pen.strokeStyle = colour("page");
    pen.fillStyle = colour("ink");
    data.districts.forEach((d, i) => {
      const x = (d[4] - left) * scale, y = (d[5] - top) * scale;
      pen.strokeText(data.names[i], x, y);
      pen.fillText(data.names[i], x, y);
    });
    $("live-said").textContent = data.said[slot];
    $("live-time").setAttribute("aria-valuetext", data.times[slot]);
    $("key-light").hidden = !light;
    $("key-cold").hidden = light;
  };
  const soon = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };
  const move = (by) => { $("live-time").value = Number($("live-time").value) + by; soon(); };
  const zoom = (by) => { view.zoom = Math.max(1, Math.min(24, view.zoom * by)); if (view.zoom === 1) whole(); soon(); };
  const whole = () => { view.x = data.width / 2; view.y = data.height / 2; view.zoom = 1; };
  const go = (which) => {
    if (which < 0) return whole();
    const d = data.districts[which];
    view.x = (d[0] + d[2]) / 2;
    view.y = (d[1] + d[3]) / 2;
    view.zoom = Math.max(1, Math.min(24, 0.95 * Math.min(data.width / Math.max(d[2] - d[0], 1), data.height / Math.max(d[3] - d[1], 1))));
  };
  $("live-time").addEventListener("input", soon);
  $("live-earlier").addEventListener("click", () => move(-1));
  $("live-later").addEventListener("click", () => move(1));
  $("live-closer").addEventListener("click", () => zoom(1.6));
  $("live-wider").addEventListener("click", () => zoom(1 / 1.6));
  $("live-place").addEventListener("change", (e) => { go(Number(e.target.value)); soon(); });
  $("live-points").addEventListener("change", soon);
  document.querySelectorAll("input[name=layer]").forEach((e) => e.addEventListener("change", soon));
  let held = null;
  canvas.addEventListener("pointerdown", (e) => { held = [e.clientX, e.clientY]; });
  window.addEventListener("pointerup", () => { held = null; });
  canvas.addEventListener("pointermove", (e) => {
    if (!held || view.zoom === 1) return;
    view.x -= (e.clientX - held[0]) / scale;
    view.y -= (e.clientY - held[1]) / scale;
    held = [e.clientX, e.clientY];
    soon();
  });
  window.addEventListener("resize", soon);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  live.hidden = false;
  draw();

  document.querySelectorAll(".day-grid").forEach((grid) => {
    const d = grid.dataset;
    const halves = (Date.now() / 1000 - Number(d.start)) / 1800;
    if (halves < 0 || halves > Number(d.columns)) return;
    const x = Number(d.left) + halves * Number(d.column);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("class", "now");
    line.setAttribute("d", `M${x} 16V${d.height}`);
    grid.querySelector("svg").append(line);
  });
})();
