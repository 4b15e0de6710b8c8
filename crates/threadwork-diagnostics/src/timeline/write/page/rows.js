
// Rows: a row for each thread; threads that follow each other under one name share a row, which opens to a row for each run;
// threads with nothing in view are folded into one low row at the end. After it comes a low row that opens to the library's own threads.

const choices = { filter: '', sort: 'start', fold: true, open: new Set() };
// On a narrow screen a name stands above its bar.
const isNarrow = matchMedia('(max-width: 640px)');
let rows = [];
let height = 1;
// For each thread the row that shows it, if any.
let rowOf = [];

const LABEL = 16, NUMBERS = 12, FOLDED = 20;
// The more rows there are, the lower they are: names stay legible, bars get thinner.
function sizeFor(count) {
  if (count <= 30) return { pad: 5, bar: 19, lane: 16, lanes: 8 };
  if (count <= 120) return { pad: 4, bar: 16, lane: 4, lanes: 4 };
  return { pad: 3, bar: 12, lane: 3, lanes: 2 };
}
let size = sizeFor(threads.length);

const groups = [];
for (const it of threads) {
  const group = it.run && groups.find(other => other[0].run?.first === it.run.first);
  if (group) group.push(it); else groups.push([it]);
}
groups.forEach(it => it.sort((a, b) => (a.run?.number ?? 0) - (b.run?.number ?? 0)));

const waitedOf = group => group.reduce((sum, it) => sum + it.waited, 0);
const byStart = (a, b) => a[0].since - b[0].since || a[0].ident - b[0].ident;
const ORDERS = {
  start: byStart,
  name: (a, b) => a[0].name.localeCompare(b[0].name, 'en', { numeric: true }) || byStart(a, b),
  waited: (a, b) => waitedOf(b) - waitedOf(a) || byStart(a, b),
};

// Every word of the filter has to be there.
const isWanted = thread => choices.filter.toLowerCase().split(/\s+/).every(word => thread.words.includes(word));
const isInView = thread => width <= 2 * MARGIN || thread.end >= timeOf(0) && thread.since <= timeOf(width);

const isLow = row => row.kind === 'fold' || row.kind === 'own';
const hasSomething = thread => !choices.fold || isInView(thread);

// The rows of these groups, and the threads that are folded.
function rowsOf(groups) {
  const [chosen, folded] = [[], []];
  for (const group of [...groups].sort(ORDERS[choices.sort])) {
    const members = group.filter(isWanted);
    const first = group[0].ident;
    if (!members.some(hasSomething)) folded.push(...members);
    else if (group.length === 1) chosen.push({ kind: 'thread', key: first, members });
    else {
      chosen.push({ kind: 'group', key: 'group ' + first, members });
      const runs = choices.open.has(first) ? members.filter(hasSomething) : [];
      for (const it of runs) chosen.push({ kind: 'run', key: it.ident, members: [it] });
    }
  }
  return { chosen, folded };
}

// The rows, without their places.
function chosenRows() {
  const { chosen, folded } = rowsOf(groups.filter(it => !it[0].own));
  if (folded.length) chosen.push({ kind: 'fold', key: 'fold', members: folded });
  const own = groups.filter(it => it[0].own);
  const members = own.flat().filter(isWanted);
  if (members.length) chosen.push({ kind: 'own', key: 'own', members });
  if (choices.open.has('own')) chosen.push(...rowsOf(own).chosen.map(row => ({ ...row, isOwn: true })));
  return chosen;
}

function layOut() {
  rows = chosenRows();
  size = sizeFor(rows.filter(it => !isLow(it)).length);
  rowOf = [];
  height = 0;
  rows.forEach(row => {
    row.isLow = isLow(row);
    row.lanes = row.isLow ? 0 : Math.min(size.lanes, Math.max(...row.members.map(it => it.depth)));
    // The numbers of the runs stand above the bar.
    row.head = (row.isLow || !isNarrow.matches ? 0 : LABEL) + (row.kind === 'group' ? NUMBERS : 0);
    row.y = height;
    row.bar = height + size.pad + row.head;
    row.height = row.isLow ? FOLDED : 2 * size.pad + row.head + size.bar + row.lanes * size.lane;
    height += row.height;
    if (!row.isLow) for (const it of row.members) rowOf[it.place] = row;
  });
  height = Math.max(height, 1);
}
