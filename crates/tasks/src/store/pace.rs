use std::collections::VecDeque;

use api::store::Progress;

/// Speed is told over this time.
const WINDOW_MS: f64 = 5_000.0;
/// No speed is told from less than this.
const SHORTEST_MS: f64 = 500.0;
/// Progress is shown at most this often.
const SHOW_EVERY_MS: f64 = 100.0;

/// How fast bytes come, out of when they came.
#[derive(Default)]
pub(crate) struct Pace {
    seen: VecDeque<(f64, u64)>,
    shown_ms: Option<f64>,
}

impl Pace {
    /// Notes that `done_bytes` are done; the progress to show, when it is time to show it.
    pub(crate) fn note(
        &mut self,
        now_ms: f64,
        file: &str,
        (done_bytes, total_bytes): (u64, Option<u64>),
    ) -> Option<Progress> {
        if self.seen.back().is_some_and(|(_, bytes)| *bytes > done_bytes) {
            // A file started over: what was seen says nothing of what comes.
            self.seen.clear();
        }
        self.seen.push_back((now_ms, done_bytes));
        while self.seen.front().is_some_and(|(ms, _)| now_ms - ms > WINDOW_MS) {
            self.seen.pop_front();
        }
        let all = total_bytes == Some(done_bytes);
        if !all && self.shown_ms.is_some_and(|ms| now_ms - ms < SHOW_EVERY_MS) {
            return None;
        }
        self.shown_ms = Some(now_ms);
        let bytes_per_s = self.bytes_per_s();
        let left = total_bytes.map(|total| total.saturating_sub(done_bytes) as f64);
        let left_s = left.filter(|_| bytes_per_s > 0.0).map(|left| left / bytes_per_s);
        Some(Progress { file: file.into(), done_bytes, total_bytes, bytes_per_s, left_s })
    }

    fn bytes_per_s(&self) -> f64 {
        let ends = self.seen.front().zip(self.seen.back());
        match ends {
            Some(((from_ms, from), (to_ms, to))) if to_ms - from_ms >= SHORTEST_MS => {
                (to - from) as f64 / (to_ms - from_ms) * 1000.0
            }
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn speed_is_that_of_the_last_seconds_not_of_all_time() {
        let mut pace = Pace::default();
        let mut last = None;
        // 1000 bytes a second for 20 s, then 100 a second for 10 s.
        for second in 0..=30_u64 {
            let done = 1000 * second.min(20) + 100 * second.saturating_sub(20);
            last = pace.note(second as f64 * 1000.0, "f", (done, Some(22_000)));
        }
        let last = last.unwrap();
        assert_eq!((last.bytes_per_s, last.left_s), (100.0, Some(10.0)));
    }

    #[test]
    fn no_speed_is_told_before_there_is_one() {
        let mut pace = Pace::default();
        let first = pace.note(0.0, "f", (5, Some(10))).unwrap();
        assert_eq!((first.bytes_per_s, first.left_s), (0.0, None));
    }

    #[test]
    fn progress_is_shown_ten_times_a_second_and_at_the_end() {
        let mut pace = Pace::default();
        let shown =
            (0..=1000_u64).filter(|ms| pace.note(*ms as f64, "f", (*ms, Some(1000))).is_some());
        assert_eq!(shown.count(), 11);
        let mut pace = Pace::default();
        assert!(pace.note(0.0, "f", (0, Some(9))).is_some());
        assert!(pace.note(1.0, "f", (8, Some(9))).is_none());
        assert!(pace.note(2.0, "f", (9, Some(9))).is_some(), "the end is always shown");
    }

    #[test]
    fn a_file_that_starts_over_has_no_negative_speed() {
        let mut pace = Pace::default();
        pace.note(0.0, "f", (900, Some(1000)));
        pace.note(1000.0, "f", (0, Some(1000)));
        let later = pace.note(2000.0, "f", (100, Some(1000))).unwrap();
        assert_eq!(later.bytes_per_s, 100.0);
    }
}
