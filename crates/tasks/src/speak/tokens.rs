//! Letters or phonemes to the ids that a voice reads: `vocab.json` and `tokenizer_config.json` of a VitsTokenizer.

use std::collections::HashMap;

use api::Failure;
use serde::Deserialize;

use crate::checkpoint::{no_model, parsed};

/// What a voice reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The letters of its language.
    Letters,
    /// Phonemes, as espeak-ng writes those of American English.
    Phonemes,
}

/// What each character is to a voice.
pub struct Tokens {
    ids: HashMap<char, u32>,
    /// The character that stands for nothing.
    blank: Option<char>,
    config: Config,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    language: Option<String>,
    #[serde(default = "yes")]
    add_blank: bool,
    #[serde(default = "yes")]
    normalize: bool,
    #[serde(default = "yes")]
    phonemize: bool,
    #[serde(default)]
    is_uroman: bool,
    #[serde(default)]
    pad_token: Option<String>,
}

fn yes() -> bool {
    true
}

/// As MMS and espeak call it.
const ENGLISH: [&str; 3] = ["eng", "en", "en-us"];

impl Tokens {
    /// From the two files of a voice that knows so many tokens.
    ///
    /// # Errors
    /// They are no such files, or of a kind that is not known.
    pub fn read(vocab: &[u8], config: &[u8], known: usize) -> Result<Self, Failure> {
        let vocab: HashMap<String, u32> = parsed("vocab.json", vocab)?;
        let config: Config = parsed("tokenizer_config.json", config)?;
        if let Some((name, id)) = vocab.iter().find(|(_, id)| **id as usize >= known) {
            return Err(no_model(format!(
                "vocab.json: token {id}, `{name}`, is beyond the {known} of config.json: they belong to two models"
            )));
        }
        if config.phonemize && !config.language.as_deref().is_none_or(|l| ENGLISH.contains(&l)) {
            return Err(no_model(format!(
                "it reads phonemes of \"{}\"; only those of English are known here",
                config.language.unwrap_or_default()
            )));
        }
        let one = |name: &str| {
            let mut characters = name.chars();
            characters.next().filter(|_| characters.next().is_none())
        };
        let ids: HashMap<char, u32> =
            vocab.iter().filter_map(|(name, id)| Some((one(name)?, *id))).collect();
        let blank = config.pad_token.as_deref().and_then(one);
        let blank = blank.filter(|blank| ids.get(blank) == Some(&0));
        Ok(Self { ids, blank, config })
    }

    /// What it reads.
    pub fn reads(&self) -> Reads {
        if self.config.phonemize { Reads::Phonemes } else { Reads::Letters }
    }

    /// Whether its letters are English.
    pub(crate) fn is_english(&self) -> bool {
        self.config.language.as_deref().is_some_and(|language| ENGLISH.contains(&language))
    }

    /// Whether a text must be written in Roman letters first.
    pub(crate) fn wants_roman(&self, text: &str) -> bool {
        self.config.is_uroman && !text.is_ascii()
    }

    /// What it knows of a text, and the characters that it does not know.
    pub fn known(&self, text: &str) -> (String, Vec<char>) {
        let text = match self.config.language.as_deref() {
            // Romanian, whose letters are two in Unicode.
            Some("ron") => text.replace('ț', "ţ"),
            _ => text.to_owned(),
        };
        let (mut known, mut unknown) = (String::new(), Vec::new());
        for character in text.chars() {
            for one in self.cased(character) {
                if self.ids.contains_key(&one) {
                    known.push(one);
                } else if !(one.is_whitespace() || one.is_ascii_punctuation()) {
                    unknown.push(character);
                }
            }
        }
        let spaces: Vec<&str> = known.split_whitespace().collect();
        match self.reads() {
            Reads::Phonemes => (spaces.join(" "), unknown),
            Reads::Letters => (known.trim().to_owned(), unknown),
        }
    }

    /// A character, small unless the voice knows it large.
    fn cased(&self, character: char) -> Vec<char> {
        match self.config.normalize && !self.ids.contains_key(&character) {
            true => character.to_lowercase().collect(),
            false => vec![character],
        }
    }

    /// Ids of characters that are known, with blanks around each if the voice wants them.
    pub fn ids(&self, known: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        // The reference takes the blank's own character for a token by itself, and what is between for texts.
        let texts = known.split(|character| Some(character) == self.blank);
        for (at, text) in texts.enumerate() {
            if at > 0 {
                ids.push(0);
            }
            let of_text = text.chars().filter_map(|character| self.ids.get(&character));
            for id in of_text {
                if self.config.add_blank {
                    ids.push(0);
                }
                ids.push(*id);
            }
            if self.config.add_blank && !text.is_empty() {
                ids.push(0);
            }
        }
        ids
    }
}
