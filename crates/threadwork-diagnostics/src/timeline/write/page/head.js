
// The head of the page, and the names beside the rows.

byId('title').textContent = line(data.program);
document.title = line(data.program) + ': timeline';
const sum = of => program.reduce((total, it) => total + it[of].length, 0);
byId('summary').textContent = `${duration(data.length)} from ${data.began} · ${plural(program.length, 'thread')} · ${plural(sum('waits'), 'wait')} · ${plural(sum('spans'), 'span')}`;
byId('missing').textContent = [
  data.dropped ? `${plural(data.dropped, 'older event')} not kept` : '',
  data.leftOut ? `${plural(data.leftOut, 'thread')} left out` : '',
].filter(it => it).join(', ');

function explain(label, tag, attributes, id) {
  const item = document.createElement('li');
  add(add(item, 'svg', { 'aria-hidden': 'true' }), tag, attributes);
  const words = document.createElement('span');
  words.textContent = label;
  if (id) words.id = id;
  item.append(words);
  byId('legend').append(item);
}

const used = new Set(threads.flatMap(it => it.waits.map(wait => wait.kind)));
const kinds = [...KINDS.filter(it => used.has(it)), ...[...used].filter(it => !KINDS.includes(it))];
const colors = [['runs', 'life'], ...kinds.map(it => [it, classOfKind(it)])];
if (sum('spans')) colors.push(['span', 'span']);
for (const [label, style] of colors) explain(label, 'rect', { class: style, width: 18, height: 12, rx: 2.5 });
if (arrows.length) explain('wakes', 'path', { class: 'arrow', d: 'M0,6h16m-4,-4l4,4l-4,4' }, 'arrows');
for (const outcome in OUTCOMES) {
  const { mark } = OUTCOMES[outcome];
  if (mark && threads.some(it => it.outcome === outcome)) explain(outcome, 'path', { class: 'end ' + outcome, d: 'M9,6' + mark(5) });
}

const hasGroups = groups.some(it => it.length > 1);
byId('runs').parentElement.hidden = !hasGroups;

// Names are one stop of the tab key; the arrow keys lead from name to name.
let current = null;

function setCurrent(row, isFocused) {
  current = row.key;
  for (const it of rows) it.name.tabIndex = it === row ? 0 : -1;
  if (isFocused) row.name.focus();
}

function labelOf({ kind, members }) {
  const [{ name, run }] = members;
  return kind === 'run' ? String(run.number) : kind === 'fold' ? `⋯ ${members.length} not in view`
    : kind === 'own' ? 'the library’s own threads' : name;
}

const canOpen = row => row.kind === 'group' || row.kind === 'own';
const keyOfGroup = row => row.kind === 'own' ? 'own' : threads[row.members[0].run.first].ident;
const isOpen = row => choices.open.has(keyOfGroup(row));

function setOpen(row, shall) {
  if (shall) choices.open.add(keyOfGroup(row)); else choices.open.delete(keyOfGroup(row));
  arrange();
}

// A click on the name opens what is folded; of a thread it tells the details, as there is no pointing with a finger.
function act(row) {
  if (canOpen(row)) setOpen(row, !isOpen(row));
  else if (row.kind === 'fold') byId('fold').click();
  else tellOfRow(row);
}

function nameOf(row) {
  const it = document.createElement('div');
  const last = row.members.at(-1);
  it.className = `name ${row.kind}` + (row.isOwn ? ' of-own' : '') + (!row.isLow && isBad(last) ? ' ' + last.outcome : '');
  it.setAttribute('role', 'treeitem');
  it.setAttribute('aria-level', 1 + (row.kind === 'run') + Boolean(row.isOwn));
  if (canOpen(row)) it.setAttribute('aria-expanded', isOpen(row));
  const part = (style, content) => {
    const span = document.createElement('span');
    span.className = style;
    span.textContent = content;
    it.append(span);
  };
  part('label', labelOf(row));
  if (canOpen(row)) part('count', '×' + row.members.length);
  if (choices.sort === 'waited' && !row.isLow) part('count waited', duration(waitedOf(row.members)));
  it.style.height = row.height + 'px';
  // Beside the bar, which is not in the middle of its row; or above it.
  it.style.paddingTop = isNarrow.matches ? '2px' : row.head + 'px';
  it.style.paddingBottom = isNarrow.matches ? 0 : row.lanes * size.lane + 'px';
  it.addEventListener('pointermove', event => { if (event.pointerType === 'mouse') tell(aboutRow(row), event); });
  it.addEventListener('pointerleave', hide);
  it.addEventListener('click', () => { setCurrent(row, true); act(row); });
  it.addEventListener('focus', () => { current = row.key; });
  return it;
}

function countOfRows() {
  const found = program.filter(isWanted).length;
  const folded = rows.find(it => it.kind === 'fold')?.members.length ?? 0;
  if (folded) return `${found - folded} of ${found} in view`;
  return (found < program.length ? found + ' of ' : '') + plural(program.length, 'thread');
}

// Lays out the rows and makes their names; the row at the top of the screen stays there.
function arrange() {
  const edge = axis.getBoundingClientRect().bottom;
  const start = () => chart.getBoundingClientRect().top;
  const before = start() < edge ? rows.map(it => [it.key, it.y, it.height]) : [];
  const seen = before.filter(([, y, tall]) => start() + y + tall > edge);
  const hadFocus = names.contains(document.activeElement);
  width = chart.clientWidth || width;
  layOut();
  rows.forEach(it => { it.name = nameOf(it); });
  names.replaceChildren(...rows.map(it => it.name));
  const kept = rows.find(it => it.key === current) ?? rows[0];
  if (kept) setCurrent(kept, false);
  if (hadFocus && kept) kept.name.focus({ preventScroll: true });
  byId('count').textContent = countOfRows();
  byId('none').hidden = rows.length > 0;
  hide();
  draw(false);
  const anchor = seen.find(([key]) => rows.some(it => it.key === key));
  if (anchor) scrollBy(0, rows.find(it => it.key === anchor[0]).y - anchor[1]);
}
