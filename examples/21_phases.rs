//! Running totals, computed in phases: all threads read what the phase before has left, and only then all write.
//!
//! After phase k each place holds the sum of up to 2ᵏ numbers, so eight numbers need three phases.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use threadwork::{Barrier, BrokenBarrierError, scope};

const N: usize = 8;

type Totals = [AtomicU64; N];

/// The threads meet twice in each phase. One that does not come breaks the barrier, and the others end with an error instead of waiting for ever.
struct Phases {
    have_read: Barrier,
    have_written: Barrier,
}

impl Phases {
    fn new(totals: &Arc<Totals>) -> Phases {
        let patience = Duration::from_secs(60);
        let totals = Arc::clone(totals);
        // The last one that comes does this, while the others wait.
        let print = move || println!("{:?}", values(&totals));
        Phases {
            have_read: Barrier::new(N).named("have read").with_timeout(patience),
            have_written: Barrier::new(N)
                .named("have written")
                .with_timeout(patience)
                .with_action(print),
        }
    }
}

/// Computes the total at one place.
fn add_up(totals: &Totals, place: usize, phases: &Phases) -> Result<(), BrokenBarrierError> {
    for distance in [1, 2, 4] {
        let before = place.checked_sub(distance).map_or(0, |it| totals[it].load(Ordering::Relaxed));
        phases.have_read.wait()?;
        // What one thread has written before a barrier, all see after it.
        totals[place].fetch_add(before, Ordering::Relaxed);
        phases.have_written.wait()?;
    }
    Ok(())
}

fn values(totals: &Totals) -> [u64; N] {
    totals.each_ref().map(|it| it.load(Ordering::Relaxed))
}

fn main() -> Result<(), Box<dyn Error>> {
    let totals = Arc::new([const { AtomicU64::new(1) }; N]);
    let phases = Phases::new(&totals);
    let (totals, phases) = (&*totals, &phases);
    scope(|scope| -> Result<(), Box<dyn Error>> {
        let threads = (0..N).map(|place| scope.call(move || add_up(totals, place, phases)));
        for thread in threads.collect::<Result<Vec<_>, _>>()? {
            thread.into_result()??;
        }
        Ok(())
    })?;
    assert_eq!(values(totals), [1, 2, 3, 4, 5, 6, 7, 8]);
    Ok(())
}
