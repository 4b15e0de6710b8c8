//! The time of day in C's format.

use jiff::{Timestamp, Zoned};
use threadwork_sync::{Lock, internal::lock::own_lock};

use super::zone::ZONE;

/// The last second that was formatted, with its text: many threads may start and end within one second.
static LAST: Lock<(i64, String)> =
    own_lock("the time that was printed last", (i64::MIN, String::new()));

/// The local time in the format of C's `ctime`: `Sun Aug 13 18:16:38 2006`, with the day padded to two places by a space.
///
/// The time zone is taken from the environment variable `TZ`, or else from the system. One of the library's own threads looks it up, at the first call
/// and again after some minutes, because the lookup may need more stack than the calling thread has. If that thread cannot be started, the zone is UTC.
/// Unlike C's `ctime`, the text has no newline at the end, and any number of threads may call this at once.
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
    let now = Timestamp::now();
    // No thread waits for another one here: formatting the time anew takes half a microsecond.
    if let Some(last) = LAST.try_acquire()
        && last.0 == now.as_second()
    {
        return last.1.clone();
    }
    let text = format(&now.to_zoned(ZONE.get()));
    if let Some(mut last) = LAST.try_acquire() {
        *last = (now.as_second(), text.clone());
    }
    text
}

fn format(time: &Zoned) -> String {
    // Not `%c`: jiff formats that by Unicode's root locale.
    time.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::format;

    #[test]
    fn the_format_is_that_of_c() {
        let time = |year, month, day| {
            format(&date(year, month, day).at(8, 6, 3, 0).to_zoned(TimeZone::UTC).expect("a time"))
        };
        assert_eq!(time(2006, 8, 13), "Sun Aug 13 08:06:03 2006");
        assert_eq!(time(2006, 8, 1), "Tue Aug  1 08:06:03 2006");
    }
}
