// Uses the page as somebody would who looks for something in it: groups, filter, order, folded rows, keys.
const faults = [];
const fault = (...words) => faults.push(words.map(it => typeof it === 'string' ? it : JSON.stringify(it)).join(' '));
const all = selector => [...document.querySelectorAll(selector)];
const wordsOf = it => [...it.children].map(part => part.textContent).join(' ');
const namesNow = () => all('.name').map(wordsOf);
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const expect = (what, found, wanted) => same(found, wanted) || fault(what + ':', found, 'in place of', wanted);
const key = (key, target = document.body) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const choose = (id, value) => {
  const it = byId(id);
  if (it.type === 'checkbox') return it.click();
  it.value = value;
  it.dispatchEvent(new Event(it.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
};
const numbers = () => all('#chart .number').map(it => it.textContent);
const rowNamed = name => rows.find(it => wordsOf(it.name).startsWith(name));
// The names without those of the test harness, which come first.
const ours = () => namesNow().filter(it => !/^(MainThread|timeline_rows::|the library|threadwork-)/.test(it));

// One row for the runs of a child, with their numbers, and with the ends of all of them.
const before = ['supervisor', 'fetcher ×3', 'watcher', 'sorter 2', 'sorter 10'];
expect('by start', ours(), before);
expect('count', byId('count').textContent, plural(program.length, 'thread'));
expect('numbers', numbers(), ['1', '2', '3']);
const marks = () => all('#chart .end').length;
expect('marks', marks(), 2);
const group = rowNamed('fetcher');
if (group.name.getAttribute('aria-expanded') !== 'false') fault('the group is not closed');

// It opens, by a click, by keys, with all the others.
const opened = ['supervisor', 'fetcher ×3', '1', '2', '3', 'watcher', 'sorter 2', 'sorter 10'];
group.name.click();
expect('opened', ours(), opened);
expect('marks in the opened group', marks(), 4);
if (rowOf[group.members[1].place].kind !== 'run') fault('arrows do not lead to the rows of the runs');
const name = () => rowNamed('fetcher').name;
if (document.activeElement !== name()) fault('the group has lost the focus');
key('ArrowLeft', name());
expect('closed by a key', ours(), before);
key('ArrowRight', name());
expect('opened by a key', ours(), opened);
key('ArrowDown', name());
if (document.activeElement.textContent !== '1') fault('the arrow keys do not lead to the next name');
for (const part of ['fetcher', 'number 1 of 3 of this name', 'started by supervisor', 'panicked after', 'no mail']) if (!tip.textContent.includes(part)) fault('the details of a run lack', part, tip.textContent);
key('n', document.activeElement);
if (tip.hidden || !tip.textContent.startsWith('sleep') || all('.frame').length !== 1) fault('no wait is shown', tip.textContent);
key('Escape');
if (!tip.hidden) fault('the details stay');
key('Enter', name());
expect('closed by Enter', ours(), before);
choose('runs');
expect('all opened', ours(), opened);
choose('runs');
expect('all closed', ours(), before);

// Order
choose('sort', 'name');
expect('by name', ours(), ['fetcher ×3', 'sorter 2', 'sorter 10', 'supervisor', 'watcher']);
choose('sort', 'waited');
const times = rows.filter(it => !isLow(it)).map(it => waitedOf(it.members));
expect('by the time waited', times, [...times].sort((a, b) => b - a));
if (times[0] <= 0 || !wordsOf(rows[0].name).endsWith(duration(times[0]))) fault('the time is not told', wordsOf(rows[0].name));
if (waitedOf(rowNamed('sorter 10').members) !== 0) fault('a sleep counts as a wait');
choose('sort', 'start');

// Filter: names, waits, outcomes; several words.
const filtered = (filter, ...wanted) => { choose('filter', filter); expect('filter ' + filter, ours(), wanted); };
filtered('SORTER', 'sorter 2', 'sorter 10');
filtered('sorter 10', 'sorter 10');
filtered('panicked', 'fetcher ×2');
filtered('bell', 'watcher');
if (!byId('none').hidden) fault('says that there is nothing');
filtered('nobody');
if (byId('none').hidden) fault('does not say that there is nothing');
key('Escape', byId('filter'));
expect('the filter is cleared', [byId('filter').value, ours()], ['', before]);
choose('filter', 'sorter');
expect('count', byId('count').textContent, `2 of ${program.length} threads`);
for (const it of ['0', '+', '-']) if (!key(it, byId('filter'))) fault('the filter does not get', it);
choose('filter', '');

// Folded rows: all that have nothing in view are one row, and what is in view stays in order.
const { since, end } = rowNamed('sorter 10').members[0];
show(since + (end - since) * .4, since + (end - since) * .6);
arrange();
const folded = ours();
expect('folded', [folded.includes('sorter 10'), folded.includes('sorter 2'), folded.includes('watcher'), folded.at(-1).includes('not in view')], [true, false, true, true]);
if (!byId('count').textContent.endsWith('in view')) fault('the count does not tell of folded rows', byId('count').textContent);
const fold = rows.find(it => it.kind === 'fold');
expect('folded threads', fold.members.map(it => it.name).filter(it => it.startsWith('sorter')), ['sorter 2']);
fold.name.dispatchEvent(new PointerEvent('pointermove', { pointerType: 'mouse', clientX: 9, clientY: 9 }));
if (!tip.textContent.includes('sorter 2')) fault('the folded threads are not named', tip.textContent);
const low = height;
fold.name.click();
expect('unfolded', [byId('fold').checked, ours()], [false, before]);
if (height <= low) fault('folded rows save no room');
choose('fold');
show(0, total);
arrange();
expect('everything again', ours(), before);

// The library's own threads are apart, in a row at the end that opens.
const own = () => rowNamed('the library');
const isLast = row => rows.at(-1) === row;
const watchdogs = () => namesNow().filter(it => it.startsWith('threadwork-watchdog'));
expect('own threads', [isLast(own()), own().name.getAttribute('aria-expanded'), watchdogs().length], [true, 'false', 0]);
expect('own threads are not counted', byId('count').textContent, plural(program.length, 'thread'));
if (threads.length - program.length !== own().members.length || !wordsOf(own().name).endsWith('×' + own().members.length)) fault('the number of own threads', wordsOf(own().name));
if (!aboutRow(own())[1].includes('threadwork-watchdog')) fault('the own threads are not named', aboutRow(own()));
own().name.click();
expect('opened own threads', [isLast(own()), own().name.getAttribute('aria-expanded'), watchdogs().length], [false, 'true', 1]);
const dog = rowNamed('threadwork-watchdog');
if (rows.indexOf(dog) < rows.indexOf(own()) || dog.name.getAttribute('aria-level') !== '2' || rowOf[dog.members[0].place] !== dog) fault('the own threads are not below their row');
for (const order of ['name', 'waited']) {
  choose('sort', order);
  if (rows.indexOf(rowNamed('threadwork-watchdog')) < rows.indexOf(own()) || rows.indexOf(own()) < rows.indexOf(rowNamed('sorter 10'))) fault('own threads move when sorted by', order);
}
choose('sort', 'start');
choose('runs');
choose('runs');
expect('own threads stay open', watchdogs().length, 1);
choose('filter', 'sorter');
expect('filtered own threads', namesNow().filter(it => /^(the library|threadwork-)/.test(it)), []);
choose('filter', '');
key('ArrowLeft', own().name);
expect('closed own threads', watchdogs().length, 0);

// Each end that went wrong has a mark, a color and a word.
const color = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const ended = rowNamed('sorter 10').members[0];
for (const outcome in OUTCOMES) {
  if (outcome === 'panicked' || !OUTCOMES[outcome].mark) continue;
  [ended.outcome, ended.reason] = [outcome, 'no ink'];
  arrange();
  const row = rowNamed('sorter 10');
  expect(outcome, [all('.end.' + outcome).length, row.name.classList.contains(outcome), aboutRow(row)[1].includes(`: ${outcome} after`), aboutRow(row)[1].includes('no ink')], [1, true, true, true]);
  if (!color(outcome) || getComputedStyle(all('.end.' + outcome)[0]).stroke === getComputedStyle(all('.end.panicked')[0]).stroke) fault(outcome, 'has no color of its own');
}
expect('outcomes', Object.keys(OUTCOMES), ['finished', 'stopped', 'failed', 'panicked']);
report.faults = faults;
