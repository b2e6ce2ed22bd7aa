//! Text to token ids and back, as the checkpoint's own tokenizer does it.
//!
//! A vocabulary has ordinary words, which merging finds, and added tokens, which are looked for in
//! the text as it stands. Control tokens steer the model.
//!
//! Invariant: a person's text never becomes a control token. Added tokens that look like markup are
//! looked for in what a template wrote and nowhere else, and merging does not know them.

mod added;
mod charsmap;
mod fallback;
mod gguf;
mod json;
mod merges;
mod pipeline;
mod pre;
mod spelling;
mod spm;
mod unigram;

use std::collections::BTreeMap;

use ahash::AHashMap as HashMap;
use api::Failure;
use models::Metadata;

pub(crate) use self::spm::SentencePiece;
use self::{
    added::{Added, Finder, Part, Reach, Room},
    charsmap::Charsmap,
    merges::Merges,
    pipeline::{Pipeline, Place},
    spelling::{SPACE, Spelling},
    unigram::Unigram,
};

/// A piece of a text, by who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Written by the chat template: may spell control tokens.
    Template(&'t str),
    /// Written by a person or a model: never spells one.
    Person(&'t str),
}

/// Tokens a chat template asks for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `bos_token`.
    Begin,
    /// `eos_token`.
    End,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    /// Stands for text the vocabulary lacks.
    Unknown,
    /// Steers the model; not part of the text.
    Control,
    /// Text that is found before merging.
    User,
    Unused,
    /// A single byte, spelled `<0x0A>`.
    Byte,
}

#[derive(Clone, Debug)]
struct Word {
    text: String,
    kind: Kind,
    room: Room,
}

/// How the text between added tokens becomes ids.
#[derive(Debug)]
enum Model {
    Pipeline(Box<Pipeline>),
    Sentence(Sentence, Pieces),
}

#[derive(Debug)]
enum Pieces {
    Merges(Merges),
    Unigram(Unigram),
}

/// What SentencePiece does to a text before it cuts it.
#[derive(Debug)]
struct Sentence {
    charsmap: Option<Charsmap>,
    prefix: Prefix,
    spaces: Spaces,
}

/// Whether a text gets a space in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Space,
    Nothing,
}

/// What becomes of runs of spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spaces {
    Kept,
    Squeezed,
}

/// What reading a checkpoint gives.
struct Parts {
    words: HashMap<u32, Word>,
    spelling: Spelling,
    model: Model,
    begin: Option<u32>,
    bos: Option<u32>,
    ends: Vec<u32>,
}

/// Text to token ids and back.
#[derive(Debug)]
pub struct Tokenizer {
    words: HashMap<u32, Word>,
    ids: HashMap<String, u32>,
    size: usize,
    spelling: Spelling,
    model: Model,
    /// Tokens only a template may spell.
    markup: Finder,
    /// Added tokens that are ordinary text.
    user: Finder,
    /// Texts of `markup`, in the order of their ids.
    controls: Vec<String>,
    begin: Option<u32>,
    bos: Option<u32>,
    ends: Vec<u32>,
}

impl Tokenizer {
    /// The tokenizer a GGUF file carries. [`Failure::Input`] names the key that is wrong.
    pub fn from_gguf(metadata: &Metadata) -> Result<Self, Failure> {
        gguf::read(metadata).map(Self::of)
    }

    /// The tokenizer of a `tokenizer.json`, with the `tokenizer_config.json` beside it if there is one.
    pub fn from_json(
        tokenizer_json: &[u8],
        tokenizer_config_json: Option<&[u8]>,
    ) -> Result<Self, Failure> {
        json::read(tokenizer_json, tokenizer_config_json).map(Self::of)
    }

    fn of(parts: Parts) -> Self {
        let Parts { words, spelling, model, begin, bos, ends } = parts;
        let mut ids = HashMap::with_capacity(words.len());
        for (&id, word) in &words {
            let entry = ids.entry(word.text.clone()).or_insert(id);
            *entry = id.min(*entry);
        }
        let added = |wanted: fn(&Word) -> bool| {
            let wanted = words.iter().filter(move |(_, word)| wanted(word));
            Finder::new(wanted.map(|(&id, word)| Added {
                id,
                text: word.text.clone(),
                room: word.room,
            }))
        };
        let (markup, user) =
            (added(Word::is_markup), added(|word| word.kind == Kind::User && !word.is_markup()));
        let marked = words.iter().filter(|(_, word)| word.is_markup());
        let controls: BTreeMap<u32, String> =
            marked.map(|(&id, word)| (id, word.text.clone())).collect();
        let controls = controls.into_values().collect();
        let size = words.keys().max().map_or(0, |&id| id as usize + 1);
        Self { ids, size, markup, user, controls, words, spelling, model, begin, bos, ends }
    }

