//! The time of day as C prints it.

use jiff::Zoned;

/// The local time in the form of C's `ctime`, `Sun Aug 13 18:16:38 2006`, the day padded with a space to two places.
///
/// The time zone is that of the environment variable `TZ`, or else the system's.
/// Unlike C's, it has no newline at the end, and any number of threads may call it.
///
/// # Examples
///
/// ```
/// # use threadwork_diagnostics as diagnostics;
/// let now = diagnostics::ctime();
/// assert_eq!(now.len(), "Sun Aug 13 18:16:38 2006".len());
/// ```
#[must_use]
pub fn ctime() -> String {
    format(&Zoned::now())
}

fn format(time: &Zoned) -> String {
    // Not `%c`, which jiff prints as Unicode's root locale has it.
    time.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::format;

    #[test]
    fn the_form_is_that_of_c() {
        let time = |year, month, day| {
            format(&date(year, month, day).at(8, 6, 3, 0).to_zoned(TimeZone::UTC).expect("a time"))
        };
        assert_eq!(time(2006, 8, 13), "Sun Aug 13 08:06:03 2006");
        assert_eq!(time(2006, 8, 1), "Tue Aug  1 08:06:03 2006");
    }
}
