'use strict';
// Draws the data of the page. Times are nanoseconds since the beginning of the recording; only what is in view is drawn.

const data = JSON.parse(document.getElementById('data').textContent);
const byId = id => document.getElementById(id);
const [chart, axis, names, tip] = ['chart', 'axis', 'names', 'tip'].map(byId);
const KINDS = ['lock', 're-entrant lock', 'read-write lock', 'condition', 'event', 'semaphore', 'barrier', 'latch', 'join', 'sleep', 'wait'];

// Control characters are shown as symbols.
const text = it => it.replace(/[\u0000-\u001f\u007f]/g, c => c === '\n' ? c : String.fromCharCode(c === '\x7f' ? 0x2421 : 0x2400 + c.charCodeAt()));
const line = it => text(it).replace(/\n/g, '␊');
const T = data.texts.map(text);
const plural = (n, one) => n.toLocaleString('en') + ' ' + one + (n === 1 ? '' : 's');
const className = kind => 'k-' + kind.split(' ')[0];

const threads = data.threads.map(it => ({
  ...it,
  name: line(it.name),
  panic: it.panic === null ? null : text(it.panic),
  end: it.until ?? data.length,
  waits: it.waits.map(([since, until, kind, label, title, place, open, by]) =>
    ({ since, until, kind: T[kind], label: T[label], title: T[title], place: T[place], open, by })),
  spans: it.spans.map(([since, until, depth, name, details, open]) =>
    ({ since, until, depth, label: T[name], title: T[name], place: T[details], open })),
}));
const arrows = data.arrows.map(([from, at, to, until]) => ({ from, at, to, until }));

// The more threads there are, the lower their rows: names stay legible, bars get thinner.
const size = threads.length <= 30 ? { pad: 6, bar: 18, lane: 15, lanes: 8 }
  : threads.length <= 100 ? { pad: 4, bar: 12, lane: 4, lanes: 4 }
  : { pad: 3, bar: 11, lane: 3, lanes: 2 };
let height = 0;
for (const it of threads) {
  it.lanes = Math.min(size.lanes, it.spans.reduce((most, span) => Math.max(most, span.depth + 1), 0));
  it.y = height;
  it.height = 2 * size.pad + size.bar + it.lanes * size.lane;
  height += it.height;
}
height = Math.max(height, 1);

const total = Math.max(data.length, 1);
let view = [0, total];
let lit = null;

// Times

const UNITS = [[60e9, 'min'], [1e9, 's'], [1e6, 'ms'], [1e3, 'µs'], [1, 'ns']];
const unitOf = time => UNITS.find(([unit]) => Math.abs(time) >= unit) ?? UNITS[4];

function duration(time) {
  const [unit, name] = unitOf(time);
  const value = time / unit;
  return +value.toPrecision(value >= 1000 ? 4 : 3) + '\u202f' + name;
}

// The step between ticks: 1, 2 or 5 times a power of ten; for long times, round numbers of seconds and minutes.
function stepOf(atLeast) {
  if (atLeast > 10e9) {
    for (const it of [20, 30, 60, 120, 300, 600, 1200, 1800, 3600]) if (it * 1e9 >= atLeast) return it * 1e9;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1)));
  return [1, 2, 5, 10].map(it => it * power).find(it => it >= atLeast) ?? 10 * power;
}

// All ticks have the unit of the last tick, and as many decimals as the step needs.
function tickLabel(time, step, last) {
  if (time === 0) return '0';
  const [unit, name] = last >= 120e9 && step < 60e9 ? UNITS[1] : unitOf(last);
  const decimals = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / unit) - 1e-9)));
  return (time / unit).toFixed(decimals) + '\u202f' + name;
}

// Elements

function add(parent, tag, attributes, content) {
  const it = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const name in attributes) it.setAttribute(name, attributes[name]);
  if (content !== undefined) it.textContent = content;
  parent.append(it);
  return it;
}

// A text cut to the width, or nothing if too little of it is left.
const measure = document.createElement('canvas').getContext('2d');
function fitting(label, width) {
  measure.font = '11px ' + getComputedStyle(document.body).fontFamily;
  if (measure.measureText(label).width <= width) return label;
  const letters = [...label];
  let [few, many] = [0, Math.min(letters.length, Math.ceil(width / 2))];
  while (few < many) {
    const middle = Math.ceil((few + many) / 2);
    if (measure.measureText(letters.slice(0, middle).join('') + '…').width <= width) few = middle; else many = middle - 1;
  }
  return few < 2 ? '' : letters.slice(0, few).join('') + '…';
}

