//! A long text in pieces that a model's window holds.

use std::ops::Range;

use api::{Failure, Task};

use crate::Kit;

/// A sentence, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Where the space before it begins: where the piece before it ends.
    pub(crate) from: usize,
    /// Where it stands in the text, without that space.
    pub(crate) at: Range<usize>,
    /// It is a part: the sentence is longer than the window.
    pub(crate) part: bool,
}

/// Characters a token spells, generously: of longer beginnings a sentence is not asked whether they
/// fit.
const CHARACTERS_A_TOKEN: usize = 8;
/// Ends of sentences that stand where a space may be missing: of scripts that write none after them.
const ENDS_ALONE: &str = "。！？｡";
const ENDS: &str = ".!?…؟۔।॥։።၊။។";
const CLOSES: &str = "\"'”’»)]}」』）】›";
/// What ends in a full stop and ends no sentence, in small letters.
const SHORT: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "e.g", "i.e", "fig", "approx", "mme",
    "mlle", "hr", "fr", "bzw", "z.b", "d.h", "u.a", "ca", "nr", "str", "sra", "srta", "dra", "ud",
    "uds", "p.ej", "capt", "lt", "rev",
];

/// The sentences of a text, in order: together, with the space before each, the text up to the space at
/// its end. What `fits` says no to is cut between two words or, where a word is too long, within it.
///
/// Fails if not even one character fits, or with what `fits` fails with. Every sentence is a turn of `kit`'s.
pub(crate) async fn pieces<T: Task>(
    kit: &Kit<T>,
    text: &str,
    most_tokens: usize,
    fits: impl Fn(&str) -> Result<bool, Failure>,
) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for sentence in sentences(text) {
        kit.turn().await?;
        pieces.extend(cut((text, sentence), from, |rest| beginning(rest, most_tokens, &fits))?);
        from = pieces.last().map_or(0, |last: &Piece| last.at.end);
    }
    Ok(pieces)
}

/// A sentence in pieces, each as long as `beginning` says of what is left.
fn cut(
    (text, sentence): (&str, Range<usize>),
    mut from: usize,
    beginning: impl Fn(&str) -> Result<usize, Failure>,
) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    let mut start = sentence.start;
    while start < sentence.end {
        let end = start + beginning(&text[start..sentence.end])?;
        let part = end < sentence.end || start > sentence.start;
        pieces.push(Piece { from, at: start..end, part });
        from = end;
        start = sentence.end - text[end..sentence.end].trim_start().len();
    }
    Ok(pieces)
}

/// Bytes of the longest beginning of a sentence that was found to fit.
fn beginning(
    sentence: &str,
    most_tokens: usize,
    fits: impl Fn(&str) -> Result<bool, Failure>,
) -> Result<usize, Failure> {
    let limit = most_tokens.saturating_mul(CHARACTERS_A_TOKEN);
    let within = sentence.char_indices().nth(limit).map_or(sentence.len(), |(at, _)| at);
    if within == sentence.len() && fits(sentence)? {
        return Ok(within);
    }
    let start = &sentence[..within];
    let spaces = start.char_indices().filter(|(at, c)| *at > 0 && c.is_whitespace());
    let words: Vec<usize> = spaces.map(|(at, _)| start[..at].trim_end().len()).collect();
    if let Some(end) = last_fitting(sentence, &words, &fits)? {
        return Ok(end);
    }
    let first = words.first().map_or(start, |end| &start[..*end]);
    let characters: Vec<usize> = first.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    last_fitting(sentence, &characters, &fits)?.ok_or_else(|| Failure::Input {
        field: "model".into(),
        reason: format!("its window of {most_tokens} tokens has no room for text"),
    })
}

/// The last of these ends up to which it fits, if there is one: what is longer takes more tokens.
fn last_fitting(
    sentence: &str,
    ends: &[usize],
    fits: impl Fn(&str) -> Result<bool, Failure>,
) -> Result<Option<usize>, Failure> {
    let (mut low, mut high) = (0, ends.len());
    while low < high {
        let middle = (low + high) / 2;
        match fits(&sentence[..ends[middle]])? {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(low.checked_sub(1).map(|last| ends[last]))
}

/// Where sentences stand, without the space around them. A line break ends one.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let after = at + character.len_utf8();
        let end = if is_break(character) {
            Some(at)
        } else if ENDS_ALONE.contains(character) || ENDS.contains(character) {
            let closed = after + closing(&text[after..]);
            ends_here(text, (start, at, closed)).then_some(closed)
        } else {
            None
        };
        if let Some(end) = end {
            push(text, start..end, &mut found);
            start = end;
            while characters.next_if(|(next, _)| *next < end).is_some() {}
        }
    }
    push(text, start..text.len(), &mut found);
    found
}

