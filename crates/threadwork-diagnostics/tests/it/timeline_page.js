// Looks at the page as somebody would who reads it, and says what is wrong.
const faults = [];
const fault = (...words) => faults.length < 20 && faults.push(words.map(it => typeof it === 'string' ? it : JSON.stringify(it)).join(' '));
const boxOf = it => it.getBoundingClientRect();
const all = selector => [...document.querySelectorAll(selector)];

function luminance(color) {
  const [r, g, b] = color.match(/[\d.]+/g).map(it => it / 255).map(it => it <= .04045 ? it / 12.92 : ((it + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + .05) / (low + .05);
}
const back = getComputedStyle(document.body).backgroundColor;
const fillOf = it => getComputedStyle(it).fill;
const narrow = innerWidth <= 640;

function checkName(row, bottom) {
  const label = row.name.querySelector('.label');
  const [box, words, column] = [boxOf(row.name), boxOf(label), boxOf(names)];
  if (Math.abs(box.top - bottom) > .5) fault('name', row.key, 'does not follow the one above it');
  if (words.right > column.right || words.left < column.left) fault('name', row.key, 'leaves its column');
  if (words.top < box.top - .5 || words.bottom > box.bottom + .5) fault('name', row.key, 'is higher than its row', words.height, box.height);
  if (parseFloat(getComputedStyle(label).fontSize) < 11) fault('name', row.key, 'is too small');
  if (contrast(getComputedStyle(label).color, back) < 4.5) fault('name', row.key, 'has too little contrast');
  const bar = boxOf(chart).top + row.bar;
  if (isLow(row)) return box.bottom;
  if (narrow) {
    const above = bar - (row.kind === 'group' ? NUMBERS : 0);
    if (words.bottom > above + .5) fault('name', row.key, 'is not above its bar', words.bottom, above);
    if (label.scrollWidth > label.clientWidth && words.width < innerWidth * .8) fault('name', row.key, 'is cut, though there is room');
  } else if (Math.abs((words.top + words.bottom) / 2 - bar - size.bar / 2) > 1.5) fault('name', row.key, 'is not beside its bar');
  return box.bottom;
}

function checkBoxes() {
  if (document.documentElement.scrollWidth > innerWidth) fault('the page is wider than the window', document.documentElement.scrollWidth);
  for (const it of all('#controls label, #corner button, #legend li, #help, #summary')) {
    const { left, right } = boxOf(it);
    if (left < 0 || right > innerWidth) fault(it.textContent, 'leaves the window');
  }
  const bottom = rows.reduce((bottom, row) => checkName(row, bottom), boxOf(names).top);
  if (Math.abs(bottom - boxOf(chart).bottom) > 1) fault('names and chart are not equally high');
}

function checkAxis() {
  const [edges, ticks] = [boxOf(axis), all('#axis text')];
  if (ticks.length < 2) fault('too few ticks', ticks.length);
  let right = edges.left;
  for (const tick of ticks) {
    const box = boxOf(tick);
    if (box.left < right + 4 && right > edges.left) fault('tick', tick.textContent, 'is too near to the one before it');
    if (box.left < edges.left || box.right > edges.right + .5) fault('tick', tick.textContent, 'leaves the axis');
    if (box.bottom > edges.bottom || box.top < edges.top) fault('tick', tick.textContent, 'is cut');
    if (!/^(0|\d+(\.\d+)?\u202f(ns|µs|ms|s|min))$/.test(tick.textContent)) fault('tick', tick.textContent, 'is not round');
    if (contrast(fillOf(tick), back) < 4.5) fault('tick', tick.textContent, 'has too little contrast');
    right = box.right;
  }
  if (new Set(ticks.map(it => it.textContent)).size < ticks.length) fault('two ticks are the same');
}

function checkChart() {
  const edges = boxOf(chart);
  for (const label of all('#chart text')) {
    const box = boxOf(label);
    if (box.left < edges.left || box.right > edges.right + .5) fault('label', label.textContent, 'leaves the chart');
    if (parseFloat(getComputedStyle(label).fontSize) < 10) fault('label', label.textContent, 'is too small');
    const isNumber = label.classList.contains('number');
    const around = label.previousElementSibling;
    if (!isNumber && (box.left < boxOf(around).left || box.right > boxOf(around).right + .5)) fault('label', label.textContent, 'leaves its slice');
    const found = contrast(fillOf(label), isNumber ? back : fillOf(around));
    if (found < 4.5) fault('label', label.textContent, 'has too little contrast', found);
  }
  // Each kind of wait is to be told from the life behind it and from each other.
  const colors = new Map(all('#legend rect').map(it => [it.parentElement.parentElement.textContent, fillOf(it)]));
  const parts = it => it.match(/\d+/g).map(Number);
  for (const [one, color] of colors) for (const [other, beside] of colors) {
    const distance = Math.hypot(...parts(color).map((it, at) => it - parts(beside)[at]));
    if (one < other && distance < 25) fault(one, 'and', other, 'look alike', distance);
  }
}

// With everything in view, whatever is drawn is whole: the last wait, the marks at the ends, the heads of the arrows.
function checkEdges() {
  const { left, right } = boxOf(chart);
  for (const it of all('#chart [data-target], #chart .arrow')) {
    const box = boxOf(it);
    if (box.left < left + 3 || box.right > right - 3) fault('cut at an edge:', it.outerHTML.slice(0, 99), [box.left - left, right - box.right]);
  }
}

const pointAt = (element, type, more) => {
  const { left, top } = boxOf(element);
  element.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType: 'mouse', clientX: left + 1, clientY: top + 1, ...more }));
};

