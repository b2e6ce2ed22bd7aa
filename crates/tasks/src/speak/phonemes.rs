//! English text to the phonemes that voices read: as espeak-ng writes them for American English, with stress.
//!
//! Everything known comes from a table that `recipes/phonemes` learns from what that program prints.

mod affixes;
mod context;
mod digits;
pub(in crate::speak) mod fold;
mod letters;
mod sounds;
mod table;
mod tree;

use std::collections::HashMap;

use affixes::Affixes;
use context::{Context, Word};
use letters::Letters;
use sounds::{begins_with_vowel, linked};
use tree::Tree;

/// Marks that end a clause, and are kept.
const MARKS: &str = ";:,.!?¡¿—…\"«»“”(){}[]";
/// Letters of a word beyond which it is said in parts.
const LONGEST: usize = 64;
/// Letters of a word that can be said letter by letter.
const LONGEST_SPELLED: usize = 8;

/// How English is said.
pub struct Phonemes {
    letters: Letters,
    affixes: Affixes,
    /// Whether a word is spelled, asked as affixes are.
    spelled: Tree,
    /// Names of letters, in the order of their numbers.
    alphabet: Vec<String>,
    /// What rules get wrong: words in small letters, and as written where that makes a difference.
    words: HashMap<String, String>,
    context: Context,
}

impl Phonemes {
    /// What a table of `recipes/phonemes` says, or what is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        table::read(bytes)
    }

    /// A text as phonemes, with its marks. Words are what it reads: numbers and signs are left out.
    pub fn of(&self, text: &str) -> String {
        let mut said = String::new();
        let mut met = HashMap::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let is_mark = |c: char| MARKS.contains(c) || c == '\n';
            let end = rest.find(is_mark).unwrap_or(rest.len());
            let (clause, after) = rest.split_at(end);
            self.clause(clause, &mut met, &mut said);
            let marks = after.trim_start_matches(|c: char| is_mark(c) || c.is_whitespace());
            let (between, left) = after.split_at(after.len() - marks.len());
            push_spaced(between, &mut said);
            if clause.ends_with(char::is_whitespace) && between.is_empty() {
                said.push(' ');
            }
            rest = left;
        }
        said.trim_end().to_owned()
    }

    /// How the words between two marks are said, with the spaces around them.
    fn clause(&self, clause: &str, met: &mut HashMap<String, Word>, said: &mut String) {
        let words = self.words_of(clause, met);
        if !said.is_empty() && clause.starts_with(char::is_whitespace) && !said.ends_with(' ') {
            said.push(' ');
        }
        let ways = self.context.say(&words);
        let mut ways = ways.into_iter().peekable();
        while let Some((mut sound, joined)) = ways.next() {
            if let Some((after, _)) = ways.peek() {
                linked(&mut sound, after);
            }
            said.push_str(&sound);
            if !joined && ways.peek().is_some() {
                said.push(' ');
            }
        }
        if !words.is_empty() && clause.ends_with(char::is_whitespace) {
            said.push(' ');
        }
    }

    /// The words of a clause, and how each is said alone, which is asked for once.
    fn words_of(&self, clause: &str, met: &mut HashMap<String, Word>) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        for token in clause.split_whitespace() {
            let folded = fold::ascii(token);
            let parts = folded.split(|c: char| !c.is_ascii_alphabetic() && c != '\'');
            let parts = parts.map(|part| part.trim_matches('\'')).filter(|part| !part.is_empty());
            for part in parts {
                for part in cut(part) {
                    let known = met.get(part).cloned();
                    words.push(known.unwrap_or_else(|| {
                        let word = self.word(part);
                        met.insert(part.to_owned(), word.clone());
                        word
                    }));
                }
                words.last_mut().into_iter().for_each(|word| word.joined = true);
            }
            words.last_mut().into_iter().for_each(|word| word.joined = false);
        }
        words
    }

    fn word(&self, written: &str) -> Word {
        let small = written.to_ascii_lowercase();
        if let Some(alone) = self.words.get(written).filter(|_| small != written) {
            return Word { text: written.to_owned(), alone: alone.clone(), joined: false };
        }
        let known = self.words.get(&small).cloned();
        let alone = known.unwrap_or_else(|| self.unknown(&small));
        Word { text: small, alone, joined: false }
    }

    /// How a word is said that is in no list.
    fn unknown(&self, word: &str) -> String {
        if word.len() <= LONGEST_SPELLED && self.spelled.answer(&affixes::columns(word)) == 1 {
            return self.spell(word);
        }
        self.affixes.say(word, |rest| match self.words.get(rest) {
            Some(sound) => sound.clone(),
            None => self.letters.say(rest),
        })
    }

    /// The names of a word's letters, the last of them stressed.
    fn spell(&self, word: &str) -> String {
        let name = |number: u16| self.alphabet.get(usize::from(number).checked_sub(1)?);
        let names: Vec<&String> = letters::codes(word).into_iter().filter_map(name).collect();
        let mut said = String::new();
        for (at, name) in names.iter().enumerate() {
            let Some(next) = names.get(at + 1) else {
                said.push_str(name);
                break;
            };
            said.push_str(&name.replace('ˈ', "ˌ"));
            if name.ends_with('ɹ') && begins_with_vowel(next) == Some(true) {
                said.push('ɹ');
            }
        }
        said
    }
}

/// A word in parts, where it is very long or goes on with a capital, as in `YouTube`.
fn cut(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, pair) in bytes.windows(2).enumerate() {
        let turns = matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase());
        if turns || at + 1 - begin == LONGEST {
            parts.push(&word[begin..=at]);
            begin = at + 1;
        }
    }
    parts.push(&word[begin..]);
    parts
}

/// Marks with the spaces around them, each run of which becomes one.
fn push_spaced(marks: &str, said: &mut String) {
    for mark in marks.chars() {
        match mark.is_whitespace() {
            true if said.ends_with(' ') || said.is_empty() => {}
            true => said.push(' '),
            false => said.push(mark),
        }
    }
}
