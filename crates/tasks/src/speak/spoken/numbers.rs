//! Numbers as they are spoken.

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const THOUSANDS: [&str; 6] = ["", " thousand", " million", " billion", " trillion", " quadrillion"];
/// Digits of a number beyond which it is said digit by digit.
const MOST_DIGITS: usize = 16;
/// Ordinals that are not the number with `th`.
const ORDINALS: &[(&str, &str)] = &[
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
];

/// A whole number.
pub(super) fn cardinal(number: u64) -> String {
    if number == 0 {
        return name(&ONES, 0).to_owned();
    }
    let mut groups = Vec::new();
    let (mut rest, mut power) = (number, 0);
    while rest > 0 {
        if rest % 1000 > 0 {
            groups.push(below_thousand(rest % 1000) + THOUSANDS.get(power).unwrap_or(&""));
        }
        rest /= 1000;
        power += 1;
    }
    groups.reverse();
    groups.join(" ")
}

fn name(names: &[&'static str], at: u64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

fn below_thousand(number: u64) -> String {
    let rest = number % 100;
    let tens = match (rest, rest % 10) {
        (0, _) => String::new(),
        (1..=19, _) => name(&ONES, rest).to_owned(),
        (_, 0) => name(&TENS, rest / 10).to_owned(),
        (_, one) => format!("{}-{}", name(&TENS, rest / 10), name(&ONES, one)),
    };
    match (number / 100, tens.is_empty()) {
        (0, _) => tens,
        (hundreds, true) => format!("{} hundred", name(&ONES, hundreds)),
        (hundreds, false) => format!("{} hundred {tens}", name(&ONES, hundreds)),
    }
}

/// The number of a place: `21` is `twenty-first`.
pub(super) fn ordinal(number: u64) -> String {
    let words = cardinal(number);
    let at = words.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (before, last) = words.split_at(at);
    if let Some((_, irregular)) = ORDINALS.iter().find(|(one, _)| *one == last) {
        return format!("{before}{irregular}");
    }
    match last.strip_suffix('y') {
        Some(stem) => format!("{before}{stem}ieth"),
        None => format!("{before}{last}th"),
    }
}

/// Digits one after the other.
pub(super) fn digits(text: &str) -> String {
    let digits = text.chars().filter_map(|digit| digit.to_digit(10));
    let words: Vec<&str> = digits.map(|digit| name(&ONES, u64::from(digit))).collect();
    words.join(" ")
}

/// Digits as a number; those that begin with a zero, or are too many, one after the other.
pub(super) fn whole(text: &str) -> String {
    let long = text.len() > MOST_DIGITS || (text.len() > 1 && text.starts_with('0'));
    match text.parse() {
        Ok(number) if !long => cardinal(number),
        _ => digits(text),
    }
}

/// Digits with or without thousands separators, and what is behind a point.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (before, after) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
    let before = if before.is_empty() { "0".to_owned() } else { without_commas(before)? };
    match after {
        None => Some(whole(&before)),
        Some(after) if !after.is_empty() && is_digits(after) => {
            Some(format!("{} point {}", whole(&before), digits(after)))
        }
        Some(_) => None,
    }
}

/// `1,234,567` without its commas, if they stand where they should.
pub(super) fn without_commas(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next().filter(|first| !first.is_empty() && is_digits(first))?;
    let mut all = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 || !is_digits(group) {
            return None;
        }
        all += group;
    }
    Some(all)
}

pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A year, if it is one that is said in two halves or as such.
pub(super) fn year(text: &str) -> Option<String> {
    let number: u64 = text.parse().ok().filter(|_| text.len() == 4 && is_digits(text))?;
    let (century, rest) = (number / 100, number % 100);
    Some(match (number, rest) {
        (1000 | 2000..=2009, _) => cardinal(number),
        (1100..=1999 | 2100..=2199, 0) => format!("{} hundred", cardinal(century)),
        (1001..=2099, 1..=9) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        (1001..=2199, _) => format!("{} {}", cardinal(century), cardinal(rest)),
        _ => return None,
    })
}

/// More of the last word: `twenty` to `twenties`, `hundred` to `hundreds`.
pub(super) fn plural(words: &str) -> String {
    match words.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if words.ends_with('x') => format!("{words}es"),
        None => format!("{words}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(got: Option<String>, want: &str) {
        assert_eq!(got.as_deref(), Some(want));
    }

    #[test]
    fn numbers_are_said() {
        check(Some(cardinal(0)), "zero");
        check(Some(cardinal(100)), "one hundred");
        check(
            Some(cardinal(1_234_567)),
            "one million two hundred thirty-four thousand five hundred sixty-seven",
        );
        check(Some(cardinal(1_000_000_000_000_000)), "one quadrillion");
        check(Some(whole("007")), "zero zero seven");
        check(Some(whole("12345678901234567")), &digits("12345678901234567"));
        check(decimal("1,234.50"), "one thousand two hundred thirty-four point five zero");
        check(decimal(".5"), "zero point five");
        assert_eq!(decimal("1,23"), None);
        assert_eq!(decimal("1.2.3"), None);
    }

    #[test]
    fn places_and_years_have_their_own_words() {
        check(Some(ordinal(1)), "first");
        check(Some(ordinal(20)), "twentieth");
        check(Some(ordinal(42)), "forty-second");
        check(Some(ordinal(100)), "one hundredth");
        check(year("1984"), "nineteen eighty-four");
        check(year("1905"), "nineteen oh five");
        check(year("2005"), "two thousand five");
        check(year("2026"), "twenty twenty-six");
        check(year("1900"), "nineteen hundred");
        assert_eq!(year("0300"), None);
    }
}
