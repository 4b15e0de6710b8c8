//! The parts of the page: what each of them measures, and shows.

use std::{error::Error, path::Path, time::Duration};

use crate::{
    board::{Board, Pace, Part},
    contest::Row,
    contests::{
        barriers, buffers, busy_locks, busy_rwlocks, conditions, current_threads, events,
        executors, free_locks, free_rwlocks, locals, many_tasks, meetings, one_task,
        permits_and_locks, queues, recycled_starts, semaphores, starts, waits_for_any,
    },
    fairness::{KINDS, Kind, Outcome, Work},
    growth::{CostOfThread, cost_of_thread},
    report::{
        plot::{Line, count, draw_ratios, draw_times},
        table::{Table, number, time},
    },
    timers::arm_and_cancel_beside,
    wakes::wakes,
};

/// What stands in the place of a section in the page.
pub(crate) type Shown = Result<String, Box<dyn Error>>;

/// What is measured for the sections of comparisons, by the names of the sections.
const COMPARISONS: [(&str, &[Part]); 8] = [
    (
        "locks",
        &[
            ("free locks", free_locks),
            ("busy locks", busy_locks),
            ("meetings", meetings),
            ("free read-write locks", free_rwlocks),
            ("busy read-write locks", busy_rwlocks),
        ],
    ),
    (
        "signals",
        &[
            ("conditions", conditions),
            ("semaphores", semaphores),
            ("barriers", barriers),
            ("events", events),
            ("waits for any", waits_for_any),
        ],
    ),
    ("queues", &[("queues", queues), ("buffers", buffers)]),
    ("executors", &[("executors", executors)]),
    (
        "starts",
        &[("starts", starts), ("recycled", recycled_starts), ("current threads", current_threads)],
    ),
    ("locals", &[("locals", locals)]),
    ("tasks", &[("one", one_task), ("many", many_tasks), ("permits and locks", permits_and_locks)]),
    ("wakes", &[("wakes", wakes)]),
];

/// Measures everything. Returns the sections by their names.
pub(crate) fn all(pace: Pace, plots: &Path) -> Result<Vec<(&'static str, String)>, Box<dyn Error>> {
    let mut sections = Vec::new();
    let mut all: Vec<Row> = Vec::new();
    for (name, parts) in COMPARISONS {
        let mut board = Board::new(pace);
        parts.iter().for_each(|(_, measure)| measure(&mut board));
        let rows: Vec<_> = board.rows().iter().collect();
        let plot = draw_ratios(plots, name, &rows)?;
        sections.push((name, format!("{plot}\n{}", Table::of(board.rows()))));
        all.extend_from_slice(board.rows());
    }
    sections.push(("fairness", fairness(pace, plots)?));
    sections.push(("threads", threads(pace, plots)?));
    let (timers, rows) = timers(pace, plots)?;
    sections.push(("timers", timers));
    all.extend(rows);
    sections.push(("losses", losses(&all)));
    Ok(sections)
}

/// Lists the comparisons in which a rival is faster, the worst first.
fn losses(rows: &[Row]) -> String {
    /// What differs less is the same.
    const SAME: f64 = 1.02;
    let mut lost: Vec<_> = rows.iter().filter(|it| it.ratio.median > SAME).collect();
    lost.sort_by(|one, other| other.ratio.median.total_cmp(&one.ratio.median));
    let faster = rows.iter().filter(|it| it.ratio.median < 1.0 / SAME).count();
    format!(
        "Of {} comparisons, Threadwork is faster in {faster}, and slower in {}:\n\n{}",
        rows.len(),
        lost.len(),
        Table::of(lost)
    )
}

