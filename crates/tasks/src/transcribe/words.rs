//! Whisper's tokenizer, and the tokens that steer the model by their names.

use std::collections::{BTreeMap, HashSet};

use api::{Failure, transcribe::Language};
use serde::Deserialize;

use crate::{
    checkpoint::{no_model, parsed},
    generate::Settings,
    text::Text,
    translate::names::name,
};

/// What `generation_config.json` says besides the rules that all writers have.
#[derive(Default, Deserialize)]
pub(super) struct Generation {
    is_multilingual: Option<bool>,
    lang_to_id: Option<BTreeMap<String, u32>>,
    pub(super) max_initial_timestamp_index: Option<u32>,
}

/// What `tokenizer_config.json` says besides the tokenizer itself.
#[derive(Default, Deserialize)]
struct TokenizerConfig {
    clean_up_tokenization_spaces: Option<bool>,
}

/// Text to tokens and back, and tokens that steer.
pub(super) struct Words {
    text: Text,
    /// Spaces before marks are taken out, as `clean_up_tokenization` of transformers 4.57 does it.
    clean: bool,
    special: HashSet<u32>,
    /// `<|startoftranscript|>`: an answer begins after it.
    pub(super) start: u32,
    /// `<|endoftext|>`
    pub(super) end: u32,
    /// `<|startofprev|>`: what was said before comes after it.
    pub(super) before: u32,
    /// `<|notimestamps|>`; `<|0.00|>` is the next.
    pub(super) no_timestamps: u32,
    pub(super) transcribe: Option<u32>,
    pub(super) translate: Option<u32>,
    /// With the token of each; none where the model knows only one.
    pub(super) languages: Vec<(Language, u32)>,
}

impl Words {
    /// Reads the files of a checkpoint whose network has `places` for tokens.
    pub(super) fn read(
        tokenizer: &[u8],
        tokenizer_config: Option<&[u8]>,
        (generation, settings): (&Generation, &Settings),
        places: usize,
    ) -> Result<Self, Failure> {
        let text = Text::from_json(tokenizer)?;
        let config: TokenizerConfig = match tokenizer_config {
            Some(body) => parsed("tokenizer_config.json", body)?,
            None => TokenizerConfig::default(),
        };
        let id = |token: &str| {
            let lacks = || no_model(format!("its tokenizer lacks {token}, which Whisper's have"));
            text.id(token).filter(|id| (*id as usize) < places).ok_or_else(lacks)
        };
        let words = Self {
            clean: config.clean_up_tokenization_spaces.unwrap_or(false),
            special: text.special().into_iter().map(|(_, id)| id).collect(),
            start: id("<|startoftranscript|>")?,
            end: id("<|endoftext|>")?,
            before: id("<|startofprev|>")?,
            no_timestamps: id("<|notimestamps|>")?,
            transcribe: text.id("<|transcribe|>"),
            translate: text.id("<|translate|>"),
            languages: languages(generation, places)?,
            text,
        };
        match settings.decoder_start_token_id == words.start {
            true => Ok(words),
            false => Err(no_model(
                "its tokenizer and generation_config.json begin with two tokens: they belong to two models"
                    .into(),
            )),
        }
    }

    /// The token of the first moment of a window; each next one is two hundredths of a second later.
    pub(super) fn first_time(&self) -> u32 {
        self.no_timestamps + 1
    }

    /// The token for a window without speech.
    // `WhisperNoSpeechDetection` finds it there; its name is `<|nospeech|>` or `<|nocaptions|>`.
    pub(super) fn no_speech(&self) -> u32 {
        self.no_timestamps - 1
    }

    /// What a prompt is for the model, after [`Self::before`].
    // `get_prompt_ids` of `tokenization_whisper_fast.py`.
    pub(super) fn prompt(&self, text: &str) -> Result<Vec<u32>, Failure> {
        self.text.plain(&format!(" {}", text.trim()))
    }

    /// Whether a token is one of those that spell something.
    pub(super) fn spells(&self, id: u32) -> bool {
        id < self.first_time() && !self.special.contains(&id)
    }

    /// The text of tokens; those that steer and times spell nothing.
    pub(super) fn spell(&self, ids: &[u32]) -> Result<String, Failure> {
        let ids: Vec<u32> = ids.iter().copied().filter(|id| self.spells(*id)).collect();
        let text = self.text.spell_with_spaces(&ids)?;
        Ok(if self.clean { cleaned(text) } else { text })
    }

    /// One more than the largest token.
    pub(super) fn vocab_size(&self) -> usize {
        self.text.vocab_size()
    }
}

/// The languages that `generation_config.json` names.
fn languages(generation: &Generation, places: usize) -> Result<Vec<(Language, u32)>, Failure> {
    let known = generation.lang_to_id.as_ref();
    if !generation.is_multilingual.unwrap_or(known.is_some()) {
        return Ok(Vec::new());
    }
    let lacks = || no_model("generation_config.json names no languages in `lang_to_id`".into());
    let known = known.filter(|known| !known.is_empty()).ok_or_else(lacks)?;
    let mut languages = Vec::new();
    for (token, id) in known {
        let code = token.trim_start_matches("<|").trim_end_matches("|>");
        if *id as usize >= places {
            return Err(no_model(format!("its token for {token} is beyond its {places} tokens")));
        }
        languages.push((Language { code: code.into(), name: name(code) }, *id));
    }
    languages.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    Ok(languages)
}

/// What `clean_up_tokenization` takes out, in its order.
const CLEANED: [(&str, &str); 10] = [
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
];

fn cleaned(text: String) -> String {
    CLEANED.iter().fold(text, |text, (old, new)| text.replace(old, new))
}
