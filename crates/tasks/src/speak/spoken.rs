//! English text as the words that are spoken.

mod amounts;
mod dates;
mod numbers;
mod short;

use std::collections::HashSet;

use super::phonemes::fold;

/// A text as it is spoken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// Words, and the marks `;:,.!?—…` and quotes, from which pauses are read.
    pub(crate) text: String,
    /// What cannot be said, each character once.
    pub(crate) left_out: Vec<char>,
}

const MARKS: &str = ";:,.!?¡¿—…\"«»“”";
const OPENS: &str = "([{";
const CLOSES: &str = ")]}";
/// Where a run of letters and digits has more digits than this, they are said one by one.
const MOST_DIGITS: usize = 4;

/// What is said so far.
#[derive(Default)]
struct Out {
    text: String,
    left_out: Vec<char>,
    met: HashSet<char>,
    /// Within straight quotes.
    quoted: bool,
}

/// A word of so few letters is no name of things: `was`, `this`.
const MOST_SMALL: usize = 4;
/// After these a number of four digits is a year.
const YEARS_FOLLOW: &[&str] =
    &["in", "In", "since", "Since", "by", "By", "from", "until", "till", "of"];

/// What is between two spaces: marks, what they are around, and marks.
#[derive(Clone, Copy, Default)]
struct Token<'a> {
    before: &'a str,
    core: &'a str,
    after: &'a str,
}

/// A text as it is spoken.
pub(crate) fn spoken(text: &str) -> Spoken {
    let folded = fold::ascii(text);
    let mut out = Out::default();
    for line in folded.lines() {
        let spaced = line.replace(['–', '—'], " — ");
        let line = if line.contains(['–', '—']) && !has_range(line) { &spaced } else { line };
        let tokens: Vec<Token> = line.split_whitespace().map(token).collect();
        if !tokens.is_empty() {
            out.end_line();
        }
        let mut at = 0;
        while at < tokens.len() {
            at += one(&tokens, at, &mut out).max(1);
        }
    }
    out.text.truncate(out.text.trim_end().len());
    Spoken { text: out.text, left_out: out.left_out }
}

/// A dash between two digits.
fn has_range(line: &str) -> bool {
    let mut pairs = line.match_indices(['–', '—']);
    pairs.any(|(at, dash)| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        digit(line[..at].chars().next_back()) && digit(line[at + dash.len()..].chars().next())
    })
}

fn token(text: &str) -> Token<'_> {
    let outer = |c: char| MARKS.contains(c) || OPENS.contains(c) || CLOSES.contains(c);
    let core = text.trim_start_matches(|c: char| outer(c) && c != '.');
    let core = match core.strip_prefix('.') {
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii_digit()) => {
            core.trim_start_matches(outer)
        }
        _ => core,
    };
    let before = &text[..text.len() - core.len()];
    let bare = core.trim_end_matches(outer);
    Token { before, core: bare, after: &core[bare.len()..] }
}

/// Says the token at `at`, and how many it took.
fn one(tokens: &[Token], at: usize, out: &mut Out) -> usize {
    let near = |at: usize| tokens.get(at).copied().unwrap_or_default();
    let this = near(at);
    out.marks(this.before);
    if matches!(this.core, "-" | "–") {
        out.words("—");
        return 1;
    }
    let next = if this.after.is_empty() { near(at + 1) } else { Token::default() };
    if let Some((said, took, stop)) = with_next(tokens, at) {
        let last = near(at + took - 1);
        out.words(&said);
        out.marks(if stop {
            last.after.strip_prefix('.').unwrap_or(last.after)
        } else {
            last.after
        });
        return took;
    }
    let last = at.checked_sub(1).map_or_else(Token::default, near);
    let (before, following) = (last.core, near(at + 1));
    let stop = this.after.starts_with('.');
    if let Some(said) = short::abbreviation(this.core, stop, following.core) {
        let street = this.core == "St" && begins_large(&last) && last.after.is_empty();
        out.words(if street { "Street" } else { said });
        let ends = following.core.is_empty() && following.before.is_empty();
        let kept = this.after.strip_prefix('.').filter(|_| !ends).unwrap_or(this.after);
        out.marks(kept);
        return 1;
    }
    match single(this.core, next.core, before) {
        Some(said) => out.words(&said),
        None => out.mixed(this.core),
    }
    let initials = short::initials(this.core).is_some()
        && (this.after.len() > 1 || following.core.starts_with(|c: char| c.is_ascii_lowercase()));
    let of_name = is_initial(&this)
        && begins_large(&following)
        && (before.is_empty() || is_initial(&last) || is_initial(&following));
    let dropped = stop && (initials || of_name);
    out.marks(if dropped { this.after.get(1..).unwrap_or_default() } else { this.after });
    1
}

