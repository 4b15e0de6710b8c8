'use strict';
// The data of the page. Times are nanoseconds since the beginning of the recording.

const data = JSON.parse(document.getElementById('data').textContent);

// The kinds of waits, in the order of the legend. Their colors are in the style: `k-` and the first word.
const KINDS = ['lock', 're-entrant lock', 'read-write lock', 'condition', 'event', 'semaphore', 'barrier', 'latch', 'item of queue', 'room in queue', 'tasks of queue', 'join', 'result of task', 'sleep', 'stop request', 'waits elsewhere'];
const classOfKind = kind => 'k-' + kind.split(' ')[0];

// The ends of threads: an end that went wrong has a color, `--` and its name in the style, and a mark: a path for an arm of this length.
const OUTCOMES = {
  finished: {},
  stopped: {},
  failed: { mark: a => `m0,${-a}l${a},${2 * a}h${-2 * a}z` },
  panicked: { mark: a => `m${-a},${-a}l${2 * a},${2 * a}m0,${-2 * a}l${-2 * a},${2 * a}` },
};
const isBad = thread => Boolean(OUTCOMES[thread.outcome]?.mark);

// A thread that sleeps waits for nobody, also if it sleeps by a call of others.
const isSleep = wait => wait.kind === 'sleep' || (wait.kind === 'waits elsewhere' && /^(clock_)?nanosleep$/.test(wait.label));

// Control characters are shown as symbols.
const text = it => it.replace(/[\u0000-\u001f\u007f]/g, c => c === '\n' ? c : String.fromCharCode(c === '\x7f' ? 0x2421 : 0x2400 + c.charCodeAt()));
const line = it => text(it).replace(/\n/g, '␊');
const plural = (n, one) => n.toLocaleString('en') + ' ' + one + (n === 1 ? '' : 's');

const T = data.texts.map(text);
const threads = data.threads.map((it, place) => ({
  ...it,
  place,
  name: line(it.name),
  reason: it.reason === null ? null : text(it.reason),
  run: it.run && { first: it.run[0], number: it.run[1], of: data.threads.filter(other => other.run?.[0] === it.run[0]).length },
  end: it.until ?? data.length,
  waits: it.waits.map(([since, until, kind, label, title, place, open, by]) =>
    ({ since, until, kind: T[kind], label: T[label], title: T[title], place: T[place], open, by })),
  spans: it.spans.map(([since, until, depth, name, details, open]) =>
    ({ since, until, depth, label: T[name], title: T[name], place: T[details], open })),
}));
// From the end of the wake-up in one thread to the end of the wait in another.
const arrows = data.arrows.map(([from, at, to, until]) => ({ from, at, to, until }));

for (const it of threads) {
  it.depth = it.spans.reduce((most, span) => Math.max(most, span.depth + 1), 0);
  it.waited = it.waits.reduce((sum, wait) => isSleep(wait) ? sum : sum + wait.until - wait.since, 0);
  // What the filter looks at. Who joins a thread is not searched by the name of that thread.
  const titles = [...it.waits.filter(wait => wait.kind !== 'join'), ...it.spans].map(slice => slice.title);
  it.words = [it.name, it.outcome ?? 'alive', it.reason ?? '', ...new Set(titles)].join('\n').toLowerCase();
}
// The library's own threads are apart.
const program = threads.filter(it => !it.own);
