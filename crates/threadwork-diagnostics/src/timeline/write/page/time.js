
// Times: which part of the recording is in view, and how times are written.

const total = Math.max(data.length, 1);
let view = [0, total];
// The width of the chart, and the margins in which marks at the very beginning and end have room.
let width = 0;
const MARGIN = 10;
const scale = () => (width - 2 * MARGIN) / (view[1] - view[0]);
const xOf = time => MARGIN + (time - view[0]) * scale();
const timeOf = x => view[0] + (x - MARGIN) / scale();

// The part nearest to the wanted one, not shorter than can be told apart.
function partNear(from, to) {
  const span = Math.min(Math.max(to - from, Math.min(100, total)), total);
  const start = Math.max(0, Math.min((from + to - span) / 2, total - span));
  return [start, start + span];
}

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
