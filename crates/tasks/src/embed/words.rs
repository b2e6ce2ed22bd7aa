use api::{Failure, embed::Embed};
use tokenizers::Tokenizer;

use crate::{Kit, checkpoint};

const FILE: &str = "tokenizer.json";

/// Texts to a sentence model's tokens, as its own `tokenizer.json` does it.
///
/// Invariant: cuts and padding that the file asks for are not done, and no text becomes a token that
/// steers the model.
pub(super) struct Words(Tokenizer);

/// A text as a model reads it.
pub(super) struct Ids {
    /// As many as fit the window, the model's own before and after included.
    pub(super) ids: Vec<u32>,
    /// How many there would be without a window.
    pub(super) tokens: usize,
}

impl Words {
    pub(super) async fn read(
        kit: &Kit<Embed>,
        model: &str,
        names: &[String],
    ) -> Result<Self, Failure> {
        let body = checkpoint::read(kit, model, names, FILE).await?;
        Self::new(&checkpoint::needed(FILE, body)?)
    }

    fn new(body: &[u8]) -> Result<Self, Failure> {
        let mut tokenizer = Tokenizer::from_bytes(body).map_err(|error| damaged(&*error))?;
        tokenizer.with_truncation(None).map_err(|error| damaged(&*error))?;
        tokenizer.with_padding(None);
        tokenizer.set_encode_special_tokens(true);
        Ok(Self(tokenizer))
    }

    /// Fails if it knows tokens that the network has no place for.
    pub(super) fn check(&self, vocab_size: usize) -> Result<(), Failure> {
        match self.0.get_vocab(true).values().max() {
            Some(&last) if last as usize >= vocab_size => Err(checkpoint::no_model(format!(
                "{FILE} knows {} tokens and config.json {vocab_size}: they belong to two models",
                last + 1
            ))),
            _ => Ok(()),
        }
    }

    /// A text's tokens, the first ones if it is longer than `window`. `None` if it has none.
    pub(super) fn ids(&self, text: &str, window: usize) -> Result<Option<Ids>, Failure> {
        let all = self.0.encode_fast(text, true).map_err(|error| damaged(&*error))?;
        let added = |mask: &&u32| **mask == 1;
        let before = all.get_special_tokens_mask().iter().take_while(added).count();
        let after = all.get_special_tokens_mask()[before..].iter().rev().take_while(added).count();
        let tokens = all.len();
        if before + after >= tokens {
            return Ok(None);
        }
        if before + after >= window {
            let reason = format!("a window of {window} tokens has no room for text");
            return Err(checkpoint::no_model(reason));
        }
        let (ids, last) = (all.get_ids(), tokens - after);
        let cut = last.min(window - after);
        Ok(Some(Ids { ids: [&ids[..cut], &ids[last..]].concat(), tokens }))
    }
}

fn damaged(error: &dyn std::error::Error) -> Failure {
    Failure::Fetch { file: FILE.into(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const JSON: &str = r###"{
        "version": "1.0",
        "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [
            {"id": 2, "content": "[CLS]", "special": true, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false},
            {"id": 3, "content": "[SEP]", "special": true, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "##b": 5, "c": 6, "[": 7,
                "]": 8, "sep": 9}}
    }"###;

    #[track_caller]
    fn check(text: &str, window: usize, want: &[u32], tokens: usize) {
        let ids = Words::new(JSON.as_bytes()).unwrap().ids(text, window).unwrap().unwrap();
        assert_eq!((&ids.ids[..], ids.tokens), (want, tokens), "{text}");
    }

    #[test]
    fn a_text_is_cut_by_the_window_and_by_nothing_else() {
        check("AB c", 9, &[2, 4, 5, 6, 3], 5);
        check("ab c c c", 5, &[2, 4, 5, 6, 3], 7);
        check("ab c", 3, &[2, 4, 3], 5);
        check("é", 9, &[2, 1, 3], 3);
    }

    #[test]
    fn a_text_that_spells_a_control_token_is_text() {
        check("[SEP]", 9, &[2, 7, 9, 8, 3], 5);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let words = Words::new(JSON.as_bytes()).unwrap();
        assert!(words.ids("\u{0}\u{7} ", 9).unwrap().is_none());
        let why = |result: Result<(), Failure>| result.unwrap_err().to_string();
        assert!(why(words.ids("a", 2).map(drop)).contains("no room"));
        assert!(why(words.check(9)).contains("knows 10 tokens and config.json 9"));
        assert!(words.check(10).is_ok());
        assert!(why(Words::new(b"{}").map(drop)).starts_with("tokenizer.json"));
    }
}