// Drawing

let width = 0;
let targets = [];
const xOf = time => (time - view[0]) / (view[1] - view[0]) * width;
const timeOf = x => view[0] + x / width * (view[1] - view[0]);

function drawAxis() {
  axis.replaceChildren();
  const step = stepOf((view[1] - view[0]) * 90 / Math.max(width, 1));
  const ticks = [];
  for (let n = Math.ceil(view[0] / step); n * step <= view[1] && ticks.length < 200; n++) ticks.push(n * step);
  for (const time of ticks) {
    const x = xOf(time);
    add(axis, 'line', { class: 'grid', x1: x, x2: x, y1: 24, y2: 30 });
    const label = add(axis, 'text', { x, y: 19, 'text-anchor': 'middle' }, tickLabel(time, step, view[1]));
    // At the edges the label stays inside.
    const half = label.getComputedTextLength() / 2;
    label.setAttribute('x', Math.max(half + 2, Math.min(width - half - 2, x)));
    add(chart, 'line', { class: 'grid', x1: x, x2: x, y1: 0, y2: height });
  }
}

// Slices too narrow to be seen alone are drawn as one; `targets` knows what each element stands for.
function drawSlices(row, slices, top, tall, classOf, textClassOf) {
  let heap = null;
  const rect = (x, right, it, others) => {
    const wide = Math.max(right - x, 1);
    const shape = add(chart, 'rect', { class: classOf(it), x, y: top(it), width: wide, height: tall, rx: wide > 4 && tall > 6 ? 2 : 0 });
    shape.dataset.target = targets.push({ row, it, others, shape }) - 1;
    const visible = Math.min(right, width) - Math.max(x, 0);
    if (tall >= 14 && visible > 24) {
      const label = fitting(it.label, visible - 10);
      if (label) add(chart, 'text', { class: textClassOf(it), x: Math.max(x, 0) + 5, y: top(it) + tall / 2 + 4 }, label);
    }
  };
  const flush = () => {
    if (heap) rect(heap.x, heap.right, heap.it, heap.n - 1);
    heap = null;
  };
  for (const it of slices) {
    if (it.until < view[0] || it.since > view[1]) continue;
    const [x, right] = [Math.max(xOf(it.since), -9), Math.min(xOf(it.until), width + 9)];
    if (right - x >= 1.5) {
      flush();
      rect(x, right, it, 0);
    } else if (heap && x - heap.right < .7 && top(heap.it) === top(it)) {
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

function drawRow(thread, row) {
  const [top, bar] = [thread.y + size.pad, size.bar];
  if (row % 2) add(chart, 'rect', { class: 'stripe', x: 0, y: thread.y, width, height: thread.height });
  const [x, right] = [Math.max(xOf(thread.since), -9), Math.min(xOf(thread.end), width + 9)];
  if (right >= 0 && x <= width) {
    const life = add(chart, 'rect', { class: 'life', x, y: top, width: Math.max(right - x, 1), height: bar, rx: 2 });
    life.dataset.target = targets.push({ row }) - 1;
    if (thread.dropped) {
      // The time before the oldest kept event is unknown.
      const first = Math.min(...[...thread.waits, ...thread.spans].slice(0, 9).map(it => it.since), thread.end);
      const known = Math.min(xOf(first), right);
      if (known > x) {
        const unknown = add(chart, 'rect', { class: 'unknown', x, y: top, width: known - x, height: bar, rx: 2 });
        unknown.dataset.target = targets.push({ row, unknown: true }) - 1;
      }
    }
  }
  drawSlices(row, thread.waits, () => top, bar, it => className(it.kind), it => it.kind === 'sleep' ? 'on-sleep' : 'on');
  const lane = it => top + bar + Math.min(it.depth, thread.lanes - 1) * size.lane + 1;
  // Lane by lane, so that neighbors in the list are neighbors on the screen.
  for (let depth = 0; depth < thread.lanes; depth++) {
    const isHere = it => Math.min(it.depth, thread.lanes - 1) === depth;
    drawSlices(row, thread.spans.filter(isHere), lane, size.lane - 1, () => 'span', () => 'on-span');
  }
  if (thread.panic !== null) {
    const [at, middle, arm] = [xOf(thread.end), top + bar / 2, Math.min(5, bar / 2 - 1)];
    // Whole at the right edge, too.
    const end = Math.min(at, width - arm - 2);
    if (at >= 0 && at <= width + 1) add(chart, 'path', { class: 'panic', d: `M${end - arm},${middle - arm}l${2 * arm},${2 * arm}m0,${-2 * arm}l${-2 * arm},${2 * arm}` });
  }
}

function drawArrow(it, style) {
  const [from, to] = [threads[it.from], threads[it.to]];
  const down = to.y > from.y;
  const [x1, x2] = [xOf(it.at), xOf(it.until)];
  const y1 = from.y + size.pad + (down ? size.bar : 0);
  const y2 = to.y + size.pad + (down ? 0 : size.bar);
  const half = (y1 + y2) / 2;
  add(chart, 'path', { class: 'arrow ' + style, 'marker-end': 'url(#head)', d: `M${x1},${y1}C${x1},${half} ${x2},${half} ${x2},${y2}` });
}

const MOST_ARROWS = 150;
function draw(everything) {
  // The border of the names is beside it, and nothing is drawn before there is room.
  width = chart.clientWidth;
  if (!width) return;
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
  threads.forEach((it, row) => { if (isShown(it)) drawRow(it, row); });
  const shown = arrows.filter(it => it.until >= view[0] && it.at <= view[1] && isShown(threads[it.from]) && isShown(threads[it.to]));
  if (shown.length <= MOST_ARROWS) shown.forEach(it => drawArrow(it, ''));
  byId('arrows')?.replaceChildren(shown.length <= MOST_ARROWS ? 'wakes' : 'wakes: zoom in, or point at a wait');
}

let asked = false;
function redraw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(false); });
}

