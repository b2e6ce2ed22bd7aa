//! Text to the ids an encoder-decoder reads, and its answers back to text.
//!
//! A `tokenizer.json` is read by the `tokenizers` crate; Marian's checkpoints come with SentencePiece
//! models and a `vocab.json` instead.
//!
//! Invariant: no text becomes a token that steers the model.

use std::collections::{HashMap, HashSet};

use api::Failure;
use tokenizers::Tokenizer;

use crate::{checkpoint::parsed, tokenizer::SentencePiece};

const JSON: &str = "tokenizer.json";
const VOCAB: &str = "vocab.json";
/// Marian's.
const END: &str = "</s>";
const UNKNOWN: &str = "<unk>";
const PADDING: &str = "<pad>";

/// Text to ids, and back.
pub struct Text(Kind);

enum Kind {
    Library(Library),
    Marian(Box<Marian>),
}

struct Library {
    tokenizer: Box<Tokenizer>,
    /// Tokens that steer the model, but the one for what is unknown.
    special: HashSet<u32>,
}

struct Marian {
    source: SentencePiece,
    ids: HashMap<String, u32>,
    words: HashMap<u32, String>,
    end: u32,
    unknown: u32,
}

impl Text {
    /// What `tokenizer.json` says. Cuts and padding that it asks for are not done.
    pub fn from_json(body: &[u8]) -> Result<Self, Failure> {
        let wrong = |error: tokenizers::Error| damaged(JSON, error.to_string());
        let mut tokenizer = Tokenizer::from_bytes(body).map_err(wrong)?;
        tokenizer.with_truncation(None).map_err(wrong)?;
        tokenizer.with_padding(None);
        tokenizer.set_encode_special_tokens(true);
        let added = tokenizer.get_added_tokens_decoder().into_iter();
        let special = added.filter(|(_, token)| token.special && token.content != UNKNOWN);
        let special = special.map(|(id, _)| id).collect();
        Ok(Self(Kind::Library(Library { tokenizer: Box::new(tokenizer), special })))
    }

    /// What Marian's checkpoints bring: `source.spm`, and the `vocab.json` of both languages. Answers
    /// are spelled by the vocabulary alone, so `target.spm` is not asked for.
    pub fn from_marian(source_spm: &[u8], vocab: &[u8]) -> Result<Self, Failure> {
        let source = SentencePiece::read(source_spm).map_err(|why| damaged("source.spm", why))?;
        let ids: HashMap<String, u32> = parsed(VOCAB, vocab)?;
        let id = |token: &str| {
            let lacks = || damaged(VOCAB, format!("`{token}` is not there"));
            ids.get(token).copied().ok_or_else(lacks)
        };
        let (end, unknown) = (id(END)?, id(UNKNOWN)?);
        let words = ids.iter().map(|(word, id)| (*id, word.clone())).collect();
        Ok(Self(Kind::Marian(Box::new(Marian { source, ids, words, end, unknown }))))
    }

    /// Ids of a text alone, without what the model expects before and after it. A task that names a
    /// language puts its code there.
    pub fn plain(&self, text: &str) -> Result<Vec<u32>, Failure> {
        self.encode(text, Around::Nothing)
    }

    /// Ids of a text with what the checkpoint puts before and after it.
    pub fn whole(&self, text: &str) -> Result<Vec<u32>, Failure> {
        self.encode(text, Around::TheModelsOwn)
    }

    fn encode(&self, text: &str, around: Around) -> Result<Vec<u32>, Failure> {
        let own = around == Around::TheModelsOwn;
        match &self.0 {
            Kind::Library(library) => {
                let encoded = library.tokenizer.encode_fast(text, own);
                let encoded = encoded.map_err(|error| damaged(JSON, error.to_string()))?;
                let ids = encoded.get_ids().iter().zip(encoded.get_special_tokens_mask());
                Ok(ids.flat_map(|(id, own)| library.spelled_out(*id, *own == 1)).collect())
            }
            Kind::Marian(marian) => {
                let pieces = marian.source.pieces(text).into_iter();
                let id = |piece: String| match marian.ids.get(&piece) {
                    Some(id) if !is_special(&piece) => *id,
                    _ => marian.unknown,
                };
                Ok(pieces.map(id).chain(own.then_some(marian.end)).collect())
            }
        }
    }

    /// The text of an answer, or of its beginning. Tokens that steer the model spell nothing.
    pub fn spell(&self, ids: &[u32]) -> Result<String, Failure> {
        let text = self.spell_with_spaces(ids)?;
        Ok(match &self.0 {
            Kind::Library(_) => text.trim().into(),
            Kind::Marian(_) => text,
        })
    }

    /// The same as the tokenizer gives it: texts that follow one another keep the spaces between them.
    pub fn spell_with_spaces(&self, ids: &[u32]) -> Result<String, Failure> {
        match &self.0 {
            Kind::Library(Library { tokenizer, .. }) => {
                let text = tokenizer.decode(ids, true);
                text.map_err(|error| damaged(JSON, error.to_string()))
            }
            Kind::Marian(marian) => {
                let words = ids.iter().filter_map(|id| marian.words.get(id));
                let pieces: Vec<&str> =
                    words.map(String::as_str).filter(|word| !is_special(word)).collect();
                Ok(SentencePiece::text(&pieces.concat()))
            }
        }
    }

    /// The id of a token spelled as in the vocabulary, such as the code of a language.
    pub fn id(&self, token: &str) -> Option<u32> {
        match &self.0 {
            Kind::Library(Library { tokenizer, .. }) => tokenizer.token_to_id(token),
            Kind::Marian(marian) => marian.ids.get(token).copied(),
        }
    }

    /// Tokens that a text never becomes, with their ids: those that steer the model, the codes of languages
    /// among them.
    pub fn special(&self) -> Vec<(String, u32)> {
        match &self.0 {
            Kind::Library(Library { tokenizer, special }) => {
                let of = |id: &u32| Some((tokenizer.id_to_token(*id)?, *id));
                special.iter().filter_map(of).collect()
            }
            Kind::Marian(marian) => {
                let words = marian.ids.iter().filter(|(word, _)| is_special(word));
                words.map(|(word, id)| (word.clone(), *id)).collect()
            }
        }
    }

    /// One more than the largest id.
    pub fn vocab_size(&self) -> usize {
        let last = match &self.0 {
            Kind::Library(Library { tokenizer, .. }) => {
                tokenizer.get_vocab(true).values().max().copied()
            }
            Kind::Marian(marian) => marian.words.keys().max().copied(),
        };
        last.map_or(0, |last| last as usize + 1)
    }
}

impl Library {
    /// An id of a text; where the text has spelled a token that steers the model, as unigram models let
    /// it, one for each character instead.
    fn spelled_out(&self, id: u32, own: bool) -> Vec<u32> {
        let word = match own || !self.special.contains(&id) {
            true => None,
            false => self.tokenizer.id_to_token(id),
        };
        let Some(word) = word else { return vec![id] };
        let one = |character: char| {
            let known = self.tokenizer.token_to_id(character.encode_utf8(&mut [0; 4]));
            known.or_else(|| self.tokenizer.token_to_id(UNKNOWN))
        };
        word.chars().filter_map(one).collect()
    }
}

/// What is put around the ids of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    TheModelsOwn,
}

/// Whether a word of Marian's vocabulary steers the model.
fn is_special(word: &str) -> bool {
    [END, UNKNOWN, PADDING].contains(&word) || word.starts_with(">>") && word.ends_with("<<")
}

fn damaged(file: &str, reason: String) -> Failure {
    Failure::Fetch { file: file.into(), reason }
}
