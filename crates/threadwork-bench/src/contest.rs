//! What is compared with what.

use crate::spread::Spread;

/// A comparison of ours with a rival: what it is called, and how often it is measured.
#[derive(Clone, Debug)]
pub struct Contest {
    pub(crate) what: String,
    pub(crate) rival: String,
    pub(crate) bound: f64,
    pub(crate) rounds: usize,
    pub(crate) each: usize,
}

impl Contest {
    /// Creates a comparison without a bound, of which a round is one operation.
    #[must_use]
    pub fn new(what: impl Into<String>, rival: impl Into<String>) -> Contest {
        Contest {
            what: what.into(),
            rival: rival.into(),
            bound: f64::INFINITY,
            rounds: 31,
            each: 1,
        }
    }

    /// Sets the bound of the ratio.
    #[must_use]
    pub fn at_most(self, bound: f64) -> Contest {
        Contest { bound, ..self }
    }

    /// Sets how many rounds are measured.
    #[must_use]
    pub fn rounds(self, rounds: usize) -> Contest {
        Contest { rounds, ..self }
    }

    /// Sets how many operations a round has.
    #[must_use]
    pub fn each(self, each: usize) -> Contest {
        Contest { each, ..self }
    }
}

/// What a comparison has found.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is compared.
    pub what: String,
    /// The rival.
    pub rival: String,
    /// The bound of the ratio; infinite if there is none.
    pub bound: f64,
    /// Our time divided by the rival's.
    pub ratio: Spread,
    /// The seconds of an operation, ours and the rival's: medians.
    pub seconds: [f64; 2],
}

impl Row {
    /// Returns `true` if the ratio is within the bound.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.ratio.median <= self.bound
    }

    /// Prints the median of the ratio and the numbers around it, and whether the median misses the bound.
    pub(crate) fn print(&self) {
        let verdict = match self.bound {
            f64::INFINITY => String::new(),
            bound if self.is_held() => format!("  at most {bound}"),
            bound => format!("  at most {bound}  MISSED"),
        };
        let what = format!("{} / {}", self.what, self.rival);
        let Spread { median, low, high } = self.ratio;
        println!("{what:58} {median:6.3}  [{low:6.3} .. {high:6.3}]{verdict}");
    }
}
