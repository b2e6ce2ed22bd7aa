//! The table that `recipes/phonemes` writes: a line for each thing, whose first word says what it is.

use std::collections::HashMap;

use super::{
    Phonemes,
    affixes::{self, Affixes, How, Join, Op},
    context::{self, Context, NAMED, Way, Ways},
    digits::Digits,
    letters::{self, ALPHABET, Chunk, LETTERS, Letter, Letters},
    tree::Tree,
};

const TITLE: &str = "wick phonemes 1";
/// Stands for nothing, where something has to stand.
const NOTHING: &str = "-";
/// Bytes of a sound, and of a whole word: what is said of a text is not much longer than the text.
const LONGEST: usize = 64;
const LONGEST_WORD: usize = 256;
/// After a way that is said together with the next word.
const JOINED: char = '+';

/// What was read so far.
#[derive(Default)]
struct Table {
    phones: Vec<String>,
    chunks: Vec<Chunk>,
    letters: Vec<Letter>,
    ops: Vec<Op>,
    joins: HashMap<String, HashMap<String, Join>>,
    affixes: Option<Tree>,
    spelled: Option<Tree>,
    names_of_letters: Vec<String>,
    words: HashMap<String, String>,
    names: HashMap<String, u16>,
    ways: HashMap<String, Ways>,
}

/// The table, or what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Phonemes, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "phonemes: it is not text".to_owned())?;
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return Err(format!("phonemes: the first line is not {TITLE:?}"));
    }
    let mut table = Table::default();
    for (at, line) in lines.enumerate() {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        table.line(kind, rest).map_err(|e| format!("phonemes: line {}: {kind}: {e}", at + 2))?;
    }
    table.done().map_err(|e| format!("phonemes: {e}"))
}

impl Table {
    fn line(&mut self, kind: &str, rest: &str) -> Result<(), String> {
        match kind {
            "=" => self.word(rest)?,
            "phones" => self.phones = sounds(rest)?,
            "chunks" => {
                self.chunks = sounds(rest)?.iter().map(|text| Chunk::of(or_none(text))).collect();
            }
            "letter" => self.letter(rest)?,
            "op" => self.ops.push(op(rest)?),
            "join" => self.join(rest)?,
            "affixes" => {
                self.affixes = Some(Tree::from_text(rest, affixes::COLUMNS, self.ops.len() + 1)?);
            }
            "spelled" => self.spelled = Some(Tree::from_text(rest, affixes::COLUMNS, 2)?),
            "alphabet" => self.names_of_letters = sounds(rest)?,
            "names" => self.names(rest)?,
            "ways" => self.ways(rest)?,
            _ => return Err("there is no such kind".into()),
        }
        Ok(())
    }

    /// A word, and its phones as numbers.
    fn word(&mut self, rest: &str) -> Result<(), String> {
        let [word, sound] = parts(rest)?;
        let mut digits = Digits::of(sound);
        let mut said = String::new();
        while !digits.is_empty() {
            let phone = self.phones.get(digits.number()?).ok_or("a phone is not in the list")?;
            said.push_str(phone);
        }
        if said.len() > LONGEST_WORD {
            return Err("the word is too long".into());
        }
        self.words.insert(word.to_owned(), said);
        Ok(())
    }

    /// Which chunks a letter makes, and its tree.
    fn letter(&mut self, rest: &str) -> Result<(), String> {
        let [letter, made, tree] = parts(rest)?;
        if ALPHABET.get(self.letters.len()..=self.letters.len()) != Some(letter) {
            return Err("it is not the next of the alphabet".into());
        }
        let mut digits = Digits::of(made);
        let mut numbers = Vec::new();
        while !digits.is_empty() {
            let number = digits.number()?;
            let fits = u16::try_from(number).ok().filter(|_| number < self.chunks.len());
            numbers.push(fits.ok_or("a chunk is not in the list")?);
        }
        let tree = Tree::from_text(tree, letters::COLUMNS, numbers.len())?;
        self.letters.push(Letter { made: numbers, tree });
        Ok(())
    }

    fn join(&mut self, rest: &str) -> Result<(), String> {
        let [affix, end, gone, comes] = parts(rest)?;
        short([gone, comes])?;
        let join = Join { gone: or_none(gone).to_owned(), comes: or_none(comes).to_owned() };
        self.joins.entry(affix.to_owned()).or_default().insert(or_none(end).to_owned(), join);
        Ok(())
    }

    fn names(&mut self, rest: &str) -> Result<(), String> {
        for (name, number) in rest.split(' ').zip(usize::from(NAMED)..) {
            let number = u16::try_from(number).map_err(|_| "there are too many")?;
            self.names.insert(name.to_owned(), number);
        }
        Ok(())
    }

    /// A word, its ways between commas, and its tree.
    fn ways(&mut self, rest: &str) -> Result<(), String> {
        let [word, ways, tree] = parts(rest)?;
        let way = |text: &str| match text.strip_suffix(JOINED) {
            Some(sound) => Way { sound: sound.to_owned(), joined: true },
            None => Way { sound: text.to_owned(), joined: false },
        };
        short(ways.split(','))?;
        let ways: Vec<Way> = ways.split(',').map(way).collect();
        let tree = Tree::from_text(tree, context::COLUMNS, ways.len())?;
        self.ways.insert(word.to_owned(), Ways { ways, tree });
        Ok(())
    }

    fn done(self) -> Result<Phonemes, String> {
        let missing = |what: &str| format!("{what} are missing");
        if self.letters.len() != LETTERS || self.names_of_letters.len() != LETTERS {
            return Err(format!("not every one of {LETTERS} letters has a tree and a name"));
        }
        let tree = self.affixes.ok_or_else(|| missing("affixes"))?;
        Ok(Phonemes {
            letters: Letters { chunks: self.chunks, letters: self.letters },
            affixes: Affixes { tree, ops: self.ops, joins: self.joins },
            spelled: self.spelled.ok_or_else(|| missing("words that are spelled"))?,
            alphabet: self.names_of_letters,
            words: self.words,
            context: Context { names: self.names, words: self.ways },
        })
    }
}

fn op(rest: &str) -> Result<Op, String> {
    let [affix, how] = parts(rest)?;
    let how = match how {
        "plain" => How::Plain,
        "e" => How::E,
        "double" => How::Double,
        "y" => How::Y,
        _ => return Err(format!("{how:?} is no way to write a rest")),
    };
    if affix.trim_matches('-').is_empty() {
        return Err("an affix has no letters".into());
    }
    Ok(match affix.ends_with('-') {
        true => Op::Beginning(affix.to_owned()),
        false => Op::Ending(affix.to_owned(), how),
    })
}

/// Sounds between spaces.
fn sounds(rest: &str) -> Result<Vec<String>, String> {
    short(rest.split(' '))?;
    Ok(rest.split(' ').map(str::to_owned).collect())
}

/// Fails if one of them is too long.
fn short<'a>(sounds: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    match sounds.into_iter().any(|sound| sound.len() > LONGEST) {
        true => Err(format!("a sound has more than {LONGEST} bytes")),
        false => Ok(()),
    }
}

fn or_none(text: &str) -> &str {
    if text == NOTHING { "" } else { text }
}

/// So many words with one space between them.
fn parts<const N: usize>(rest: &str) -> Result<[&str; N], String> {
    let parts: Vec<&str> = rest.split(' ').collect();
    let count = parts.len();
    parts.try_into().map_err(|_| format!("{count} words instead of {N}"))
}