/// `J.` of a name.
fn is_initial(token: &Token) -> bool {
    token.core.len() == 1 && begins_large(token) && token.after == "."
}

/// What takes more than one token: its words, how many, and whether the last one's full stop belongs to it.
fn with_next(tokens: &[Token], at: usize) -> Option<(String, usize, bool)> {
    let this = tokens.get(at)?;
    let next = tokens.get(at + 1).filter(|next| next.before.is_empty())?;
    if let Some(dated) = dated(tokens, at) {
        return Some(dated);
    }
    if !this.after.is_empty() {
        return None;
    }
    if let Some((said, true)) = amounts::money(this.core, next.core) {
        return Some((said, 2, false));
    }
    let goes_on = tokens.get(at + 2).is_some_and(|after| !begins_large(after));
    if let Some(said) = at_half(this.core, next.core) {
        return Some((said, 2, next.core.contains('.') && goes_on));
    }
    if let Some(said) = amounts::and_part(this.core, next.core) {
        return Some((said, 2, false));
    }
    let amount = amounts::number(this.core)?;
    let unit = amounts::unit(next.core, amounts::is_one(this.core))?;
    Some((format!("{amount} {unit}"), 2, goes_on))
}

/// An hour or a time, and the half of the day.
fn at_half(time: &str, half: &str) -> Option<String> {
    let half = dates::half(half)?;
    let hour = time.parse().ok().filter(|hour| (1..=12).contains(hour)).map(numbers::cardinal);
    let said = || dates::time(time).map(|said| said.replace(" o'clock", ""));
    Some(format!("{} {half}", hour.or_else(said)?))
}

fn begins_large(token: &Token) -> bool {
    token.core.starts_with(|c: char| c.is_ascii_uppercase())
}

/// `Nov. 24, 2026`, `24 November 2026`.
fn dated(tokens: &[Token], at: usize) -> Option<(String, usize, bool)> {
    let (this, next) = (tokens.get(at)?, tokens.get(at + 1)?);
    let year = |at: usize| {
        let token = tokens.get(at).filter(|token| token.before.is_empty())?;
        numbers::year(token.core)
    };
    let stop = matches!(this.after, "" | ".");
    let (said, after) = match (dates::month(this.core), dates::month(next.core)) {
        (Some(month), _) if stop => (format!("{month} {}", dates::day(next.core)?), next.after),
        (None, Some(month)) if this.after.is_empty() => {
            (format!("{} {month}", dates::day(this.core)?), next.after)
        }
        _ => return None,
    };
    match year(at + 2).filter(|_| matches!(after, "" | "," | ".")) {
        Some(year) => Some((format!("{said}, {year}"), 3, false)),
        None => Some((said, 2, false)),
    }
}

/// What one token says, if it is no mere word.
fn single(core: &str, next: &str, before: &str) -> Option<String> {
    if core.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let half = || {
        let (hour, half) = core.split_at_checked(core.find(|c: char| c.is_ascii_alphabetic())?)?;
        at_half(hour, half)
    };
    // A number of things is no year: `2048 pixels`, but `in 2005 users` did something.
    let things = next.len() > MOST_SMALL && next.ends_with('s') && !YEARS_FOLLOW.contains(&before);
    let counted = things && next.bytes().all(|byte| byte.is_ascii_lowercase());
    let money = || amounts::money(core, next).map(|(said, _)| said);
    let known = short::roman(core, before)
        .or_else(|| short::initials(core))
        .or_else(|| short::address(core));
    known
        .or_else(|| dates::date(core))
        .or_else(|| dates::time(core))
        .or_else(half)
        .or_else(|| amounts::telephone(core))
        .or_else(|| amounts::range(core))
        .or_else(|| amounts::fraction(core))
        .or_else(|| amounts::decade(core))
        .or_else(|| amounts::place(core))
        .or_else(money)
        .or_else(|| numbers::year(core).filter(|_| !counted))
        .or_else(|| amounts::with_unit(core))
        .or_else(|| amounts::number(core))
}

