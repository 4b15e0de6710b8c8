
// What the reader does: keys, pointers, wheel, controls.

// Rows are folded when the view has come to rest, so that nothing jumps under a finger.
let resting = 0;
function show(from, to) {
  view = partNear(from, to);
  hide();
  redraw();
  clearTimeout(resting);
  resting = setTimeout(arrange, 250);
}

const zoom = (factor, around = (view[0] + view[1]) / 2) =>
  show(around - (around - view[0]) * factor, around + (view[1] - around) * factor);
const pan = time => show(view[0] + time, view[1] + time);
const panPart = part => pan((view[1] - view[0]) * part);

// Keys

const currentRow = () => rows.find(it => it.key === current);

function moveTo(place) {
  const row = rows[Math.max(0, Math.min(rows.length - 1, place))];
  if (!row) return;
  setCurrent(row, true);
  tellOfRow(row);
}

// The wait or span that the keys `n` and `p` have come to.
let reached = null;
function step(by) {
  const row = currentRow();
  if (!row || row.isLow) return;
  const slices = row.members.flatMap(thread => [...thread.waits, ...thread.spans].map(it => ({ thread, it, others: 0 })));
  slices.sort((a, b) => a.it.since - b.it.since || b.it.until - a.it.until);
  const last = slices.findIndex(it => it.it === reached);
  reached = null;
  const target = last < 0 ? slices.find(({ it }) => it.until >= view[0]) : slices[last + by];
  if (!target) return hide();
  reached = target.it;
  const { since, until } = reached;
  if (until < view[0] || since > view[1]) pan((since + until - view[0] - view[1]) / 2);
  draw(false);
  const { left, top } = chart.getBoundingClientRect();
  tellOf(target, { clientX: left + Math.max(0, Math.min(width, xOf(since))), clientY: top + row.bar + size.bar });
}

const KEYS = {
  '+': () => zoom(.5), '=': () => zoom(.5), '-': () => zoom(2), 0: () => show(0, total),
  ArrowLeft: () => panPart(-.2), ArrowRight: () => panPart(.2),
  '/': () => byId('filter').focus(), Escape: hide, n: () => step(1), p: () => step(-1),
};
// The keys of the names.
const NAME_KEYS = {
  ArrowDown: row => moveTo(rows.indexOf(row) + 1), ArrowUp: row => moveTo(rows.indexOf(row) - 1),
  Home: () => moveTo(0), End: () => moveTo(rows.length - 1), Enter: act, ' ': act,
};
// A closed group opens to the right, an open one closes to the left.
function actOfGroup(key, row) {
  const opens = { ArrowRight: true, ArrowLeft: false }[key];
  if (!row || !canOpen(row) || opens === undefined || opens === isOpen(row)) return null;
  return () => setOpen(row, opens);
}

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.('input, select')) return;
  const row = rows.find(it => it.name === event.target);
  const ofName = row ? NAME_KEYS[event.key] : null;
  const does = actOfGroup(event.key, row) ?? (ofName ? () => ofName(row) : KEYS[event.key]);
  if (!does || (event.key === ' ' && event.target.matches?.('button'))) return;
  does();
  event.preventDefault();
});

// Pointers: a mouse drags over the part to zoom in to, or points; one finger pans, two fingers zoom, a tap points.

const xIn = event => event.clientX - chart.getBoundingClientRect().left;
// For each finger where it went down, and the time that stays under it.
const fingers = new Map();
let isMouse = true;
let drag = null;

function point(event) {
  const target = targets[event.target.dataset?.target];
  if (target) tellOf(target, event); else hide();
}

function moveFingers(event) {
  const finger = fingers.get(event.pointerId);
  finger.x = xIn(event);
  finger.hasMoved ||= Math.abs(finger.x - finger.start) > 6;
  const [one, other] = [...fingers.values()];
  if (!other) {
    if (one.hasMoved) pan(one.time - timeOf(one.x));
    return;
  }
  one.hasMoved = other.hasMoved = true;
  const perPixel = (other.time - one.time) / (other.x - one.x);
  if (!(perPixel > 0)) return;
  const from = one.time - (one.x - MARGIN) * perPixel;
  show(from, from + (width - 2 * MARGIN) * perPixel);
}

