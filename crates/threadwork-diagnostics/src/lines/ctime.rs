//! The time of day as C prints it.

use jiff::{Timestamp, Zoned};
use threadwork_core::sync::{Lock, internal::own_lock};

use super::zone::ZONE;

/// The second that was printed last, and its time: threads that start and end do that many times within one.
static LAST: Lock<(i64, String)> =
    own_lock("the time that was printed last", (i64::MIN, String::new()));

/// The local time in the form of C's `ctime`, `Sun Aug 13 18:16:38 2006`, the day padded with a space to two places.
///
/// The time zone is that of the environment variable `TZ`, or else the system's. It is looked up at the first call, by a thread of the library's own,
/// since that takes more of the stack than the calling thread may have, and again after some minutes. Where there can be no such thread, it is UTC.
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
    let now = Timestamp::now();
    // Nobody waits for somebody else's time: to make it anew takes half a microsecond.
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
