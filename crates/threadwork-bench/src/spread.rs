//! A number that differs from round to round.

/// The median of what several rounds have measured, and the two numbers around it.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Half of the rounds are below this, and half above.
    pub median: f64,
    /// The first quartile, or the least.
    pub low: f64,
    /// The third quartile, or the greatest.
    pub high: f64,
}

impl Spread {
    /// Returns the median and the quartiles.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        let [median, low, high] = [2, 1, 3].map(|quarter| values[values.len() * quarter / 4]);
        Spread { median, low, high }
    }

    /// Returns the median and the range.
    #[must_use]
    pub fn range_of(mut values: Vec<f64>) -> Spread {
        values.sort_by(f64::total_cmp);
        Spread { median: values[values.len() / 2], low: values[0], high: values[values.len() - 1] }
    }
}

/// Returns the median.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    Spread::of(values).median
}
