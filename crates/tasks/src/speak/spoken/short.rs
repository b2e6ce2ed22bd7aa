//! Short forms: abbreviations, Roman numerals, addresses, signs.

use super::numbers::{cardinal, ordinal, whole, year};

/// As written without a last full stop, what is said, and whether it is only short with one.
const ABBREVIATIONS: &[(&str, &str, bool)] = &[
    ("Dr", "Doctor", false),
    ("Mr", "Mister", false),
    ("Mrs", "Missus", false),
    ("Ms", "Miz", false),
    ("Prof", "Professor", false),
    ("St", "Saint", false),
    ("Jr", "Junior", false),
    ("Sr", "Senior", false),
    ("Capt", "Captain", false),
    ("Lt", "Lieutenant", false),
    ("Gen", "General", true),
    ("Col", "Colonel", true),
    ("Sgt", "Sergeant", false),
    ("Rev", "Reverend", true),
    ("Gov", "Governor", true),
    ("Sen", "Senator", true),
    ("Rep", "Representative", true),
    ("Hon", "Honorable", true),
    ("e.g", "for example", false),
    ("i.e", "that is", false),
    ("eg", "for example", true),
    ("ie", "that is", true),
    ("etc", "et cetera", false),
    ("vs", "versus", false),
    ("v", "versus", true),
    ("cf", "compare", true),
    ("al", "al", true),
    ("approx", "approximately", false),
    ("ca", "circa", true),
    ("dept", "department", true),
    ("est", "established", true),
    ("Ave", "Avenue", true),
    ("Rd", "Road", true),
    ("Blvd", "Boulevard", true),
    ("Inc", "Incorporated", true),
    ("Ltd", "Limited", false),
    ("Corp", "Corporation", true),
    ("Co", "Company", true),
    ("Fig", "Figure", true),
    ("fig", "figure", true),
    ("Vol", "Volume", true),
    ("vol", "volume", true),
    ("pp", "pages", true),
    ("p", "page", true),
    ("Ch", "Chapter", true),
    ("ch", "chapter", true),
    ("Sec", "Section", true),
    ("No", "number", true),
    ("no", "number", true),
    ("Nos", "numbers", true),
    ("Mt", "Mount", false),
    ("Ft", "Fort", true),
    ("min", "minutes", true),
    ("max", "maximum", true),
    ("Mon", "Monday", true),
    ("Tue", "Tuesday", true),
    ("Wed", "Wednesday", true),
    ("Thu", "Thursday", true),
    ("Fri", "Friday", true),
    ("Sat", "Saturday", true),
    ("Sun", "Sunday", true),
    ("w/o", "without", false),
    ("w/", "with", false),
    ("and/or", "and or", false),
    ("Ph.D", "P H D", false),
    ("PhD", "P H D", false),
    ("AM", "AM", false),
    ("PM", "PM", false),
];
/// Those that are short only before a number.
const BEFORE_NUMBERS: &[&str] =
    &["No", "no", "Nos", "p", "pp", "Fig", "fig", "Vol", "vol", "Ch", "ch", "Sec"];
/// After these a Roman numeral counts, and after these names it is a place.
const COUNTED: &[&str] = &[
    "Chapter", "chapter", "Part", "part", "Book", "book", "Act", "act", "Scene", "scene", "Volume",
    "volume", "Section", "section", "War", "Type", "type", "Phase", "phase", "Appendix", "Article",
    "Title", "Class", "Level", "Stage", "stage", "Bowl", "Apollo", "Mark",
];
const RULERS: &[&str] = &[
    "Henry",
    "Louis",
    "George",
    "Edward",
    "William",
    "Charles",
    "James",
    "Richard",
    "Elizabeth",
    "Mary",
    "Philip",
    "Frederick",
    "Napoleon",
    "Catherine",
    "Peter",
    "Ivan",
    "Alexander",
    "Nicholas",
    "Paul",
    "John",
    "Pius",
    "Benedict",
    "Gregory",
    "Leo",
    "Innocent",
    "Wilhelm",
    "Friedrich",
    "Ferdinand",
    "Francis",
    "Gustav",
    "Ramesses",
    "Xerxes",
    "Darius",
    "Cleopatra",
    "Ptolemy",
    "Otto",
    "Leopold",
    "Victor",
    "Umberto",
    "Robert",
];
const ROMAN: [(u64, &str); 9] = [
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];
/// What addresses end in that begin with no scheme.
const TOP: &[&str] = &[
    "com", "org", "net", "edu", "gov", "io", "dev", "ai", "co", "uk", "de", "fr", "eu", "info",
    "app", "me", "us", "ca",
];
/// Signs within and between words.
const SIGNS: &[(char, &str)] = &[
    ('&', "and"),
    ('%', "percent"),
    ('+', "plus"),
    ('=', "equals"),
    ('@', "at"),
    ('#', "number"),
    ('/', "slash"),
    ('\\', "backslash"),
    ('<', "less than"),
    ('>', "greater than"),
    ('×', "times"),
    ('÷', "divided by"),
    ('±', "plus or minus"),
    ('≤', "at most"),
    ('≥', "at least"),
    ('≠', "is not"),
    ('≈', "about"),
    ('~', "about"),
    ('°', "degrees"),
    ('§', "section"),
    ('→', "to"),
    ('$', "dollars"),
    ('€', "euros"),
    ('£', "pounds"),
    ('¥', "yen"),
    ('−', "minus"),
    ('½', "one half"),
    ('¼', "one quarter"),
    ('¾', "three quarters"),
    ('²', "squared"),
    ('³', "cubed"),
    ('µ', "micro"),
    ('π', "pi"),
    ('∞', "infinity"),
    ('√', "root"),
];