    /// Ids of a text. Neighbouring pieces are one text, cut only at added tokens.
    pub fn encode(&self, pieces: &[Piece<'_>]) -> Result<Vec<u32>, Failure> {
        let mut ids = Vec::new();
        let mut place = Place::First;
        for part in added::cut(pieces, &self.markup, &self.user) {
            match part {
                Part::Id(id) => ids.push(id),
                Part::Text(text) => self.model.encode(&text, place, &mut ids)?,
            }
            place = Place::Later;
        }
        Ok(ids)
    }

    /// The id of a token spelled as in the vocabulary.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// Whether an id steers the model and adds no text.
    pub fn is_control(&self, id: u32) -> bool {
        self.words.get(&id).is_some_and(|word| word.kind == Kind::Control)
    }

    /// The bytes an id adds in the middle of an answer, perhaps part of a character. `None` if the id
    /// adds no text, or is not in the vocabulary.
    pub fn bytes(&self, id: u32) -> Option<Vec<u8>> {
        self.spelling.bytes(self.words.get(&id)?)
    }

    /// The token to put in front of a prompt whose template has not written it.
    pub fn begin(&self) -> Option<u32> {
        self.begin
    }

    /// Tokens that end an answer.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Texts that only a template may spell.
    pub fn controls(&self) -> &[String] {
        &self.controls
    }

    /// One more than the largest id.
    pub fn vocab_size(&self) -> usize {
        self.size
    }

    /// The text of a token that chat templates call by name.
    pub fn special(&self, name: Special) -> Option<&str> {
        let id = match name {
            Special::Begin => self.bos?,
            Special::End => *self.ends.first()?,
        };
        self.words.get(&id).map(|word| word.text.as_str())
    }
}

impl Word {
    fn new(text: impl Into<String>, kind: Kind) -> Self {
        Self { text: text.into(), kind, room: Room::default() }
    }

    /// Merging may make it.
    fn is_ordinary(&self) -> bool {
        match self.kind {
            Kind::Normal => true,
            Kind::User => !self.is_markup(),
            Kind::Unknown | Kind::Control | Kind::Unused | Kind::Byte => false,
        }
    }

    /// Only a template may spell it: control tokens, and text in angle or square brackets.
    fn is_markup(&self) -> bool {
        let bracketed = |open, close| {
            self.text.len() > 2 && self.text.starts_with(open) && self.text.ends_with(close)
        };
        match self.kind {
            Kind::Control | Kind::Unknown => true,
            Kind::User => bracketed('<', '>') || bracketed('[', ']'),
            Kind::Normal | Kind::Unused | Kind::Byte => false,
        }
    }
}

impl Model {
    fn encode(&self, text: &str, place: Place, ids: &mut Vec<u32>) -> Result<(), Failure> {
        match self {
            Self::Pipeline(pipeline) => pipeline.encode(text, place, ids),
            Self::Sentence(sentence, pieces) => {
                let text = sentence.spell(text);
                match pieces {
                    Pieces::Merges(merges) => merges.encode(&text, ids),
                    Pieces::Unigram(unigram) => unigram.encode(&text, ids),
                }
                Ok(())
            }
        }
    }
}

impl Sentence {
    fn spell(&self, text: &str) -> String {
        let mut text =
            self.charsmap.as_ref().map_or_else(|| text.to_owned(), |map| map.apply(text));
        if self.spaces == Spaces::Squeezed {
            text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        }
        if self.prefix == Prefix::Space && !text.is_empty() {
            text.insert(0, ' ');
        }
        text.replace(' ', SPACE.encode_utf8(&mut [0; 4]))
    }
}

/// Names of tokens that end a turn in the templates of well-known models.
// From llama.cpp's `src/llama-vocab.cpp`, where it collects `special_eog_ids`.
const ENDS: &[&str] = &[
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|return|>",
    "<|call|>",
    "<EOT>",
    "< EOT >",
    "_<EOT>",
    "<｜end▁of▁sentence｜>",
];

/// Every end of an answer: the named ones first, then the well-known ones. All become control tokens.
fn ends(words: &mut HashMap<u32, Word>, named: Vec<u32>) -> Vec<u32> {
    let mut ends = named;
    let mut known: Vec<u32> = words
        .iter()
        .filter(|(_, word)| ENDS.contains(&word.text.as_str()))
        .map(|(&id, _)| id)
        .collect();
    known.sort_unstable();
    for id in known {
        if !ends.contains(&id) {
            ends.push(id);
        }
    }
    for id in &ends {
        if let Some(word) = words.get_mut(id) {
            word.kind = Kind::Control;
        }
    }
    ends
}
