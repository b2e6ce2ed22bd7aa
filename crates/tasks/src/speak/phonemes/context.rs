//! Words that are said in another way beside other words.

use std::collections::HashMap;

use super::{
    letters::capped,
    sounds::{begins_with_vowel, is_stressed},
    tree::Tree,
};

/// What trees are asked: which words are before and after, how the next one begins, where in the clause the word is, and
/// whether its neighbours are stressed. As in `recipes/phonemes/context.py`.
pub(super) const COLUMNS: usize = 10;
const FAR: u16 = 3;
/// Numbers of what is beside a word, before those with a name.
const NOTHING: u16 = 0;
const OTHER: u16 = 1;
pub(super) const NAMED: u16 = 2;

/// The ways of a word, and which is taken.
pub(super) struct Ways {
    pub(super) ways: Vec<Way>,
    pub(super) tree: Tree,
}

/// A way to say a word.
pub(super) struct Way {
    pub(super) sound: String,
    /// Without a pause before the next word.
    pub(super) joined: bool,
}

/// What words do beside others.
pub(super) struct Context {
    /// Numbers of words that trees know by name.
    pub(super) names: HashMap<String, u16>,
    pub(super) words: HashMap<String, Ways>,
}

/// A word of a clause.
#[derive(Clone, Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// How it is said alone.
    pub(super) alone: String,
    /// It is said together with the next, as within `well-known`.
    pub(super) joined: bool,
}

impl Context {
    /// How each word of a clause is said, and whether it is joined to the next.
    pub(super) fn say(&self, clause: &[Word]) -> Vec<(String, bool)> {
        let number = |word: &Word| self.names.get(&word.text).copied().unwrap_or(OTHER);
        let names: Vec<u16> = clause.iter().map(number).collect();
        let said = clause.iter().enumerate().map(|(at, word)| {
            let Some(ways) = self.words.get(&word.text) else {
                return (word.alone.clone(), word.joined);
            };
            let answer = ways.tree.answer(&columns(&names, clause, at));
            let way = ways.ways.get(answer);
            let sound = way.map_or(&word.alone, |way| &way.sound);
            let joined = way.is_some_and(|way| way.joined && at + 1 < clause.len());
            (sound.clone(), word.joined || joined)
        });
        said.collect()
    }
}

fn columns(names: &[u16], clause: &[Word], at: usize) -> [u16; COLUMNS] {
    let name = |on: isize| {
        let there = at.checked_add_signed(on).and_then(|at| names.get(at));
        there.copied().unwrap_or(NOTHING)
    };
    let alone = |on: isize| {
        let there = at.checked_add_signed(on).and_then(|at| clause.get(at));
        there.map(|word| word.alone.as_str())
    };
    let stressed = |on| alone(on).map_or(0, |sound| 1 + u16::from(is_stressed(sound)));
    let begins = begins_with_vowel(alone(1).unwrap_or_default());
    [
        name(-1),
        name(-2),
        name(-3),
        name(1),
        name(2),
        begins.map_or(0, |vowel| 1 + u16::from(vowel)),
        capped(names.len() - 1 - at, FAR),
        capped(at, FAR),
        stressed(1),
        stressed(-1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_knows_what_is_around_it() {
        let word = |alone: &str| Word { alone: alone.into(), ..Word::default() };
        let clause = ["ðə", "kˈæt", "ˈiːts", "ɪt"].map(word);
        let names = [7, 1, 1, 9];
        let check = |at, want: [u16; COLUMNS]| assert_eq!(columns(&names, &clause, at), want);
        check(0, [0, 0, 0, 1, 1, 1, 3, 0, 2, 0]);
        check(1, [7, 0, 0, 1, 9, 2, 2, 1, 2, 1]);
        check(3, [1, 1, 7, 0, 0, 0, 0, 3, 0, 2]);
    }
}