/// What a sign is called.
pub(super) fn sign(sign: char) -> Option<&'static str> {
    SIGNS.iter().find(|(one, _)| *one == sign).map(|(_, said)| *said)
}

/// What an abbreviation is short for: `written` has a full stop where `stop` says so.
pub(super) fn abbreviation(written: &str, stop: bool, next: &str) -> Option<&'static str> {
    let (_, said, only) = ABBREVIATIONS.iter().find(|(short, ..)| *short == written)?;
    let fits = !BEFORE_NUMBERS.contains(&written) || next.starts_with(|c: char| c.is_ascii_digit());
    (fits && (stop || !only)).then_some(said)
}

/// Letters with a full stop after each, as one word of capitals: `U.S.`.
pub(super) fn initials(written: &str) -> Option<String> {
    let mut letters = String::new();
    let mut parts = written.split('.').peekable();
    while let Some(part) = parts.next() {
        let mut characters = part.chars();
        match (characters.next(), characters.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => letters.push(letter),
            (None, _) if parts.peek().is_none() => {}
            _ => return None,
        }
    }
    (letters.len() > 1).then(|| letters.to_ascii_uppercase())
}

/// A Roman numeral after what is counted with them.
pub(super) fn roman(written: &str, before: &str) -> Option<String> {
    if COUNTED.contains(&before) {
        return value(written).map(cardinal);
    }
    let place = value(written).filter(|_| RULERS.contains(&before) && written != "I");
    let first = (written == "I" && before == "Elizabeth").then_some(1);
    place.or(first).map(|place| format!("the {}", ordinal(place)))
}

fn value(written: &str) -> Option<u64> {
    if written.is_empty() || written.len() > 8 {
        return None;
    }
    let (mut rest, mut sum) = (written, 0);
    for (worth, letters) in ROMAN {
        for _ in 0..3 {
            if let Some(left) = rest.strip_prefix(letters) {
                (rest, sum) = (left, sum + worth);
            }
        }
    }
    rest.is_empty().then_some(sum)
}

/// An address of a page or of a person, read aloud.
pub(super) fn address(written: &str) -> Option<String> {
    let bare = written.split_once("://").map(|(_, bare)| bare);
    let host = bare.unwrap_or(written).split(['/', '?', '#', ':']).next()?;
    let host = host.rsplit('@').next()?;
    let (name, top) = host.rsplit_once('.')?;
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic());
    let known = TOP.contains(&top) || written.starts_with("www.") || written.contains('@');
    let fits = letters(top) && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    (bare.is_some() || (known && fits)).then(|| read(bare.unwrap_or(written)))
}

/// An address or a name of a file, its signs by their names.
pub(super) fn read(written: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut rest = written.trim_end_matches('/');
    while let Some(first) = rest.chars().next() {
        let like = |c: char| match first.is_ascii_digit() {
            true => c.is_ascii_digit(),
            false => c.is_ascii_alphabetic() && first.is_ascii_alphabetic(),
        };
        let end = rest.find(|c| !like(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (part, after) = rest.split_at(end);
        match first {
            '.' => words.push("dot".into()),
            '-' => words.push("dash".into()),
            '_' => words.push("underscore".into()),
            ':' => words.push("colon".into()),
            '?' => words.push("question mark".into()),
            '#' => words.push("hash".into()),
            _ if first.is_ascii_digit() => words.push(year(part).unwrap_or_else(|| whole(part))),
            _ if first.is_ascii_alphabetic() => words.push(part.to_owned()),
            _ => words.extend(sign(first).map(str::to_owned)),
        }
        rest = after;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{super::checked::check, *};

    #[test]
    fn short_forms_are_said_in_full() {
        let said = |written, stop, next| abbreviation(written, stop, next).map(str::to_owned);
        check(said("Dr", true, "Who"), Some("Doctor"));
        check(said("No", true, "5"), Some("number"));
        check(said("No", true, "thanks"), None);
        check(said("Fig", false, "2"), None);
        check(initials("U.S.A."), Some("USA"));
        check(initials("U.S"), Some("US"));
        check(initials("end."), None);
    }

    #[test]
    fn roman_numerals_count_after_some_words_only() {
        check(roman("IV", "Chapter"), Some("four"));
        check(roman("VIII", "Henry"), Some("the eighth"));
        check(roman("II", "Elizabeth"), Some("the second"));
        check(roman("I", "Henry"), None);
        check(roman("XIV", "Louis"), Some("the fourteenth"));
        check(roman("IV", "my"), None);
        check(roman("MIX", "Part"), None);
    }

    #[test]
    fn addresses_are_read() {
        check(
            address("https://example.com/a_b?x=12"),
            Some("example dot com slash a underscore b question mark x equals twelve"),
        );
        check(address("www.wick.dev/"), Some("www dot wick dot dev"));
        check(address("jane.doe@mail.org"), Some("jane dot doe at mail dot org"));
        check(address("example.org"), Some("example dot org"));
        check(address("end.Then"), None);
        check(address("3.5"), None);
    }
}
