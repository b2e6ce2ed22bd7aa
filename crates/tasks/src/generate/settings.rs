use api::Failure;
use serde::Deserialize;

use crate::checkpoint::{Ids, parsed};

/// How an answer is written. Names and meanings are those of `generation_config.json`.
///
/// Lengths count the token an answer starts from, as there.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Attempts that are followed side by side; 1 takes one token after the other.
    pub num_beams: usize,
    /// Draw tokens, by the four settings below, instead of taking the likeliest.
    pub do_sample: bool,
    /// See [`Sampling`](api::chat::Sampling), as the next three.
    pub temperature: f32,
    /// 0 keeps all.
    pub top_k: u32,
    /// 1 keeps all.
    pub top_p: f32,
    /// 0 keeps all.
    pub min_p: f32,
    /// A beam's score is divided by its length to this power: above 0, longer answers win.
    pub length_penalty: f32,
    /// When a search with beams ends.
    pub early_stopping: EarlyStopping,
    /// Most tokens.
    pub max_length: usize,
    /// Before so many tokens, nothing ends an answer.
    pub min_length: usize,
    /// No run of so many tokens comes twice; 0 allows it.
    pub no_repeat_ngram_size: usize,
    /// No run of so many tokens of the input comes; 0 allows it.
    pub encoder_no_repeat_ngram_size: usize,
    /// Divides the score of tokens already written (multiplies a negative one); 1 is off.
    pub repetition_penalty: f32,
    /// Runs of tokens that never come.
    pub bad_words_ids: Vec<Vec<u32>>,
    /// Tokens that never come.
    pub suppress_tokens: Vec<u32>,
    /// Tokens that never come first.
    pub begin_suppress_tokens: Vec<u32>,
    /// The first token, such as the code of a language.
    pub forced_bos_token_id: Option<u32>,
    /// The last token, where an answer grows to `max_length`.
    pub forced_eos_token_id: Vec<u32>,
    /// Tokens that end an answer.
    pub eos_token_id: Vec<u32>,
    /// What an answer starts from.
    pub decoder_start_token_id: u32,
    /// Bring scores back to probabilities after the rules above.
    pub renormalize_logits: bool,
}

/// When a search with beams ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyStopping {
    /// When as many answers as beams are finished.
    Yes,
    /// When no beam is better than the worst finished answer, at its present length.
    No,
    /// When none can become better at any length.
    Never,
}

/// What a file says; what it does not say has the default of `GenerationConfig` in transformers 4.57.
#[derive(Deserialize)]
struct File {
    num_beams: Option<usize>,
    do_sample: Option<bool>,
    temperature: Option<f32>,
    top_k: Option<u32>,
    top_p: Option<f32>,
    min_p: Option<f32>,
    length_penalty: Option<f32>,
    early_stopping: Option<Early>,
    max_length: Option<usize>,
    max_new_tokens: Option<usize>,
    min_length: Option<usize>,
    min_new_tokens: Option<usize>,
    no_repeat_ngram_size: Option<usize>,
    encoder_no_repeat_ngram_size: Option<usize>,
    repetition_penalty: Option<f32>,
    bad_words_ids: Option<Vec<Vec<u32>>>,
    suppress_tokens: Option<Vec<u32>>,
    begin_suppress_tokens: Option<Vec<u32>>,
    forced_bos_token_id: Option<u32>,
    forced_eos_token_id: Option<Ids>,
    eos_token_id: Option<Ids>,
    bos_token_id: Option<u32>,
    decoder_start_token_id: Option<u32>,
    renormalize_logits: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Early {
    Flag(bool),
    Word(String),
}

/// Settings that change an answer in ways this build does not have, with the value that is off.
const UNSUPPORTED: &[(&str, f64)] = &[
    ("num_beam_groups", 1.),
    ("diversity_penalty", 0.),
    ("penalty_alpha", 0.),
    ("encoder_repetition_penalty", 1.),
    ("typical_p", 1.),
    ("epsilon_cutoff", 0.),
    ("eta_cutoff", 0.),
    ("guidance_scale", 1.),
];
/// The same, where anything is a change.
const UNSUPPORTED_LISTS: &[&str] =
    &["exponential_decay_length_penalty", "sequence_bias", "force_words_ids", "constraints"];

impl Settings {
    /// What `generation_config.json` says, or `config.json` where a checkpoint has only that.
    ///
    /// Fails with [`Failure::Fetch`] on a file that is no such thing, and with [`Failure::Input`] on a
    /// setting this build does not have.
    pub fn read(generation_config: Option<&[u8]>, config: &[u8]) -> Result<Self, Failure> {
        let (name, body) = match generation_config {
            Some(body) => ("generation_config.json", body),
            None => ("config.json", config),
        };
        let file: File = parsed(name, body)?;
        let all: serde_json::Value = parsed(name, body)?;
        let changed = |(key, off): &&(&str, f64)| all[*key].as_f64().is_some_and(|x| x != *off);
        let unsupported = UNSUPPORTED.iter().find(changed).map(|(key, _)| *key);
        let listed = UNSUPPORTED_LISTS.iter().find(|key| !all[**key].is_null());
        match unsupported.or(listed.copied()) {
            Some(key) => Err(Failure::input(key, "this build does not have it: remove it")),
            None => Self::of(name, file),
        }
    }