function show(from, to) {
  const least = Math.min(100, total);
  const span = Math.min(Math.max(to - from, least), total);
  const start = Math.max(0, Math.min(from, total - span));
  view = [start, start + span];
  hide();
  redraw();
}

const zoom = (factor, around = (view[0] + view[1]) / 2) =>
  show(around - (around - view[0]) * factor, around + (view[1] - around) * factor);
const pan = part => show(view[0] + (view[1] - view[0]) * part, view[1] + (view[1] - view[0]) * part);

// Details

function aboutThread(thread) {
  const waited = new Map();
  for (const it of thread.waits) waited.set(it.kind, (waited.get(it.kind) ?? 0) + it.until - it.since);
  const end = thread.panic !== null ? 'panicked after ' + duration(thread.end - thread.since) + ': ' + thread.panic
    : thread.until === null ? 'alive'
    : (thread.outcome ?? 'gone') + ' after ' + duration(thread.end - thread.since);
  const lines = [`thread ${thread.ident}, from ${duration(thread.since)}: ${end}`];
  for (const [kind, time] of [...waited].sort((a, b) => b[1] - a[1])) lines.push(`${kind}: ${duration(time)}`);
  if (thread.spans.length) lines.push(plural(thread.spans.length, 'span'));
  if (thread.dropped) lines.push(plural(thread.dropped, 'older event') + ' not kept');
  return [thread.name, lines.join('\n')];
}

function aboutSlice({ row, it, others }) {
  const lines = [it.open ? 'since ' + duration(it.since) + ', not over: ' + duration(it.until - it.since)
    : `${duration(it.until - it.since)}, from ${duration(it.since)}`];
  if (it.by !== undefined && it.by !== null) lines.push('ended by ' + threads[it.by].name);
  lines.push(it.place, 'in ' + threads[row].name);
  if (others) lines.push('and ' + plural(others, 'other') + ' beside it: zoom in');
  return [it.title, lines.join('\n')];
}

function tell([title, details], event) {
  const [head, rest] = [document.createElement('b'), document.createElement('i')];
  head.textContent = title;
  rest.textContent = details;
  tip.replaceChildren(head, rest);
  tip.hidden = false;
  const { offsetWidth: wide, offsetHeight: high } = tip;
  const x = event.clientX + 20 + wide > innerWidth ? event.clientX - 12 - wide : event.clientX + 16;
  const y = event.clientY + 20 + high > innerHeight ? event.clientY - 12 - high : event.clientY + 16;
  tip.style.left = Math.max(4, x) + 'px';
  tip.style.top = Math.max(4, y) + 'px';
}

function hide() {
  tip.hidden = true;
  lit?.classList.remove('lit-slice');
  lit = null;
  chart.querySelectorAll('.lit').forEach(it => it.remove());
}

