//! Numbers as people read them.

use api::Loading;

/// Bytes in powers of a thousand, as browsers and download pages count them.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be written with four digits.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 9.95 { 1 } else { 0 };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// How much of a model is here.
pub fn arrived(loading: Loading) -> String {
    format!("{} of {}", bytes(loading.read_bytes), bytes(loading.total_bytes))
}

/// A moment of a recording: `1:02.3`, `1:00:02.3`.
pub fn clock(seconds: f64) -> String {
    // What is no number is the beginning.
    let tenths = (seconds.max(0.) * 10.).round() as u64;
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let rest = format!("{:02}.{}", tenths / 10 % 60, tenths % 10);
    match hours {
        0 => format!("{minutes}:{rest}"),
        hours => format!("{hours}:{minutes:02}:{rest}"),
    }
}

/// A text as a sentence begins with it.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Time left, roughly.
pub fn left(seconds: f64) -> String {
    match seconds.ceil() as u64 {
        s @ 0..=99 => format!("{s} s left"),
        s @ 100..=5_999 => format!("{} min left", s.div_ceil(60)),
        s => format!("{} h left", s.div_ceil(3600)),
    }
}

/// A large count.
pub fn count(number: u64) -> String {
    match number as f64 {
        n if n >= 1e9 => format!("{:.1} billion", n / 1e9),
        n if n >= 1e6 => format!("{:.0} million", n / 1e6),
        n => format!("{n}"),
    }
}

/// How long ago something was, in days.
pub fn ago(now_unix_ms: u64, then_unix_ms: u64) -> String {
    const DAY_MS: u64 = 86_400_000;
    match now_unix_ms.saturating_sub(then_unix_ms) / DAY_MS {
        0 => "today".into(),
        1 => "yesterday".into(),
        days => format!("{days} days ago"),
    }
}

/// Part of a whole, in whole percent that reach 100 only at the end.
pub fn percent(part: u64, whole: u64) -> u64 {
    (u128::from(part) * 100).checked_div(whole.into()).unwrap_or(0).min(100) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_like_those_of_a_download_page() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (144_811_968, "145 MB"),
            (1_321_000_000, "1.3 GB"),
            (2_500_000_000_000, "2.5 TB"),
        ];
        for (count, want) in cases {
            assert_eq!(bytes(count), want);
        }
    }

    #[test]
    fn moments_are_read_as_clocks_are() {
        let cases =
            [(0., "0:00.0"), (62.34, "1:02.3"), (3602.96, "1:00:03.0"), (f64::NAN, "0:00.0")];
        for (seconds, want) in cases {
            assert_eq!(clock(seconds), want);
        }
    }

    #[test]
    fn sentences_begin_with_a_large_letter() {
        assert_eq!((capital("état"), capital("")), ("État".into(), String::new()));
    }

    #[test]
    fn time_left_is_rough_and_never_zero_too_early() {
        assert_eq!(left(0.2), "1 s left");
        assert_eq!(left(99.0), "99 s left");
        assert_eq!(left(100.0), "2 min left");
        assert_eq!(left(7_300.0), "3 h left");
    }

    #[test]
    fn a_part_is_the_whole_only_at_the_end() {
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(5, 0), 0);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }

    #[test]
    fn days_are_counted_back_from_now() {
        assert_eq!(ago(86_400_000 * 3, 86_400_000), "2 days ago");
        assert_eq!(ago(5, 10), "today");
        assert_eq!(count(134_515_008), "135 million");
        assert_eq!(count(1_235_814_400), "1.2 billion");
    }
}
