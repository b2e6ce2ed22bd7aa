//! Beginnings and endings that leave the rest of a word as it is said alone.

use std::collections::HashMap;

use super::{
    letters::{FAR, capped, codes, is_vowel, kind, vowels_before},
    sounds::phones,
    tree::Tree,
};

const LAST: usize = 8;
const FIRST: usize = 8;
const KINDS: usize = 5;
/// What the tree is asked: letters at the end and at the beginning, groups of vowels, letters, and kinds of letters at
/// the end. As in `recipes/phonemes/affixes.py`.
pub(super) const COLUMNS: usize = LAST + FIRST + 2 + KINDS;
const LONG: u16 = 15;
/// Letters of a rest, and affixes of a word.
const LEAST_REST: usize = 3;
const MOST: usize = 4;

/// How an ending is joined to an end that was not seen often.
const ANY: &str = "*";

/// How the rest is written.
#[derive(Clone, Copy)]
pub(super) enum How {
    Plain,
    /// With an `e`.
    E,
    /// Without its last letter, which is the one before it.
    Double,
    /// With `y` for `i`.
    Y,
}

/// An affix, and how the rest is written.
pub(super) enum Op {
    Ending(String, How),
    Beginning(String),
}

/// How an affix is joined: what of the rest goes, and what comes.
pub(super) struct Join {
    pub(super) gone: String,
    pub(super) comes: String,
}

/// Which affixes words have, and how they are joined.
pub(super) struct Affixes {
    pub(super) tree: Tree,
    /// Answer n of the tree is op n - 1; 0 is none.
    pub(super) ops: Vec<Op>,
    /// By the affix, and the end of the rest's sound.
    pub(super) joins: HashMap<String, HashMap<String, Join>>,
}

impl Affixes {
    /// How a word is said whose rest `say` knows.
    pub(super) fn say(&self, word: &str, say: impl Fn(&str) -> String) -> String {
        let (rest, taken) = self.split(word);
        let whole = taken.iter().rev().try_fold(say(&rest), |sound, op| self.joined(sound, op));
        whole.unwrap_or_else(|| say(word))
    }

    /// What is left of a word, and what was taken off, the first first.
    fn split(&self, word: &str) -> (String, Vec<&Op>) {
        let (mut word, mut taken) = (word.to_owned(), Vec::new());
        while taken.len() < MOST {
            let number = self.tree.answer(&columns(&word)).checked_sub(1);
            let Some(op) = number.and_then(|number| self.ops.get(number)) else { break };
            let Some(rest) = op.rest(&word) else { break };
            word = rest;
            taken.push(op);
        }
        (word, taken)
    }

    fn joined(&self, sound: String, op: &Op) -> Option<String> {
        match op {
            Op::Beginning(affix) => Some(self.joins.get(affix)?.get("")?.comes.clone() + &sound),
            Op::Ending(affix, _) => {
                let joins = self.joins.get(affix)?;
                let Join { gone, comes } = joins.get(&end_of(&sound)?).or(joins.get(ANY))?;
                Some(sound.strip_suffix(gone.as_str())?.to_owned() + comes)
            }
        }
    }
}

impl Op {
    /// The rest of a word without the affix, if it can be without. Words are of ASCII letters.
    fn rest(&self, word: &str) -> Option<String> {
        let (affix, how) = match self {
            Self::Beginning(affix) => {
                let rest = word.strip_prefix(affix.strip_suffix('-')?)?;
                return (rest.len() >= LEAST_REST).then(|| rest.to_owned());
            }
            Self::Ending(affix, how) => (affix, how),
        };
        let stem = word.strip_suffix(affix.as_str())?;
        if stem.len() < LEAST_REST - usize::from(matches!(how, How::E)) {
            return None;
        }
        match how {
            How::Plain => Some(stem.to_owned()),
            How::E => Some(format!("{stem}e")),
            How::Y => Some(format!("{}y", stem.strip_suffix('i')?)),
            How::Double => {
                let last = stem.chars().next_back().filter(|last| !"aeiouy".contains(*last))?;
                let rest = stem.strip_suffix(last)?;
                (rest.ends_with(last) && stem.len() > LEAST_REST).then(|| rest.to_owned())
            }
        }
    }
}

/// By what the way to join is chosen: the last phone without its stress, and `+` where a vowel is before it.
fn end_of(sound: &str) -> Option<String> {
    let phones = phones(sound);
    let bare = |phone: &&str| phone.trim_start_matches(['ˈ', 'ˌ']).to_owned();
    let mut last = phones.iter().rev().map(bare);
    let end = last.next()?;
    let after_vowel = last.next().is_some_and(|phone| phone.contains(is_vowel));
    Some(if after_vowel { end + "+" } else { end })
}

pub(super) fn columns(word: &str) -> Vec<u16> {
    let letters = codes(word);
    let mut columns = Vec::with_capacity(COLUMNS);
    let or_none = |letter: Option<&u16>| letter.copied().unwrap_or_default();
    let mut last = letters.iter().rev();
    columns.extend((0..LAST).map(|_| or_none(last.next())));
    columns.extend((0..FIRST).map(|n| or_none(letters.get(n))));
    let vowels = vowels_before(&letters).last().copied().unwrap_or_default();
    columns.extend([capped(vowels, FAR), capped(letters.len(), LONG)]);
    columns.extend_from_within(..KINDS);
    columns.iter_mut().skip(LAST + FIRST + 2).for_each(|letter| *letter = kind(*letter));
    columns
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[track_caller]
    fn check(word: &str, op: Op, want: Option<&str>) {
        assert_eq!(op.rest(word).as_deref(), want, "{word}");
    }

    #[test]
    fn a_rest_is_written_as_it_is_alone() {
        check("cats", Op::Ending("s".into(), How::Plain), Some("cat"));
        check("ass", Op::Ending("s".into(), How::Plain), None);
        check("used", Op::Ending("ed".into(), How::E), Some("use"));
        check("flies", Op::Ending("es".into(), How::Y), Some("fly"));
        check("stopped", Op::Ending("ed".into(), How::Double), Some("stop"));
        check("rooing", Op::Ending("ing".into(), How::Double), None);
        check("undo", Op::Beginning("un-".into()), None);
        check("undone", Op::Beginning("un-".into()), Some("done"));
    }

    #[test]
    fn a_join_looks_at_the_last_phone() {
        assert_eq!(end_of("kˈæt").unwrap(), "t+");
        assert_eq!(end_of("ˈækt").unwrap(), "t");
        assert_eq!(end_of("ɡˌoʊ").unwrap(), "oʊ");
        assert_eq!(end_of(""), None);
    }
}
