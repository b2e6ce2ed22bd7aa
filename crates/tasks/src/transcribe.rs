//! Write down what is said in a recording, piece by piece.

mod listen;
pub mod merge;
mod rules;
pub mod segments;
pub(crate) mod sound;
mod words;
mod writing;
pub mod zlib;

use api::{
    Asked, Failure, Precision,
    transcribe::{
        About, Ask, Form, Goal, MOST_PROMPT_CHARACTERS, MOST_TEMPERATURES, Output, Partial,
        Sequential, Transcribe,
    },
};
use media::{HOP, MEL_RATE, Mel};
use models::whisper::{Config, DecoderConfig, Whisper};
use serde::Deserialize;

use self::words::{Generation, Words};
use crate::{
    Job, Kit,
    checkpoint::{self, Told, failure, needed, no_model, parsed},
    generate::Settings,
    grouped::grouped,
};

const GENERATION: &str = "generation_config.json";
const PREPROCESSOR: &str = "preprocessor_config.json";
/// Samples of a frame.
const FRAME: u32 = 400;

/// A model, ready to listen.
struct Loaded {
    model: Whisper,
    words: Words,
    mel: Mel,
    settings: Settings,
    generation: Generation,
    about: About,
}

impl Job for Transcribe {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        if let Some(ask) = &ask {
            check(ask)?;
        }
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let heard = match ask {
            Some(ask) => Some(loaded.listen(kit, ask).await?),
            None => None,
        };
        Ok(Output { model: loaded.about.clone(), heard })
    }
}

/// What can be told before a model is opened.
fn check(ask: &Ask) -> Result<(), Failure> {
    sound::check(&ask.sound)?;
    let characters = ask.prompt.chars().count();
    if characters > MOST_PROMPT_CHARACTERS {
        let (count, most) = (grouped(characters), grouped(MOST_PROMPT_CHARACTERS));
        return Err(Failure::input("prompt", format!("{count} characters: give at most {most}")));
    }
    match &ask.form {
        Form::Sequential(how) => check_tries(how),
        Form::Chunks => Ok(()),
    }
}

fn check_tries(how: &Sequential) -> Result<(), Failure> {
    let temperatures = &how.temperatures;
    if !(1..=MOST_TEMPERATURES).contains(&temperatures.len()) {
        let count = temperatures.len();
        let reason = format!("{count} are not from 1 to {MOST_TEMPERATURES}");
        return Err(Failure::input("temperatures", reason));
    }
    if let Some(wrong) = temperatures.iter().find(|one| !(0. ..=100.).contains(*one)) {
        return Err(Failure::input("temperatures", format!("{wrong} is not from 0 to 100")));
    }
    let limits = [
        ("compression ratio", how.compression_ratio),
        ("log-probability", how.log_probability),
        ("no speech", how.no_speech),
    ];
    for (field, limit) in limits {
        if limit.is_some_and(|limit| !limit.is_finite()) {
            return Err(Failure::input(field, "it is not a finite number"));
        }
    }
    match (how.no_speech, how.log_probability) {
        (Some(_), None) => Err(Failure::input(
            "no speech",
            "it asks for a limit of the log-probability: give one, or none of both",
        )),
        _ => Ok(()),
    }
}

async fn open(kit: &Kit<Transcribe>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let bytes = async |name: &str| checkpoint::read(kit, model, &names, name).await;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let named = |error| failure("config.json", error);
    let (hears, writes) = (
        Config::from_json(&config).map_err(named)?,
        DecoderConfig::from_json(&config).map_err(named)?,
    );
    if let Some(body) = bytes(PREPROCESSOR).await? {
        check_frames(&parsed(PREPROCESSOR, &body)?)?;
    }
    let body = bytes(GENERATION).await?;
    let settings = Settings::read(body.as_deref(), config.as_bytes())?;
    settings.check(writes.vocab_size)?;
    let generation: Generation = match body {
        Some(body) => parsed(GENERATION, &body)?,
        None => Generation::default(),
    };
    let tokenizer = needed("tokenizer.json", bytes("tokenizer.json").await?)?;
    let tokenizer_config = bytes("tokenizer_config.json").await?;
    let told = (&generation, &settings);
    let words = Words::read(&tokenizer, tokenizer_config.as_deref(), told, writes.vocab_size)?;
    let (known, places) = (words.vocab_size(), writes.vocab_size);
    if known > places {
        return Err(no_model(format!(
            "its tokenizer knows {known} tokens and config.json {places}: they belong to two models"
        )));
    }
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let network = Whisper::load(&weights, &config).await.map_err(|error| failure(model, error))?;
    let mel = Mel::new(hears.num_mel_bins);
    let about = about(model, &words, (&hears, &writes));
    Ok(Loaded { model: network, words, mel, settings, generation, about })
}

fn about(model: &str, words: &Words, (hears, writes): (&Config, &DecoderConfig)) -> About {
    // In 64 bits, as nothing has said yet that the number is a likely one.
    let window_ms = hears.max_source_positions as u64 * 2 * HOP as u64 * 1000 / u64::from(MEL_RATE);
    About {
        name: checkpoint::name(model),
        languages: words.languages.iter().map(|(language, _)| language.clone()).collect(),
        translates: !words.languages.is_empty() && words.translate.is_some(),
        window_ms: u32::try_from(window_ms).unwrap_or(u32::MAX),
        prompt_tokens: u32::try_from(most_before(writes)).unwrap_or(u32::MAX),
    }
}

/// Most tokens that are read of what came before.
// `cut_off_length` of `_prepare_decoder_input_ids`.
fn most_before(config: &DecoderConfig) -> usize {
    (config.max_target_positions / 2).saturating_sub(1)
}

/// What `preprocessor_config.json` says of frames. All of it may be missing.
#[derive(Deserialize)]
struct Frames {
    sampling_rate: Option<u32>,
    hop_length: Option<u32>,
    n_fft: Option<u32>,
}

/// Refuses frames of another kind than all known checkpoints have.
fn check_frames(frames: &Frames) -> Result<(), Failure> {
    let known = [
        ("sampling_rate", frames.sampling_rate, MEL_RATE),
        ("hop_length", frames.hop_length, HOP as u32),
        ("n_fft", frames.n_fft, FRAME),
    ];
    for (field, said, known) in known {
        if let Some(said) = said.filter(|said| *said != known) {
            return Err(no_model(format!("{PREPROCESSOR}: a {field} of {said} is not {known}")));
        }
    }
    Ok(())
}

impl Loaded {
    /// Refuses what this model cannot do.
    fn check(&self, ask: &Ask) -> Result<(), Failure> {
        let languages = &self.words.languages;
        if let Some(code) = &ask.language {
            if languages.is_empty() {
                let reason = "this model knows one language only: do not name any";
                return Err(Failure::input("language", reason));
            }
            if !languages.iter().any(|(language, _)| language.code == *code) {
                let reason = format!("this model does not know \"{code}\"");
                return Err(Failure::input("language", reason));
            }
        }
        if ask.goal == Goal::Translate && !self.about.translates {
            let reason = "this model writes only in the language that is spoken";
            return Err(Failure::input("translate", reason));
        }
        Ok(())
    }

    /// The tokens of a prompt; none of an empty one.
    fn prompt(&self, text: &str) -> Result<Vec<u32>, Failure> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let (ids, most) = (self.words.prompt(text)?, most_before(self.model.decoder.config()));
        match ids.len() > most {
            true => Err(Failure::input(
                "prompt",
                format!("it has {} tokens: this model reads at most {most}", grouped(ids.len())),
            )),
            false => Ok(ids),
        }
    }
}