function point(event) {
  const place = event.target.dataset?.target;
  const target = targets[place];
  if (!target) return hide();
  if (target.shape !== lit || !lit) {
    hide();
    if (target.shape) {
      lit = target.shape;
      lit.classList.add('lit-slice');
      arrows.filter(it => it.to === target.row && it.until === target.it.until).forEach(it => drawArrow(it, 'lit'));
    }
  }
  if (target.unknown) tell([threads[target.row].name, 'not known: older events were not kept'], event);
  else tell(target.it ? aboutSlice(target) : aboutThread(threads[target.row]), event);
}

// The page

byId('title').firstElementChild.textContent = line(data.program);
document.title = line(data.program) + ': timeline';
const sum = of => threads.reduce((total, it) => total + it[of].length, 0);
byId('summary').textContent = `${duration(data.length)} from ${data.began} · ${plural(threads.length, 'thread')} · ${plural(sum('waits'), 'wait')} · ${plural(sum('spans'), 'span')}`;
byId('missing').textContent = [
  data.dropped ? `${plural(data.dropped, 'older event')} not kept` : '',
  data.leftOut ? `${plural(data.leftOut, 'thread')} left out` : '',
].filter(it => it).join(', ');

threads.forEach(it => {
  const name = document.createElement('div');
  name.className = it.panic === null ? 'name' : 'name panicked';
  name.style.height = it.height + 'px';
  // Beside the bar, which is not in the middle of a row with spans.
  name.style.paddingBottom = it.lanes * size.lane + 'px';
  name.style.fontSize = size.bar > 11 ? '13px' : '11.5px';
  const label = document.createElement('span');
  label.textContent = it.name;
  name.append(label);
  name.addEventListener('mousemove', event => tell(aboutThread(it), event));
  name.addEventListener('mouseleave', hide);
  names.append(name);
});

const used = new Set(threads.flatMap(it => it.waits.map(wait => wait.kind)));
const legend = [['runs', 'life'], ...KINDS.filter(it => used.has(it)).map(it => [it, className(it)])];
if (sum('spans')) legend.push(['span', 'span']);
for (const [label, style] of legend) {
  const item = document.createElement('li');
  add(add(item, 'svg', {}), 'rect', { class: style, width: 18, height: 12, rx: 2 });
  item.append(label);
  byId('legend').append(item);
}
function sign(label, d, style, id) {
  const item = document.createElement('li');
  add(add(item, 'svg', {}), 'path', { class: style, d });
  const words = document.createElement('span');
  words.textContent = label;
  if (id) words.id = id;
  item.append(words);
  byId('legend').append(item);
}
if (arrows.length) sign('wakes', 'M0,6h16m-4,-4l4,4l-4,4', 'arrow', 'arrows');
if (threads.some(it => it.panic !== null)) sign('panics', 'M4,1l10,10m0,-10l-10,10', 'panic');

byId('in').addEventListener('click', () => zoom(.5));
byId('out').addEventListener('click', () => zoom(2));
byId('all').addEventListener('click', () => show(0, total));
addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { '+': () => zoom(.5), '=': () => zoom(.5), '-': () => zoom(2), 0: () => show(0, total), ArrowLeft: () => pan(-.2), ArrowRight: () => pan(.2) }[event.key];
  if (!act) return;
  act();
  event.preventDefault();
});

let drag = null;
const xIn = event => Math.max(0, Math.min(width, event.clientX - chart.getBoundingClientRect().left));
chart.addEventListener('mousedown', event => {
  if (event.button) return;
  hide();
  const shape = add(chart, 'rect', { class: 'chosen', y: 0, height, x: xIn(event), width: 0 });
  drag = { x: xIn(event), shape };
});
addEventListener('mousemove', event => {
  if (!drag) return;
  const x = xIn(event);
  drag.shape.setAttribute('x', Math.min(x, drag.x));
  drag.shape.setAttribute('width', Math.abs(x - drag.x));
});
addEventListener('mouseup', event => {
  if (!drag) return;
  const [from, to] = [drag.x, xIn(event)].sort((a, b) => a - b);
  drag.shape.remove();
  drag = null;
  if (to - from > 4) show(timeOf(from), timeOf(to));
});
chart.addEventListener('dblclick', () => show(0, total));
chart.addEventListener('mousemove', event => drag ? undefined : point(event));
chart.addEventListener('mouseleave', hide);
addEventListener('scroll', () => { hide(); redraw(); }, { passive: true });
addEventListener('resize', redraw);
addEventListener('beforeprint', () => draw(true));
addEventListener('afterprint', redraw);
draw(false);