const inChart = event => Math.max(0, Math.min(width, xIn(event)));
function beginDrag(event) {
  hide();
  const x = inChart(event);
  drag = { x, shape: add(chart, 'rect', { class: 'chosen', y: 0, height, x, width: 0 }) };
}

function moveDrag(event) {
  const [from, to] = [drag.x, inChart(event)].sort((a, b) => a - b);
  drag.shape.setAttribute('x', from);
  drag.shape.setAttribute('width', to - from);
  if (to - from > 4) tell([duration(timeOf(to) - timeOf(from)), 'release to zoom in'], event);
}

function endDrag(event) {
  const [from, to] = [drag.x, inChart(event)].sort((a, b) => a - b);
  drag.shape.remove();
  drag = null;
  if (event.type === 'pointerup' && to - from > 4) show(timeOf(from), timeOf(to)); else hide();
}

chart.addEventListener('pointerdown', event => {
  isMouse = event.pointerType === 'mouse';
  if (isMouse) return event.button ? undefined : beginDrag(event);
  const x = xIn(event);
  fingers.set(event.pointerId, { start: x, x, time: timeOf(x), hasMoved: false });
});
addEventListener('pointermove', event => {
  if (drag) moveDrag(event);
  else if (fingers.has(event.pointerId)) moveFingers(event);
  else if (event.pointerType === 'mouse' && chart.contains(event.target)) point(event);
});
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, event => {
  if (drag) return endDrag(event);
  if (!chart.contains(event.target) && !names.contains(event.target)) hide();
  fingers.delete(event.pointerId);
  for (const it of fingers.values()) it.time = timeOf(it.x);
});
// A tap. Browsers look for what it means near the finger, and find what listens to clicks.
chart.addEventListener('click', event => { if (!isMouse) point(event); });
chart.addEventListener('dblclick', () => show(0, total));
chart.addEventListener('pointerleave', event => { if (event.pointerType === 'mouse' && !drag) hide(); });

// The wheel scrolls the page; with Ctrl, as when two fingers part on a touchpad, it zooms; sideways or with Shift it pans.
for (const it of [chart, axis]) it.addEventListener('wheel', event => {
  const pixels = delta => delta * (event.deltaMode ? 16 : 1);
  const aside = Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.shiftKey ? event.deltaY : 0;
  if (event.ctrlKey || event.metaKey) zoom(Math.exp(Math.max(-60, Math.min(60, pixels(event.deltaY))) / 100), timeOf(xIn(event)));
  else if (aside) pan(pixels(aside) / scale());
  else return;
  event.preventDefault();
}, { passive: false });

// Controls

byId('in').addEventListener('click', () => zoom(.5));
byId('out').addEventListener('click', () => zoom(2));
byId('all').addEventListener('click', () => show(0, total));
byId('filter').addEventListener('input', event => { choices.filter = event.target.value; arrange(); });
byId('filter').addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  event.target.value = choices.filter = '';
  arrange();
});
byId('sort').addEventListener('change', event => { choices.sort = event.target.value; arrange(); });
byId('fold').addEventListener('change', event => { choices.fold = event.target.checked; arrange(); });
byId('runs').addEventListener('change', event => {
  const own = choices.open.has('own') ? ['own'] : [];
  choices.open = new Set([...own, ...(event.target.checked ? groups.filter(it => it.length > 1).map(it => it[0].ident) : [])]);
  arrange();
});

addEventListener('scroll', () => { hide(); redraw(); }, { passive: true });
addEventListener('resize', arrange);
addEventListener('beforeprint', () => draw(true));
addEventListener('afterprint', redraw);
arrange();