/// Measures the kinds of locks with these numbers of threads, each of which has the lock for these times.
fn fairness(pace: Pace, plots: &Path) -> Shown {
    let (runs, seconds) = if pace == Pace::Quick { (1, 0.01) } else { (5, 0.2) };
    let mut table = Table::new(
        1,
        [
            "lock",
            "threads",
            "held for",
            "least share",
            "rival's",
            "longest wait",
            "rival's",
            "time of a round",
            "rival's",
        ],
    );
    let mut lines: Vec<Line> = Vec::new();
    for Kind { name, groups, contenders } in KINDS {
        let of = |whose| Line { name: format!("{name}, {whose}"), points: Vec::new() };
        let mut pair = [of("Threadwork"), of("rival")];
        for threads in [2, 4, 16, 64] {
            for section in [0, 10].map(Duration::from_micros) {
                let work =
                    Work { threads, section, time: Duration::from_secs_f64(seconds), groups };
                contenders(&mut |ours, theirs| {
                    let outcomes = work.compare(runs, [ours, theirs]);
                    println!("{name}, {threads} threads, {section:?}: {outcomes:?}");
                    table.add(row(name, &work, outcomes));
                    if !section.is_zero() {
                        for (line, outcome) in pair.iter_mut().zip(outcomes) {
                            line.points.push((threads as f64, outcome.longest));
                        }
                    }
                });
            }
        }
        if ["lock", "readers_writers", "semaphore"].contains(&name) {
            lines.extend(pair);
        }
    }
    let plot = draw_times(plots, "fairness", ["threads", "longest wait"], &lines)?;
    Ok(format!("{plot}\n{table}"))
}

fn row(name: &str, work: &Work, [ours, theirs]: [Outcome; 2]) -> Vec<String> {
    let round =
        |it: Outcome| if it.rate > 0.0 { time(1.0 / it.rate) } else { "none ended".to_owned() };
    vec![
        name.replace('_', " and "),
        work.threads.to_string(),
        format!("{:?}", work.section),
        number(ours.share),
        number(theirs.share),
        time(ours.longest),
        time(theirs.longest),
        round(ours),
        round(theirs),
    ]
}

/// Measures how the cost of a thread grows.
fn threads(pace: Pace, plots: &Path) -> Shown {
    let board = Board::new(pace);
    let costs = [10, 100, 1_000, 10_000].map(|it| cost_of_thread(&board, it));
    let mut table = Table::new(
        1,
        ["threads", "start and join", "std's", "wake and join", "std's", "`enumerate`", "`waits`"],
    );
    for it in costs {
        println!("{it:?}");
        let [ours, theirs] = it.start_and_join.map(time);
        let [our_wake, their_wake] = it.wake.map(time);
        let [enumerated, listed] = [it.enumerate, it.waits].map(time);
        let threads = count(it.threads as f64);
        table.add(vec![threads, ours, theirs, our_wake, their_wake, enumerated, listed]);
    }
    let line = |name: &str, of: fn(&CostOfThread) -> f64| Line {
        name: name.to_owned(),
        points: costs.iter().map(|it| (it.threads as f64, of(it))).collect(),
    };
    let lines = [
        line("start and join", |it| it.start_and_join[0]),
        line("start and join, std", |it| it.start_and_join[1]),
        line("wake and join", |it| it.wake[0]),
        line("wake and join, std", |it| it.wake[1]),
        line("enumerate", |it| it.enumerate),
        line("waits", |it| it.waits),
    ];
    let plot = draw_times(plots, "threads", ["threads", "time of each thread"], &lines)?;
    Ok(format!("{plot}\n{table}"))
}

/// Measures how the cost of a timer grows. Also returns the comparisons.
fn timers(pace: Pace, plots: &Path) -> Result<(String, Vec<Row>), Box<dyn Error>> {
    let pending = [100, 1_000, 10_000, 100_000, 1_000_000];
    let mut rows = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for pending in pending {
        let mut board = Board::new(pace);
        arm_and_cancel_beside(&mut board, pending);
        let ours = board.rows().first().map(|it| ("Threadwork".to_owned(), it.seconds[0]));
        let theirs = board.rows().iter().map(|it| (it.rival.clone(), it.seconds[1]));
        for (name, seconds) in ours.into_iter().chain(theirs) {
            let point = (pending as f64, seconds);
            match lines.iter_mut().find(|it| it.name == name) {
                Some(line) => line.points.push(point),
                None => lines.push(Line { name, points: vec![point] }),
            }
        }
        rows.extend_from_slice(board.rows());
    }
    let plot =
        draw_times(plots, "timers", ["timers that are pending", "time of arm and cancel"], &lines)?;
    Ok((format!("{plot}\n{}", Table::of(&rows)), rows))
}