    fn of(name: &str, file: File) -> Result<Self, Failure> {
        let start = file.decoder_start_token_id.or(file.bos_token_id);
        let decoder_start_token_id = start.ok_or_else(|| Failure::Fetch {
            file: name.into(),
            reason: "neither `decoder_start_token_id` nor `bos_token_id` is there".into(),
        })?;
        let early_stopping = match file.early_stopping {
            None | Some(Early::Flag(false)) => EarlyStopping::No,
            Some(Early::Flag(true)) => EarlyStopping::Yes,
            Some(Early::Word(word)) if word == "never" => EarlyStopping::Never,
            Some(Early::Word(word)) => {
                return Err(Failure::input(
                    "early_stopping",
                    format!("\"{word}\" is no such rule"),
                ));
            }
        };
        let with_first = |count: usize| count.saturating_add(1);
        // A length of 20 is the default, which does not count the first token, though others do.
        let max_length = file.max_length.filter(|length| *length != 20).unwrap_or(21);
        let max_length = file.max_new_tokens.map_or(max_length, with_first);
        let min_length = file.min_new_tokens.map(with_first).or(file.min_length);
        Ok(Self {
            num_beams: file.num_beams.unwrap_or(1),
            do_sample: file.do_sample.unwrap_or(false),
            temperature: file.temperature.unwrap_or(1.),
            top_k: file.top_k.unwrap_or(50),
            top_p: file.top_p.unwrap_or(1.),
            min_p: file.min_p.unwrap_or(0.),
            length_penalty: file.length_penalty.unwrap_or(1.),
            early_stopping,
            max_length,
            min_length: min_length.unwrap_or(0),
            no_repeat_ngram_size: file.no_repeat_ngram_size.unwrap_or(0),
            encoder_no_repeat_ngram_size: file.encoder_no_repeat_ngram_size.unwrap_or(0),
            repetition_penalty: file.repetition_penalty.unwrap_or(1.),
            bad_words_ids: file.bad_words_ids.unwrap_or_default(),
            suppress_tokens: file.suppress_tokens.unwrap_or_default(),
            begin_suppress_tokens: file.begin_suppress_tokens.unwrap_or_default(),
            forced_bos_token_id: file.forced_bos_token_id,
            forced_eos_token_id: file.forced_eos_token_id.map(Ids::list).unwrap_or_default(),
            eos_token_id: file.eos_token_id.map(Ids::list).unwrap_or_default(),
            decoder_start_token_id,
            renormalize_logits: file.renormalize_logits.unwrap_or(false),
        })
    }

