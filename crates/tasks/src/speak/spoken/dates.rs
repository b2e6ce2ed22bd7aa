//! Dates and times of day.

use super::numbers::{cardinal, is_digits, ordinal, whole, year};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A month by its name, or by the beginning of it that is written with a full stop.
pub(super) fn month(word: &str) -> Option<&'static str> {
    let short = word.strip_suffix('.').unwrap_or(word);
    let same = |name: &&&str| {
        **name == word || (short == "Sept" && **name == "September") || name.get(..3) == Some(short)
    };
    MONTHS.iter().find(same).copied()
}

/// A day of a month: `3`, `3rd`.
pub(super) fn day(text: &str) -> Option<String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = text.get(number.len()..).unwrap_or_default();
    let day = number.parse().ok().filter(|day| (1..=31).contains(day) && is_digits(number))?;
    matches!(ending, "" | "st" | "nd" | "rd" | "th").then(|| ordinal(day))
}

/// `2026-11-24`; `24/11/2026` and `11/24/2026` where it is clear which is the month.
pub(super) fn date(text: &str) -> Option<String> {
    let numbers = |mark: char| -> Option<[&str; 3]> {
        let parts: Vec<&str> = text.split(mark).collect();
        let all = parts.iter().all(|part| !part.is_empty() && is_digits(part));
        all.then_some(parts)?.try_into().ok()
    };
    if let Some([year, month, day]) = numbers('-') {
        return said(day, month, year);
    }
    let [first, second, year] = numbers('/').or_else(|| numbers('.'))?;
    let value = |text: &str| text.parse::<u8>().ok();
    match (value(first)?, value(second)?) {
        (13.., 1..=12) => said(first, second, year),
        (1..=12, 13..) => said(second, first, year),
        (a, b) if a == b => said(first, second, year),
        _ => None,
    }
}

fn said(day: &str, month: &str, of: &str) -> Option<String> {
    let month: usize = month.parse().ok().filter(|_| month.len() <= 2)?;
    let name = MONTHS.get(month.checked_sub(1)?)?;
    Some(format!("{name} {}, {}", self::day(day.trim_start_matches('0'))?, year(of)?))
}

/// A time of day: `10:30`.
pub(super) fn time(text: &str) -> Option<String> {
    let (hours, minutes) = text.split_once(':')?;
    let part = |text: &str, most: u64| {
        let fits = (1..=2).contains(&text.len()) && is_digits(text);
        text.parse::<u64>().ok().filter(|value| fits && *value < most)
    };
    let hour = cardinal(part(hours, 25)?);
    if let Some((minutes, seconds)) = minutes.split_once(':') {
        part(minutes, 60)?;
        part(seconds, 60)?;
        let said = |text: &str| if text.starts_with('0') { oh(text) } else { whole(text) };
        return Some(format!("{hour} {} {}", said(minutes), said(seconds)));
    }
    let minute = part(minutes, 60).filter(|_| minutes.len() == 2)?;
    Some(match minute {
        0 => format!("{hour} o'clock"),
        1..=9 => format!("{hour} {}", oh(minutes)),
        _ => format!("{hour} {}", cardinal(minute)),
    })
}

fn oh(text: &str) -> String {
    match text.trim_start_matches('0') {
        "" => "oh oh".to_owned(),
        rest => format!("oh {}", whole(rest)),
    }
}

/// `am`, `p.m.`: half of the day.
pub(super) fn half(text: &str) -> Option<&'static str> {
    match text {
        "am" | "AM" | "a.m" | "a.m." | "A.M." => Some("AM"),
        "pm" | "PM" | "p.m" | "p.m." | "P.M." => Some("PM"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::checked::check, *};

    #[test]
    fn dates_are_said() {
        check(date("2026-11-24"), Some("November twenty-fourth, twenty twenty-six"));
        check(date("24/11/2026"), Some("November twenty-fourth, twenty twenty-six"));
        check(date("11/24/2026"), Some("November twenty-fourth, twenty twenty-six"));
        check(date("03/04/2026"), None);
        check(date("2026-13-24"), None);
        check(date("2026-11-32"), None);
        check(date("2026-11"), None);
        assert_eq!(month("Nov."), Some("November"));
        assert_eq!(month("May"), Some("May"));
        assert_eq!(month("Mayor"), None);
    }

    #[test]
    fn times_are_said() {
        check(time("10:30"), Some("ten thirty"));
        check(time("9:05"), Some("nine oh five"));
        check(time("12:00"), Some("twelve o'clock"));
        check(time("1:02:30"), Some("one oh two thirty"));
        check(time("10:75"), None);
        check(time("10:3"), None);
        check(time("a:30"), None);
    }
}
