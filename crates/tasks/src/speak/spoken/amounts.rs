//! Numbers with what they count: money, units, parts, ranges.

use super::numbers::{
    cardinal, decimal, digits, is_digits, ordinal, plural, whole, without_commas, year,
};

/// Signs of money, one and more of it, and of its hundredths.
const MONEY: &[(char, [&str; 4])] = &[
    ('$', ["dollar", "dollars", "cent", "cents"]),
    ('€', ["euro", "euros", "cent", "cents"]),
    ('£', ["pound", "pounds", "penny", "pence"]),
    ('¥', ["yen", "yen", "", ""]),
    ('₹', ["rupee", "rupees", "", ""]),
];
/// What counts by the thousand, after a number.
const LARGE: &[(&str, &str)] = &[
    ("hundred", "hundred"),
    ("thousand", "thousand"),
    ("million", "million"),
    ("billion", "billion"),
    ("trillion", "trillion"),
    ("k", "thousand"),
    ("K", "thousand"),
    ("m", "million"),
    ("M", "million"),
    ("bn", "billion"),
    ("B", "billion"),
];
/// Units: as written, one, more.
const UNITS: &[(&str, &str, &str)] = &[
    ("km", "kilometer", "kilometers"),
    ("m", "meter", "meters"),
    ("cm", "centimeter", "centimeters"),
    ("mm", "millimeter", "millimeters"),
    ("µm", "micrometer", "micrometers"),
    ("nm", "nanometer", "nanometers"),
    ("mi", "mile", "miles"),
    ("ft", "foot", "feet"),
    ("yd", "yard", "yards"),
    ("kg", "kilogram", "kilograms"),
    ("g", "gram", "grams"),
    ("mg", "milligram", "milligrams"),
    ("lb", "pound", "pounds"),
    ("lbs", "pound", "pounds"),
    ("oz", "ounce", "ounces"),
    ("l", "liter", "liters"),
    ("L", "liter", "liters"),
    ("ml", "milliliter", "milliliters"),
    ("mL", "milliliter", "milliliters"),
    ("m²", "square meter", "square meters"),
    ("m³", "cubic meter", "cubic meters"),
    ("km²", "square kilometer", "square kilometers"),
    ("°C", "degree Celsius", "degrees Celsius"),
    ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
    ("°", "degree", "degrees"),
    ("Hz", "hertz", "hertz"),
    ("kHz", "kilohertz", "kilohertz"),
    ("MHz", "megahertz", "megahertz"),
    ("GHz", "gigahertz", "gigahertz"),
    ("B", "byte", "bytes"),
    ("kB", "kilobyte", "kilobytes"),
    ("KB", "kilobyte", "kilobytes"),
    ("MB", "megabyte", "megabytes"),
    ("GB", "gigabyte", "gigabytes"),
    ("TB", "terabyte", "terabytes"),
    ("KiB", "kibibyte", "kibibytes"),
    ("MiB", "mebibyte", "mebibytes"),
    ("GiB", "gibibyte", "gibibytes"),
    ("ms", "millisecond", "milliseconds"),
    ("s", "second", "seconds"),
    ("sec", "second", "seconds"),
    ("min", "minute", "minutes"),
    ("h", "hour", "hours"),
    ("hr", "hour", "hours"),
    ("hrs", "hour", "hours"),
    ("W", "watt", "watts"),
    ("kW", "kilowatt", "kilowatts"),
    ("kWh", "kilowatt hour", "kilowatt hours"),
    ("V", "volt", "volts"),
    ("mA", "milliampere", "milliamperes"),
    ("mAh", "milliampere hour", "milliampere hours"),
    ("dB", "decibel", "decibels"),
    ("px", "pixel", "pixels"),
    ("mph", "mile per hour", "miles per hour"),
    ("fps", "frame per second", "frames per second"),
    ("%", "percent", "percent"),
    ("‰", "per mille", "per mille"),
];
/// Halves and quarters; other parts are as places.
const PARTS: &[(u64, &str, &str)] = &[(2, "half", "halves"), (4, "quarter", "quarters")];
const LARGEST_PART: u64 = 100;
/// Digits of a telephone's number, at least.
const TELEPHONE: usize = 7;

