
// Drawing: the axis, and of the chart what is on the screen and in view.

const byId = id => document.getElementById(id);
const [chart, axis, names, tip] = ['chart', 'axis', 'names', 'tip'].map(byId);
// What the drawn elements stand for, by the number in their `data-target`.
let targets = [];

function add(parent, tag, attributes, content) {
  const it = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name in attributes) it.setAttribute(name, attributes[name]);
  if (content !== undefined) it.textContent = content;
  parent.append(it);
  return it;
}

function addTarget(shape, target) {
  shape.dataset.target = targets.push(target) - 1;
}

// A text cut to the width, or nothing if too little of it is left to be understood.
const measure = document.createElement('canvas').getContext('2d');
measure.font = '11px ' + getComputedStyle(document.body).fontFamily;
function fitting(label, wide) {
  if (measure.measureText(label).width <= wide) return label;
  const letters = [...label];
  let [few, many] = [0, Math.min(letters.length, Math.ceil(wide / 2))];
  while (few < many) {
    const middle = Math.ceil((few + many) / 2);
    if (measure.measureText(letters.slice(0, middle).join('') + '…').width <= wide) few = middle; else many = middle - 1;
  }
  return few < 4 ? '' : letters.slice(0, few).join('') + '…';
}

function drawAxis() {
  axis.replaceChildren();
  const step = stepOf(90 / scale());
  const ticks = [];
  for (let n = Math.ceil(view[0] / step); n * step <= view[1] && ticks.length < 200; n++) ticks.push(n * step);
  for (const time of ticks) {
    const x = xOf(time);
    add(axis, 'line', { class: 'grid', x1: x, x2: x, y1: 26, y2: 32 });
    const label = add(axis, 'text', { x, y: 20, 'text-anchor': 'middle' }, tickLabel(time, step, view[1]));
    // At the edges the label stays inside.
    const half = label.getComputedTextLength() / 2;
    label.setAttribute('x', Math.max(half + 2, Math.min(width - half - 2, x)));
    add(chart, 'line', { class: 'grid', x1: x, x2: x, y1: 0, y2: height });
  }
}

// Where a time from `since` to `until` is drawn; what is far outside is cut there.
const extent = ({ since, until }) => [Math.max(xOf(since), -9), Math.min(xOf(until), width + 9)];

// Slices too narrow to be seen alone are drawn as one.
function drawSlices(thread, slices, top, tall, classOf, textClassOf) {
  let heap = null;
  const rect = (x, right, it, others) => {
    const wide = Math.max(right - x, 1);
    const shape = add(chart, 'rect', { class: classOf(it), x, y: top, width: wide, height: tall, rx: wide > 5 && tall > 6 ? 2.5 : 0 });
    addTarget(shape, { thread, it, others });
    const visible = Math.min(right, width) - Math.max(x, 0);
    if (tall >= 14 && visible > 24) {
      const label = fitting(it.label, visible - 10);
      if (label) add(chart, 'text', { class: textClassOf(it), x: Math.max(x, 0) + 5, y: top + tall / 2 + 4 }, label);
    }
  };
  const flush = () => {
    if (heap) rect(heap.x, heap.right, heap.it, heap.n - 1);
    heap = null;
  };
  for (const it of slices) {
    const [x, right] = extent(it);
    if (right < 0 || x > width) continue;
    if (right - x >= 1.5) {
      flush();
      rect(x, right, it, 0);
    } else if (heap && x - heap.right < .7) {
      heap.right = Math.max(heap.right, right);
      heap.n++;
      if (it.until - it.since > heap.it.until - heap.it.since) heap.it = it;
    } else {
      flush();
      heap = { x, right, it, n: 1 };
    }
  }
  flush();
}

function drawThread(thread, row) {
  if (!isInView(thread)) return;
  const [x, right] = extent({ since: thread.since, until: thread.end });
  const box = { x, y: row.bar, width: Math.max(right - x, 1), height: size.bar, rx: 2.5 };
  addTarget(add(chart, 'rect', { class: 'life', ...box }), { thread });
  if (thread.dropped) {
    // The time before the oldest kept event is unknown.
    const first = Math.min(...[...thread.waits, ...thread.spans].slice(0, 9).map(it => it.since), thread.end);
    const known = Math.min(xOf(first), right);
    if (known > x) addTarget(add(chart, 'rect', { class: 'unknown', ...box, width: known - x }), { thread, unknown: true });
  }
  drawSlices(thread, thread.waits, row.bar, size.bar, it => classOfKind(it.kind), it => it.kind === 'sleep' ? 'on-sleep' : 'on');
  const laneOf = it => Math.min(it.depth, row.lanes - 1);
  // Lane by lane, so that neighbors in the list are neighbors on the screen.
  for (let lane = 0; lane < row.lanes; lane++) {
    const top = row.bar + size.bar + lane * size.lane + 1;
    drawSlices(thread, thread.spans.filter(it => laneOf(it) === lane), top, size.lane - 1, () => 'span', () => 'on-span');
  }
}