    /// Fails with [`Failure::Input`] on the first setting that means nothing, for a model of so many
    /// tokens.
    pub fn check(&self, tokens: usize) -> Result<(), Failure> {
        let Self { num_beams, max_length, min_length, .. } = *self;
        if !(1..=64).contains(&num_beams) {
            return Err(Failure::input("num_beams", format!("{num_beams} is not from 1 to 64")));
        }
        if self.do_sample && num_beams > 1 {
            return Err(Failure::input("do_sample", "tokens are drawn with one beam only"));
        }
        if max_length < 2 {
            return Err(Failure::input("max_length", "an answer needs at least one token"));
        }
        if min_length > max_length {
            return Err(Failure::input(
                "min_length",
                format!("{min_length} is above {max_length}"),
            ));
        }
        if !(-100. ..=100.).contains(&self.length_penalty) {
            return Err(Failure::input("length_penalty", "it is not from -100 to 100"));
        }
        let words = self.bad_words_ids.iter().flatten();
        let ids = [&self.suppress_tokens, &self.begin_suppress_tokens, &self.forced_eos_token_id];
        let all = words
            .chain(ids.into_iter().flatten())
            .chain(&self.eos_token_id)
            .chain(&self.forced_bos_token_id)
            .chain([&self.decoder_start_token_id]);
        match all.into_iter().find(|id| **id as usize >= tokens) {
            Some(id) => {
                Err(Failure::input("token", format!("{id} is beyond the model's {tokens}")))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(generation: Option<&str>, config: &str) -> Result<Settings, Failure> {
        Settings::read(generation.map(str::as_bytes), config.as_bytes())
    }

    #[test]
    fn a_file_of_its_own_is_all_that_counts() {
        let config = r#"{"model_type":"bart","num_beams":4,"decoder_start_token_id":2,"max_length":142,
            "forced_eos_token_id":2,"eos_token_id":2,"early_stopping":true,"min_length":null}"#;
        let from_config = read(None, config).unwrap();
        assert_eq!((from_config.num_beams, from_config.max_length), (4, 142));
        assert_eq!(from_config.early_stopping, EarlyStopping::Yes);
        assert_eq!(from_config.forced_eos_token_id, [2]);
        let own = r#"{"decoder_start_token_id":7,"eos_token_id":[1,2],"max_new_tokens":5,
            "early_stopping":"never"}"#;
        let from_own = read(Some(own), config).unwrap();
        assert_eq!((from_own.num_beams, from_own.max_length), (1, 6));
        assert_eq!((from_own.decoder_start_token_id, from_own.eos_token_id), (7, vec![1, 2]));
        assert_eq!(from_own.early_stopping, EarlyStopping::Never);
        assert_eq!(read(Some(r#"{"bos_token_id":3}"#), "").unwrap().decoder_start_token_id, 3);
        assert_eq!(read(Some(r#"{"bos_token_id":3}"#), "").unwrap().max_length, 21);
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let check = |file: &str, want: &str| {
            let told = format!("{:?}", read(Some(file), "").unwrap_err());
            assert!(told.contains(want), "{told}");
        };
        check("{", "generation_config.json");
        check("{}", "decoder_start_token_id");
        check(r#"{"bos_token_id":1,"num_beam_groups":2}"#, "num_beam_groups");
        check(r#"{"bos_token_id":1,"sequence_bias":[[[1],2.0]]}"#, "sequence_bias");
        check(r#"{"bos_token_id":1,"early_stopping":"soon"}"#, "soon");
        assert!(read(Some(r#"{"bos_token_id":1,"num_beam_groups":1}"#), "").is_ok());
    }

    #[test]
    fn a_setting_that_means_nothing_is_refused_by_name() {
        let good = read(Some(r#"{"bos_token_id":1}"#), "").unwrap();
        assert_eq!(good.check(10), Ok(()));
        let check = |settings: Settings, want: &str| match settings.check(10) {
            Err(Failure::Input { field, .. }) => assert_eq!(field, want),
            other => panic!("{other:?} for {want}"),
        };
        check(Settings { num_beams: 0, ..good.clone() }, "num_beams");
        check(Settings { num_beams: 2, do_sample: true, ..good.clone() }, "do_sample");
        check(Settings { max_length: 1, ..good.clone() }, "max_length");
        check(Settings { min_length: 22, ..good.clone() }, "min_length");
        check(Settings { length_penalty: f32::NAN, ..good.clone() }, "length_penalty");
        check(Settings { bad_words_ids: vec![vec![1, 10]], ..good.clone() }, "token");
        check(Settings { forced_bos_token_id: Some(10), ..good }, "token");
    }
}