/// A number, maybe below zero.
pub(super) fn number(text: &str) -> Option<String> {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => Some(format!("minus {}", decimal(rest)?)),
        None => decimal(text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A unit after a number; `per` joins two.
pub(super) fn unit(written: &str, one: bool) -> Option<String> {
    let find = |written: &str| UNITS.iter().find(|(unit, ..)| *unit == written);
    let said = |&(_, single, several): &(&str, &str, &str)| {
        (if one { single } else { several }).to_owned()
    };
    if let Some(unit) = find(written) {
        return Some(said(unit));
    }
    let (first, per) = written.split_once('/')?;
    Some(format!("{} per {}", said(find(first)?), find(per)?.1))
}

/// Where a number ends in a text that begins with one.
pub(super) fn end_of_number(text: &str) -> usize {
    let sign = text.len() - text.trim_start_matches(['-', '−', '+']).len();
    let rest = text.get(sign..).unwrap_or_default();
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',' || c == '.');
    text.len() - number.len()
}

/// A number with its unit: `16kHz`, `0.5%`.
pub(super) fn with_unit(text: &str) -> Option<String> {
    let (amount, written) = text.split_at_checked(end_of_number(text))?;
    let one = is_one(amount);
    Some(format!("{} {}", number(amount)?, unit(written, one)?))
}

pub(super) fn is_one(amount: &str) -> bool {
    matches!(amount, "1" | "-1" | "−1")
}

/// An amount of money, and whether the next word belongs to it: `$1.2 million`.
pub(super) fn money(text: &str, next: &str) -> Option<(String, bool)> {
    let (minus, text) = text.strip_prefix(['-', '−']).map_or(("", text), |rest| ("minus ", rest));
    let text = text.strip_prefix("US").filter(|rest| rest.starts_with('$')).unwrap_or(text);
    let sign = |sign: Option<char>| MONEY.iter().find(|(one, _)| Some(*one) == sign);
    let (names, amount) = match (sign(text.chars().next()), sign(text.chars().next_back())) {
        (Some((mark, names)), _) => (names, text.strip_prefix(*mark)?),
        (None, Some((mark, names))) => (names, text.strip_suffix(*mark)?),
        (None, None) => return None,
    };
    let (digits, counted) = amount.split_at_checked(end_of_number(amount))?;
    let large =
        |written: &str| LARGE.iter().find(|(one, _)| *one == written).map(|(_, said)| *said);
    if let Some(large) = large(counted) {
        return Some((format!("{minus}{} {large} {}", decimal(digits)?, names[1]), false));
    }
    if let Some(large) = large(next).filter(|_| counted.is_empty() && next.len() > 2) {
        return Some((format!("{minus}{} {large} {}", decimal(digits)?, names[1]), true));
    }
    let said = counted.is_empty().then(|| coins(digits, *names))??;
    Some((format!("{minus}{said}"), false))
}

fn coins(digits: &str, [one, more, hundredth, hundredths]: [&str; 4]) -> Option<String> {
    let of = |text: &str| format!("{} {}", whole(text), if text == "1" { one } else { more });
    let Some((before, after)) = digits.split_once('.') else {
        return Some(of(&without_commas(digits)?));
    };
    if after.len() != 2 || !is_digits(after) || hundredth.is_empty() {
        return Some(format!("{} {more}", decimal(digits)?));
    }
    let small = match after.parse().ok()? {
        1 => format!("one {hundredth}"),
        count => format!("{} {hundredths}", cardinal(count)),
    };
    let before = without_commas(before)?;
    Some(match (before.as_str(), after) {
        (_, "00") => of(&before),
        ("0", _) => small,
        _ => format!("{} and {small}", of(&before)),
    })
}

/// `1/2`, `3/4`: parts of one.
pub(super) fn fraction(text: &str) -> Option<String> {
    let (above, below) = text.split_once('/')?;
    if above.is_empty() || !is_digits(above) || !is_digits(below) {
        return None;
    }
    let (above, below): (u64, u64) = (above.parse().ok()?, below.parse().ok()?);
    if above == 0 || above >= below || below > LARGEST_PART {
        return None;
    }
    let irregular = PARTS.iter().find(|(part, ..)| *part == below);
    let part = match (irregular, above) {
        (Some((_, one, _)), 1) => (*one).to_owned(),
        (Some((_, _, more)), _) => (*more).to_owned(),
        (None, 1) => ordinal(below),
        (None, _) => plural(&ordinal(below)),
    };
    Some(format!("{} {part}", cardinal(above)))
}

/// `3-5`, `1914–1918`, `10-20%`: from one to the other.
pub(super) fn range(text: &str) -> Option<String> {
    let (first, last) = text.split_once(['-', '–', '—'])?;
    let (last, written) = last.split_at_checked(end_of_number(last))?;
    let value = |text: &str| without_commas(text).and_then(|text| text.parse::<u64>().ok());
    let below = match (value(first), value(last)) {
        (Some(low), Some(high)) => low < high && (first.len(), last.len()) != (3, 4),
        _ => first.contains('.') && last.contains('.'),
    };
    if !below {
        return None;
    }
    let said = |text: &str| year(text).or_else(|| decimal(text));
    let both = format!("{} to {}", said(first)?, said(last)?);
    match written {
        "" => Some(both),
        written => Some(format!("{both} {}", unit(written, false)?)),
    }
}

/// Digits in groups, as of a telephone: one after the other.
pub(super) fn telephone(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.trim_start_matches('+').split('-').collect();
    let count: usize = groups.iter().map(|group| group.len()).sum();
    let fits = groups.iter().all(|group| !group.is_empty() && is_digits(group));
    let said = || groups.iter().map(|group| digits(group)).collect::<Vec<_>>().join(", ");
    (fits && groups.len() > 1 && count >= TELEPHONE).then(said)
}

/// A whole number and a part: `3 ½`.
pub(super) fn and_part(number: &str, part: &str) -> Option<String> {
    let said = match part {
        "½" => "one half",
        "¼" => "one quarter",
        "¾" => "three quarters",
        _ => return None,
    };
    Some(format!("{} and {said}", decimal(number)?))
}

/// `1980s`, `'90s`: the years of ten or a hundred.
pub(super) fn decade(text: &str) -> Option<String> {
    let digits = text.trim_start_matches('\'').strip_suffix('s')?.trim_end_matches('\'');
    match (digits.len(), is_digits(digits) && digits.ends_with('0')) {
        (4, true) => Some(plural(&year(digits)?)),
        (2, true) if digits > "10" => Some(plural(&whole(digits))),
        _ => None,
    }
}

/// `1st`, `22nd`.
pub(super) fn place(text: &str) -> Option<String> {
    let (digits, ending) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = without_commas(digits)?.parse().ok()?;
    matches!(ending, "st" | "nd" | "rd" | "th").then(|| ordinal(number))
}

#[cfg(test)]
mod tests {
    use super::{super::checked::check, *};

    #[test]
    fn money_is_said() {
        let paid = |text, next| money(text, next).map(|(said, _)| said);
        check(paid("$3.50", ""), Some("three dollars and fifty cents"));
        check(paid("$0.99", ""), Some("ninety-nine cents"));
        check(paid("€5", ""), Some("five euros"));
        check(paid("5€", ""), Some("five euros"));
        check(paid("£1", ""), Some("one pound"));
        check(paid("-$1,000", ""), Some("minus one thousand dollars"));
        check(paid("$2bn", ""), Some("two billion dollars"));
        check(paid("$", ""), None);
        check(paid("$x", ""), None);
        let million = ("one point two million pounds".to_owned(), true);
        assert_eq!(money("£1.2", "million"), Some(million));
    }

    #[test]
    fn units_are_said() {
        check(with_unit("5km"), Some("five kilometers"));
        check(with_unit("1kg"), Some("one kilogram"));
        check(with_unit("-10°C"), Some("minus ten degrees Celsius"));
        check(with_unit("0.5%"), Some("zero point five percent"));
        check(with_unit("100km/h"), Some("one hundred kilometers per hour"));
        check(with_unit("5xyz"), None);
    }

    #[test]
    fn parts_ranges_and_places_are_said() {
        check(fraction("1/2"), Some("one half"));
        check(fraction("3/4"), Some("three quarters"));
        check(fraction("2/3"), Some("two thirds"));
        check(fraction("24/7"), None);
        check(range("3-5"), Some("three to five"));
        check(range("1914–1918"), Some("nineteen fourteen to nineteen eighteen"));
        check(range("10-20%"), Some("ten to twenty percent"));
        check(range("5-3"), None);
        check(range("555-1234"), None);
        check(telephone("555-12-34"), Some("five five five, one two, three four"));
        check(telephone("5-3"), None);
        check(and_part("3", "½"), Some("three and one half"));
        check(decade("1980s"), Some("nineteen eighties"));
        check(decade("1900s"), Some("nineteen hundreds"));
        check(decade("'90s"), Some("nineties"));
        check(place("21st"), Some("twenty-first"));
        check(place("est"), None);
    }
}
