
// Details: what is told of a thread or a slice that is pointed at.

function howItEnded(thread) {
  const word = thread.until === null ? 'alive' : thread.outcome ?? 'gone';
  const after = thread.until === null ? '' : ' after ' + duration(thread.end - thread.since);
  return word + after + (thread.reason === null ? '' : ': ' + thread.reason);
}

function aboutThread(thread) {
  const waited = new Map();
  for (const it of thread.waits) waited.set(it.kind, (waited.get(it.kind) ?? 0) + it.until - it.since);
  const lines = [`thread ${thread.ident}, from ${duration(thread.since)}: ${howItEnded(thread)}`];
  if (thread.run) lines.push(`number ${thread.run.number} of ${thread.run.of} of this name, one after the other`);
  if (thread.starter !== null) lines.push('started by ' + threads[thread.starter].name);
  for (const [kind, time] of [...waited].sort((a, b) => b[1] - a[1])) lines.push(`${kind}: ${duration(time)}`);
  if (thread.spans.length) lines.push(plural(thread.spans.length, 'span'));
  if (thread.dropped) lines.push(plural(thread.dropped, 'older event') + ' not kept');
  return [thread.name, lines.join('\n')];
}

// A few lines of a longer list.
function some(list) {
  return list.length > 9 ? [...list.slice(0, 8), `and ${list.length - 8} more`] : list;
}

function aboutRow({ kind, members }) {
  if (kind === 'fold') return [plural(members.length, 'thread') + ' with nothing in view', some(members.map(it => it.name)).join('\n')];
  if (kind === 'own') return [plural(members.length, 'thread') + ' of the library itself', some(members.map(it => it.name)).join('\n')];
  if (kind !== 'group') return aboutThread(members[0]);
  const lines = members.map(it => `${it.run.number}: ${howItEnded(it)}`);
  return [members[0].name, [plural(members.length, 'thread') + ' of this name, one after the other', ...some(lines)].join('\n')];
}

function aboutSlice({ thread, it, others }) {
  const lines = [it.open ? 'since ' + duration(it.since) + ', not over: ' + duration(it.until - it.since)
    : `${duration(it.until - it.since)}, from ${duration(it.since)}`];
  if (it.by !== undefined && it.by !== null) lines.push('ended by ' + threads[it.by].name);
  lines.push(it.place, 'in ' + threads[thread.place].name + (thread.run ? ', number ' + thread.run.number : ''));
  if (others) lines.push('and ' + plural(others, 'other') + ' beside it: zoom in');
  return [it.title, lines.join('\n')];
}

function about(target) {
  if (target.unknown) return [target.thread.name, 'not known: older events were not kept'];
  return target.it ? aboutSlice(target) : aboutThread(target.thread);
}

// Shows the details beside a place on the screen.
function tell([title, details], { clientX, clientY }) {
  const [head, rest] = [document.createElement('b'), document.createElement('i')];
  head.textContent = title;
  rest.textContent = details;
  tip.replaceChildren(head, rest);
  tip.hidden = false;
  const { offsetWidth: wide, offsetHeight: high } = tip;
  const x = clientX + 20 + wide > innerWidth ? clientX - 12 - wide : clientX + 16;
  const y = clientY + 20 + high > innerHeight ? clientY - 12 - high : clientY + 16;
  tip.style.left = Math.max(4, Math.min(x, innerWidth - wide - 4)) + 'px';
  tip.style.top = Math.max(4, y) + 'px';
}

function tellOfRow(row) {
  const { right, bottom } = row.name.getBoundingClientRect();
  tell(aboutRow(row), { clientX: Math.min(right, innerWidth / 3), clientY: bottom });
}

function hide() {
  tip.hidden = true;
  chart.querySelectorAll('.lit').forEach(it => it.remove());
}

// Frames a slice, and shows the arrows to its end.
function light({ thread, it }) {
  const row = rowOf[thread.place];
  if (!it || !row) return;
  const [x, right] = extent(it);
  const isWait = thread.waits.includes(it);
  const top = isWait ? row.bar : row.bar + size.bar + Math.min(it.depth, row.lanes - 1) * size.lane + 1;
  add(chart, 'rect', { class: 'lit frame', x, y: top, width: Math.max(right - x, 2), height: isWait ? size.bar : size.lane - 1, rx: 2 });
  if (isWait) arrows.filter(arrow => arrow.to === thread.place && arrow.until === it.until).forEach(arrow => drawArrow(arrow, 'lit'));
}

function tellOf(target, where) {
  hide();
  light(target);
  tell(about(target), where);
}