function tipOf(element) {
  pointAt(element, 'pointermove');
  if (tip.hidden) return fault('nothing is told of', element.outerHTML.slice(0, 99)), '';
  const { left, top, right, bottom } = boxOf(tip);
  if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) fault('the details leave the window', [left, top, right, bottom]);
  return tip.textContent;
}

function check(when) {
  const before = faults.length;
  checkBoxes();
  checkAxis();
  checkChart();
  if (faults.length > before) fault('so it is', when);
}

check('at first');
checkEdges();
report.threads = program.length;
report.is_dark = luminance(back) < .1;
report.panics = all('#chart .panicked').length;
report.elements = all('#chart *').length;
report.page_height = document.documentElement.scrollHeight;
const onScreen = it => boxOf(it).top < innerHeight && boxOf(it).top > 80;
report.tips = [...all('.name').filter(onScreen), ...all('#chart [data-target]').filter(onScreen)].slice(0, 150).map(tipOf);
hide();

// Every legible detail stays so further in, wherever that is; nothing is folded before the view has come to rest.
const isIn = (from, to) => Math.abs(view[0] - from) < total / 50 && Math.abs(view[1] - to) < total / 50;
const key = (key, target = document.body) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
report.arrows = all('#chart .arrow').length;
for (const it of ['+', '+', '+', '+', 'ArrowRight', 'ArrowLeft', '+', '+', '+']) {
  key(it);
  arrange();
  report.arrows = Math.max(report.arrows, all('#chart .arrow').length);
  check('after zooming in to ' + duration(view[1] - view[0]));
}
if (view[1] - view[0] > total / 100) fault('the keys do not zoom');
key('0');
if (!isIn(0, total)) fault('the key 0 does not show everything');
arrange();

// The mouse
const { left, top } = boxOf(chart);
const at = (type, pointerType, x, pointerId = 1) => chart.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerType, pointerId, clientX: left + x, clientY: top + 9 }));
at('pointerdown', 'mouse', xOf(total / 4));
at('pointermove', 'mouse', xOf(total / 3));
if (!all('.chosen').length || tip.textContent !== duration(timeOf(xOf(total / 3)) - timeOf(xOf(total / 4))) + 'release to zoom in') fault('dragging does not tell how long the part is', tip.textContent);
at('pointerup', 'mouse', xOf(total / 2));
if (!isIn(total / 4, total / 2)) fault('dragging does not zoom', view);
chart.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
if (!isIn(0, total)) fault('a double-click does not show everything');

// Fingers: the times under them stay there.
at('pointerdown', 'touch', xOf(total * .4), 1);
at('pointerdown', 'touch', xOf(total * .6), 2);
at('pointermove', 'touch', xOf(total * .2), 1);
at('pointermove', 'touch', width * .75, 2);
const under = [timeOf(xOf(total * .4)), timeOf(width * .75)];
if (Math.abs(under[1] - total * .6) > total / 100 || view[1] - view[0] > total * .6) fault('two fingers do not zoom', view);
at('pointerup', 'touch', width * .75, 2);
const [before, held] = [[...view], timeOf(width * .5)];
at('pointerup', 'touch', 0, 1);
at('pointerdown', 'touch', width * .5, 3);
at('pointermove', 'touch', width * .4, 3);
if (Math.abs(timeOf(width * .4) - held) > total / 100 || view[0] <= before[0]) fault('a finger does not pan', before, view);
at('pointerup', 'touch', width * .4, 3);
show(0, total);
arrange();
at('pointerdown', 'touch', width * .5);
at('pointerup', 'touch', width * .5);
const life = all('#chart .life').find(onScreen);
pointAt(life, 'click');
if (tip.hidden) fault('a tap tells nothing');
hide();

// The wheel
const wheel = more => {
  const it = new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: left + width / 2, clientY: top + 9, ...more });
  chart.dispatchEvent(it);
  return it.defaultPrevented;
};
if (wheel({ deltaY: 50 }) || !isIn(0, total)) fault('the wheel does not scroll the page');
if (!wheel({ deltaY: -50, ctrlKey: true }) || view[1] - view[0] > total * .7 || Math.abs((view[0] + view[1]) / 2 - total / 2) > total / 50) fault('the wheel does not zoom', view);
const start = view[0];
if (!wheel({ deltaX: 20 }) || view[0] <= start) fault('the wheel does not pan');
if (!wheel({ deltaY: -20, shiftKey: true }) || Math.abs(view[0] - start) > total / 1000) fault('the wheel does not pan back');
show(0, total);
arrange();

scrollTo(0, document.documentElement.scrollHeight);
draw(false);
if (boxOf(axis).top < -.5 || boxOf(axis).bottom > innerHeight) fault('the axis does not stay on the screen', boxOf(axis).top);
report.rows_at_the_end = all('#chart .life').filter(it => boxOf(it).bottom <= innerHeight && boxOf(it).top >= 0).length;
scrollTo(0, 0);

if (performance.getEntriesByType('resource').length) fault('something was fetched');
if (all('[src], [href]').length) fault('something is referred to');
report.faults = faults;