impl Out {
    /// Words after a space.
    fn words(&mut self, words: &str) {
        let glued = self.text.is_empty() || self.text.ends_with([' ', '“', '«', '¿', '¡']);
        let opened = self.text.ends_with('"') && self.quoted;
        if !glued && !opened {
            self.text.push(' ');
        }
        self.text.push_str(words);
    }

    /// Marks, of which brackets become a pause.
    fn marks(&mut self, marks: &str) {
        for mark in marks.chars() {
            let opens = "“«¿¡".contains(mark) || (mark == '"' && !self.quoted);
            self.quoted ^= mark == '"';
            match mark {
                _ if OPENS.contains(mark) || CLOSES.contains(mark) => self.pause(),
                '—' => self.words("—"),
                _ if opens => {
                    if !self.text.is_empty() && !self.text.ends_with(' ') {
                        self.text.push(' ');
                    }
                    self.text.push(mark);
                }
                _ => {
                    if ".!?;:".contains(mark) && self.text.ends_with(',') {
                        self.text.pop();
                    }
                    self.text.push(mark);
                }
            }
        }
    }

    fn pause(&mut self) {
        if self.text.ends_with(|c: char| c.is_alphanumeric()) {
            self.text.push(',');
        }
    }

    /// A line's end is a pause where no mark says so.
    fn end_line(&mut self) {
        if self.text.ends_with(|c: char| c.is_alphanumeric()) {
            self.text.push('.');
        }
    }