fn push(text: &str, at: Range<usize>, found: &mut Vec<Range<usize>>) {
    let sentence = &text[at.clone()];
    let start = at.end - sentence.trim_start().len();
    let end = start + sentence.trim().len();
    if start < end {
        found.push(start..end);
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Bytes of further ends, and of quotes and brackets that close, at the beginning of a text.
fn closing(text: &str) -> usize {
    let more = |c: char| ENDS.contains(c) || ENDS_ALONE.contains(c) || CLOSES.contains(c);
    text.len() - text.trim_start_matches(more).len()
}

/// Whether a sentence from `start` ends with the mark at `at`, closed at `closed`.
fn ends_here(text: &str, (start, at, closed): (usize, usize, usize)) -> bool {
    let rest = &text[closed..];
    let mark = &text[at..closed];
    if mark.chars().any(|c| ENDS_ALONE.contains(c)) {
        return true;
    }
    let next = rest.trim_start().chars().next();
    // No space after it, as in `3.5` or `example.org`; or the sentence goes on in small letters.
    if !rest.starts_with(char::is_whitespace) || next.is_some_and(char::is_lowercase) {
        return rest.is_empty();
    }
    mark != "." || !goes_on_after(&text[start..at])
}

/// Whether a full stop after this belongs to a short form, an initial, or a number that counts.
fn goes_on_after(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let mut characters = word.chars();
    let initial = characters.next().is_some_and(char::is_alphabetic)
        && characters.next().is_none()
        && before.ends_with(char::is_uppercase);
    let alone = word.len() == before.trim_start().len();
    let number = alone && !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    initial || number || SHORT.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn pieces(
        text: &str,
        most: usize,
        fits: impl Fn(&str) -> Result<bool, Failure>,
    ) -> Result<Vec<Piece>, Failure> {
        let (mut all, mut from) = (Vec::new(), 0);
        for sentence in sentences(text) {
            all.extend(cut((text, sentence), from, |rest| beginning(rest, most, &fits))?);
            from = all.last().map_or(0, |last: &Piece| last.at.end);
        }
        Ok(all)
    }

    /// Sentences of a text when so many characters fit; `/` marks what is cut.
    #[track_caller]
    fn check(text: &str, most: usize, want: &[&str]) {
        let cut = pieces(text, most, |piece| Ok(piece.chars().count() <= most)).unwrap();
        let got: Vec<_> = cut.iter().map(|piece| text[piece.at.clone()].to_owned()).collect();
        let marked = |(piece, text): (&Piece, &String)| match piece.part {
            true => format!("/{text}"),
            false => text.clone(),
        };
        let shown: Vec<_> = cut.iter().zip(&got).map(marked).collect();
        assert_eq!(shown, want);
        let mut whole = String::new();
        for piece in &cut {
            let lead = &text[piece.from..piece.at.start];
            assert!(lead.chars().all(char::is_whitespace), "{lead:?}");
            whole += &text[piece.from..piece.at.end];
        }
        assert_eq!(whole, text.trim_end());
    }

    #[test]
    fn sentences_end_where_they_end() {
        check("One. Two! Three? Four", 99, &["One.", "Two!", "Three?", "Four"]);
        check(
            "  He said: \"Go.\" Then (he left.) End…",
            99,
            &["He said: \"Go.\"", "Then (he left.)", "End…"],
        );
        check("Really?! Yes.", 99, &["Really?!", "Yes."]);
        check("你好。你是谁？我是“王”。", 99, &["你好。", "你是谁？", "我是“王”。"]);
        check("مرحبا؟ نعم. नमस्ते। हाँ।", 99, &["مرحبا؟", "نعم.", "नमस्ते।", "हाँ।"]);
        check(
            "¿Qué? ¡Hola! Le gâteau est bon ! Oui.",
            99,
            &["¿Qué?", "¡Hola!", "Le gâteau est bon !", "Oui."],
        );
    }

    #[test]
    fn full_stops_within_a_sentence_end_none() {
        check(
            "Dr. Who paid 3.50 at example.org. J. K. Rowling too.",
            99,
            &["Dr. Who paid 3.50 at example.org.", "J. K. Rowling too."],
        );
        check(
            "He waits ... and waits. Das sind z.B. Hunde. 1. First",
            99,
            &["He waits ... and waits.", "Das sind z.B. Hunde.", "1. First"],
        );
        check("I have 54. You do not.", 99, &["I have 54.", "You do not."]);
    }

    #[test]
    fn line_breaks_end_sentences_and_are_kept() {
        check(
            "a title\n\n\tone. two\r\nthree\u{2028}four\n",
            99,
            &["a title", "one. two", "three", "four"],
        );
        check("", 9, &[]);
        check(" \n \t", 9, &[]);
    }

    #[test]
    fn what_does_not_fit_is_cut_between_words_or_within_a_long_one() {
        check("aaa bbb ccc ddd. E.", 8, &["/aaa bbb", "/ccc ddd.", "E."]);
        check("aaaaaaaaaaa bb.", 4, &["/aaaa", "/aaaa", "/aaa", "/bb."]);
        check("语语语语语语语", 3, &["/语语语", "/语语语", "/语"]);
        let long = "word ".repeat(2_000);
        let cut = pieces(&long, 50, |piece| Ok(piece.split(' ').count() <= 50)).unwrap();
        assert_eq!(cut.len(), 40);
        assert!(pieces("a", 0, |_| Ok(false)).unwrap_err().to_string().contains("no room"));
    }
}
