//! Slow clients.

use std::{
    io::{self, Write},
    time::Duration,
};

use threadwork_sync::Lock;

use super::send;

/// Takes one byte at a time, and a millisecond for each.
#[derive(Default)]
struct Slow {
    timeouts: Lock<Vec<Duration>>,
}

impl Write for &Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = threadwork_core::sleep(Duration::from_millis(1));
        Ok(bytes.len().min(1))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn note(client: &&Slow, timeout: Option<Duration>) -> io::Result<()> {
    client.timeouts.acquire().extend(timeout);
    Ok(())
}

#[test]
fn a_client_that_reads_little_by_little_has_no_more_time_than_others() {
    for milliseconds in [20, 200, 2000, 20_000] {
        let (slow, patience) = (Slow::default(), Duration::from_millis(milliseconds));
        let error = send(&slow, note, patience).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let timeouts = slow.timeouts.acquire();
        // If the time was up before the first byte, the next attempt allows more time.
        if let Some(first) = timeouts.first() {
            assert!(timeouts.len() <= milliseconds as usize, "{timeouts:?}");
            assert!(*first <= patience && timeouts.is_sorted_by(|a, b| a > b), "{timeouts:?}");
            return;
        }
    }
    panic!("no client got a byte");
}

#[test]
fn a_client_gets_all_of_a_line_piece_by_piece() {
    struct Pieces(Vec<u8>);
    impl Write for &mut Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let piece = &bytes[..bytes.len().min(7)];
            self.0.extend(piece);
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut pieces = Pieces(Vec::new());
    send(&mut pieces, |_, _| Ok(()), Duration::from_secs(60)).unwrap();
    let text = String::from_utf8(pieces.0).unwrap();
    assert_eq!(text.lines().count(), 1);
    let dump: crate::Dump = serde_json::from_str(text.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(dump.pid, std::process::id());
}