// The ends that went wrong, over everything else in the row.
function drawEnd(thread, row) {
  const mark = OUTCOMES[thread.outcome]?.mark;
  const [x, arm] = [xOf(thread.end), Math.min(5, size.bar / 2 - 2)];
  if (!mark || x < 0 || x > width) return;
  const d = `M${Math.max(arm + 3, Math.min(x, width - arm - 3))},${row.bar + size.bar / 2}` + mark(arm);
  add(chart, 'path', { class: 'halo', d });
  addTarget(add(chart, 'path', { class: 'end ' + thread.outcome, d }), { thread });
}

// The numbers of the runs, where there is room for them.
function drawNumbers(row) {
  let free = 0;
  for (const { run, since, end } of row.members) {
    const [x, right] = extent({ since, until: end });
    if (right < 0 || x > width) continue;
    const start = Math.max(x, 2);
    const wide = 7 * String(run.number).length;
    if (start < free || start + wide > width) continue;
    add(chart, 'text', { class: 'number', x: start, y: row.bar - 3 }, run.number);
    free = start + wide + 6;
  }
}

function drawRow(row, place) {
  if (place % 2) add(chart, 'rect', { class: 'stripe', x: 0, y: row.y, width, height: row.height });
  if (row.isLow) return add(chart, 'line', { class: 'fold', x1: 0, x2: width, y1: row.y + row.height / 2, y2: row.y + row.height / 2 });
  row.members.forEach(it => drawThread(it, row));
  row.members.forEach(it => drawEnd(it, row));
  if (row.kind === 'group') drawNumbers(row);
}

function drawArrow(it, style) {
  const [from, to] = [rowOf[it.from], rowOf[it.to]];
  if (!from || !to) return;
  const [x1, x2] = [xOf(it.at), xOf(it.until)];
  const [y1, y2] = from.y < to.y ? [from.bar + size.bar, to.bar] : from.y > to.y ? [from.bar, to.bar + size.bar] : [from.bar, to.bar];
  const half = from === to ? y1 - 14 : (y1 + y2) / 2;
  add(chart, 'path', { class: 'arrow ' + style, 'marker-end': 'url(#head)', d: `M${x1},${y1}C${x1},${half} ${x2},${half} ${x2},${y2}` });
}

// More arrows than this hide what is behind them.
const MOST_ARROWS = 36;
function drawArrows(isShown) {
  const isOnScreen = place => rowOf[place] && isShown(rowOf[place]);
  const shown = arrows.filter(it => xOf(it.until) >= 0 && xOf(it.at) <= width && isOnScreen(it.from) && isOnScreen(it.to));
  const few = shown.length <= MOST_ARROWS;
  if (few) shown.forEach(it => drawArrow(it, ''));
  byId('arrows')?.replaceChildren(few ? 'wakes' : 'wakes: zoom in, or point at a wait');
}

function draw(everything) {
  // Nothing is drawn before there is room.
  width = chart.clientWidth;
  if (width <= 2 * MARGIN) return;
  chart.style.height = height + 'px';
  chart.replaceChildren();
  targets = [];
  const head = add(add(chart, 'defs', {}), 'marker', { id: 'head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 6, markerHeight: 6, markerUnits: 'userSpaceOnUse', orient: 'auto' });
  add(head, 'path', { class: 'head', d: 'M0,0L8,4L0,8z' });
  // Only rows on the screen, and a little around it.
  const above = everything ? 0 : -chart.getBoundingClientRect().top - 200;
  const below = everything ? height : above + innerHeight + 400;
  const isShown = it => it.y + it.height >= above && it.y <= below;
  drawAxis();
  rows.forEach((it, place) => { if (isShown(it)) drawRow(it, place); });
  drawArrows(isShown);
}

let asked = false;
function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(false); });
}
