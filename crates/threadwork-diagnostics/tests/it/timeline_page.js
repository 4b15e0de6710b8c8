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

function checkBoxes() {
  if (document.documentElement.scrollWidth > innerWidth) fault('the page is wider than the window', document.documentElement.scrollWidth);
  const column = boxOf(names);
  let bottom = column.top;
  all('.name').forEach((name, row) => {
    const [box, label] = [boxOf(name), boxOf(name.firstElementChild)];
    if (Math.abs(box.top - bottom) > .5) fault('name', row, 'does not follow the one above it');
    bottom = box.bottom;
    if (label.right > column.right || label.left < column.left) fault('name', row, 'leaves its column');
    if (label.top < box.top - .5 || label.bottom > box.bottom + .5) fault('name', row, 'is higher than its row', label.height, box.height);
    if (parseFloat(getComputedStyle(name).fontSize) < 11) fault('name', row, 'is too small');
    const middle = boxOf(chart).top + threads[row].y + size.pad + size.bar / 2;
    if (Math.abs((label.top + label.bottom) / 2 - middle) > 1.5) fault('name', row, 'is not beside its bar');
    const color = getComputedStyle(name.firstElementChild).color;
    if (contrast(color, back) < 4.5) fault('name', row, 'has too little contrast');
  });
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
    const [box, around] = [boxOf(label), boxOf(label.previousElementSibling)];
    if (box.left < around.left || box.right > around.right + .5) fault('label', label.textContent, 'leaves its slice');
    if (box.left < edges.left || box.right > edges.right + .5) fault('label', label.textContent, 'leaves the chart');
    const found = contrast(fillOf(label), fillOf(label.previousElementSibling));
    if (found < 4.5) fault('label', label.textContent, 'has too little contrast', found);
  }
  // Each kind of wait is to be told from the life behind it and from each other.
  const colors = new Map(all('#legend rect').map(it => [it.parentElement.parentElement.textContent, fillOf(it)]));
  const parts = it => it.match(/\d+/g).map(Number);
  for (const [one, color] of colors) for (const [other, beside] of colors) {
    const distance = Math.hypot(...parts(color).map((it, at) => it - parts(beside)[at]));
    if (one < other && distance < 25) fault(one, 'and', other, 'look alike', distance);
  }
  for (const item of all('#legend li')) if (boxOf(item).right > innerWidth) fault('legend', item.textContent, 'leaves the window');
}

function tipOf(element) {
  const box = boxOf(element);
  element.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: box.left + 1, clientY: box.top + 1 }));
  if (tip.hidden) return fault('nothing is told of', element.outerHTML.slice(0, 99)), '';
  const { left, top, right, bottom } = boxOf(tip);
  if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) fault('the details leave the window', [left, top, right, bottom]);
  return tip.textContent;
}

function check(when) {
  const before = faults.length;
  checkAxis();
  checkChart();
  if (faults.length > before) fault('so it is', when);
}

draw(false);
checkBoxes();
check('at first');
report.names = all('.name').length;
report.is_dark = luminance(back) < .1;
report.panics = all('#chart .panic').length;
report.arrows = all('#chart .arrow').length;
report.elements = all('#chart *').length;
report.page_height = document.documentElement.scrollHeight;
const onScreen = it => boxOf(it).top < innerHeight && boxOf(it).top > 40;
report.tips = [...all('.name').filter(onScreen), ...all('#chart [data-target]').filter(onScreen)].slice(0, 150).map(tipOf);
hide();

// Every legible detail stays so further in, wherever that is.
const isIn = (from, to) => Math.abs(view[0] - from) < total / 100 && Math.abs(view[1] - to) < total / 100;
for (const key of ['+', '+', '+', '+', 'ArrowRight', 'ArrowLeft', '+', '+', '+']) {
  dispatchEvent(new KeyboardEvent('keydown', { key }));
  draw(false);
  check('after zooming in to ' + duration(view[1] - view[0]));
}
if (view[1] - view[0] > total / 100) fault('the keys do not zoom');
dispatchEvent(new KeyboardEvent('keydown', { key: '0' }));
if (!isIn(0, total)) fault('the key 0 does not show everything');

const { left, top } = boxOf(chart);
const mouse = (type, x) => chart.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: left + x, clientY: top + 9 }));
draw(false);
mouse('mousedown', width / 4);
mouse('mousemove', width / 3);
mouse('mouseup', width / 2);
if (!isIn(total / 4, total / 2)) fault('dragging does not zoom', view);
mouse('dblclick', 9);
if (!isIn(0, total)) fault('a double-click does not show everything');

scrollTo(0, document.documentElement.scrollHeight);
draw(false);
if (boxOf(axis).top < -.5 || boxOf(axis).bottom > innerHeight) fault('the axis does not stay on the screen', boxOf(axis).top);
report.rows_at_the_end = all('#chart .life').filter(it => boxOf(it).bottom <= innerHeight && boxOf(it).top >= 0).length;
scrollTo(0, 0);

if (performance.getEntriesByType('resource').length) fault('something was fetched');
if (all('[src], [href]').length) fault('something is referred to');
report.faults = faults;