    /// Letters, digits and signs in any order.
    fn mixed(&mut self, core: &str) {
        let mut rest = core;
        let mut joined = false;
        while let Some(first) = rest.chars().next() {
            let letter = |c: char| c.is_ascii_alphabetic() || c == '\'';
            let end = if letter(first) {
                rest.find(|c| !letter(c)).unwrap_or(rest.len())
            } else if first.is_ascii_digit() {
                rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (part, after) = rest.split_at(end);
            self.part(part, std::mem::take(&mut joined), after);
            let next = after.chars().nth(1);
            joined = after.starts_with('-') && letter(first) && next.is_some_and(letter);
            rest = if joined { after.get(1..).unwrap_or_default() } else { after };
        }
    }

    fn part(&mut self, part: &str, joined: bool, after: &str) {
        let Some(first) = part.chars().next() else { return };
        if first.is_ascii_digit() {
            let said =
                if part.len() > MOST_DIGITS { numbers::digits(part) } else { numbers::whole(part) };
            return self.words(&said);
        }
        match first {
            _ if joined => {
                self.text.push('-');
                self.text.push_str(part);
            }
            '\'' if part.len() == 1 => {}
            _ if first.is_ascii_alphabetic() || first == '\'' => self.words(part),
            '-' | '_' | '/' if after.is_empty() => {}
            '–' => self.words("—"),
            '-' | '_' => {}
            '.' if after.starts_with(|c: char| c.is_ascii_digit()) => self.words("point"),
            '.' if !after.is_empty() => self.words("dot"),
            _ if MARKS.contains(first) => self.marks(part),
            _ if OPENS.contains(first) || CLOSES.contains(first) => self.pause(),
            '*' if after.starts_with(|c: char| c.is_ascii_digit()) => self.words("times"),
            _ => match short::sign(first) {
                Some(said) => self.words(said),
                None if is_silent(first) || !self.met.insert(first) => {}
                None => self.left_out.push(first),
            },
        }
    }
}

/// What belongs to the character before it, or is not seen.
fn is_silent(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod checked {
    /// Whether something is said so, or is none of what is asked for.
    #[track_caller]
    pub(super) fn check(got: Option<String>, want: Option<&str>) {
        assert_eq!(got.as_deref(), want);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(spoken(text), Spoken { text: want.into(), left_out: vec![] }, "{text:?}");
    }

    #[test]
    fn words_and_marks_stay() {
        check("Hello, world! Is it me?", "Hello, world! Is it me?");
        check("He said: “Go.” Then he left…", "He said: “Go.” Then he left…");
        check("\"Yes\" or \"no\".", "\"Yes\" or \"no\".");
        check("a well-known, state-of-the-art thing", "a well-known, state-of-the-art thing");
        check("It’s 'so' naïve — really", "It's 'so' naive — really");
        check("yes–no - maybe", "yes — no — maybe");
        check("one (or two) of them (all).", "one, or two, of them, all.");
        check("A title\n\n  and  a\tline", "A title. and a line");
        check("", "");
        check(" \n ", "");
    }

    #[test]
    fn numbers_become_words() {
        check("I have 54 and -5.", "I have fifty-four and minus five.");
        check(
            "It has 1,234,567 parts.",
            "It has one million two hundred thirty-four thousand five hundred sixty-seven parts.",
        );
        check("3.50 and 0.5 %", "three point five zero and zero point five percent");
        check("the 21st of 3", "the twenty-first of three");
        check(
            "in 1984, 2005 and the 1900s",
            "in nineteen eighty-four, two thousand five and the nineteen hundreds",
        );
        check("1/2 of 3-5", "one half of three to five");
        check(
            "It cost $3.50, €5 or £1.2 million.",
            "It cost three dollars and fifty cents, five euros or one point two million pounds.",
        );
        check(
            "5 km at 16 kHz and 10 °C for 2.5 MB",
            "five kilometers at sixteen kilohertz and ten degrees Celsius for two point five megabytes",
        );
        check("2+2=4, 3*4", "two plus two equals four, three times four");
        check("version 1.2.3", "version one point two point three");
    }

    #[test]
    fn dates_and_times_become_words() {
        check("On 2026-11-24.", "On November twenty-fourth, twenty twenty-six.");
        check("On Nov. 24, 2026.", "On November twenty-fourth, twenty twenty-six.");
        check("On 24 November 2026.", "On twenty-fourth November, twenty twenty-six.");
        check("On 24/11/2026", "On November twenty-fourth, twenty twenty-six");
        check(
            "At 10:30 or 7 pm, 7pm or 10:05 a.m. today.",
            "At ten thirty or seven PM, seven PM or ten oh five AM today.",
        );
        check("I may go in May.", "I may go in May.");
        check(
            "2048 pixels in 2048, 1984 was",
            "two thousand forty-eight pixels in twenty forty-eight, nineteen eighty-four was",
        );
        check("Call 555-1234.", "Call five five five, one two three four.");
    }

    #[test]
    fn short_forms_become_words() {
        check(
            "Dr. Who met Mr. and Mrs. Smith of St. Ives.",
            "Doctor Who met Mister and Missus Smith of Saint Ives.",
        );
        check(
            "Use it, e.g. here, i.e. now, etc.",
            "Use it, for example here, that is now, et cetera.",
        );
        check("No. 5 vs. no. Approx. 3", "number five versus no. Approx. three");
        check("NASA and the U.S. made GPT-2 and B2.", "NASA and the US made GPT two and B two.");
        check("Henry VIII in Chapter IV; I did.", "Henry the eighth in Chapter four; I did.");
        check("R&D: 5% and/or #7", "R and D: five percent and or number seven");
        check(
            "See https://wick.dev/a-b or me@wick.dev.",
            "See wick dot dev slash a dash b or me at wick dot dev.",
        );
        check("Open main.rs", "Open main dot rs");
        check(
            "J. K. Rowling of Main St. near here, a.m., 6 ft. 2",
            "J K Rowling of Main Street near here, AM, six feet two",
        );
        check("3 ½ cups and/or ½ cup", "three and one half cups and or one half cup");
    }

    #[test]
    fn what_cannot_be_said_is_told() {
        let want = Spoken { text: "Hi, no.".into(), left_out: vec!['🙂', '你', '好'] };
        assert_eq!(spoken("Hi 🙂, 你好你 no.").left_out, want.left_out);
        assert_eq!(spoken("a 👍🏽 b").left_out, vec!['👍']);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests run where there is a clock")]
    fn strange_texts_take_no_time() {
        for text in ["\"", "1", "a.", "-", "1/", "(", "€", "Ⅷ", "a1", "@.", "1-"] {
            let begun = std::time::Instant::now();
            for long in [text.repeat(100_000 / text.len()), format!("{text} ").repeat(33_000)] {
                spoken(&long);
            }
            assert!(begun.elapsed().as_secs() < 5, "{text:?}: {:?}", begun.elapsed());
        }
    }
}
