//! Opening an encoder-decoder that reads a text and writes another.

use api::{Failure, Precision, Task};
use models::seq2seq::{Config, Family, Seq2Seq};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    Kit,
    checkpoint::{self, Tell, Told, failure, needed, no_model, parsed},
    generate::{self, Input, Question, Settings},
    grouped::grouped,
    text::Text,
};

const GENERATION: &str = "generation_config.json";
const TOKENIZER: &str = "tokenizer_config.json";
/// Tokens of T5's texts in training: its positions have no end, and its files may name none.
// Raffel et al. 2020, "Exploring the Limits of Transfer Learning", section 3.1.2.
const T5_TOKENS: usize = 512;

/// A loaded encoder-decoder with what its files say.
pub(crate) struct Writer {
    pub(crate) model: Seq2Seq,
    pub(crate) text: Text,
    /// Most tokens of an input, its ends included.
    pub(crate) window: usize,
    pub(crate) tokenizer: TokenizerConfig,
    config: Map<String, Value>,
    /// What `generation_config.json` says, or `config.json` where there is none.
    generation: Map<String, Value>,
}

/// What `tokenizer_config.json` says besides the tokenizer itself. All of it may be missing.
#[derive(Default, Deserialize)]
pub(crate) struct TokenizerConfig {
    /// Some files have a number here that stands for no end.
    model_max_length: Option<f64>,
    pub(crate) source_lang: Option<String>,
    pub(crate) target_lang: Option<String>,
    pub(crate) chat_template: Option<String>,
}

/// Whether a text is worth opening a model for: neither empty nor longer than anybody waits for.
pub(crate) fn check_text(text: &str, most: usize) -> Result<(), Failure> {
    let refused = |reason: String| Err(Failure::input("text", reason));
    let characters = text.chars().count();
    match text.trim().is_empty() {
        true => refused("it is empty: write or paste something".into()),
        false if characters > most => {
            let (count, most) = (grouped(characters), grouped(most));
            refused(format!("it has {count} characters: give at most {most}"))
        }
        false => Ok(()),
    }
}

/// Loads an encoder-decoder from safetensors, telling how far it has come.
pub(crate) async fn open<T: Task>(
    kit: &Kit<T>,
    model: &str,
    precision: Precision,
    tell: Tell<T>,
) -> Result<Writer, Failure> {
    let names = kit.files().list(model).await?;
    let bytes = async |name: &str| checkpoint::read(kit, model, &names, name).await;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let shape = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let text = match (bytes("tokenizer.json").await?, bytes("source.spm").await?) {
        (Some(body), _) => Text::from_json(&body)?,
        (None, Some(spm)) => {
            Text::from_marian(&spm, &needed("vocab.json", bytes("vocab.json").await?)?)?
        }
        (None, None) => needed("tokenizer.json", None).and_then(|body| Text::from_json(&body))?,
    };
    check_vocabulary(&text, &shape)?;
    let tokenizer: TokenizerConfig = match bytes(TOKENIZER).await? {
        Some(body) => parsed(TOKENIZER, &body)?,
        None => TokenizerConfig::default(),
    };
    let config: Map<String, Value> = parsed("config.json", config.as_bytes())?;
    let generation = match bytes(GENERATION).await? {
        Some(body) => parsed(GENERATION, &body)?,
        None => config.clone(),
    };
    let window = window(&shape, &tokenizer);
    let loaded = network(kit, model, (precision, shape), tell).await?;
    let writer = Writer { model: loaded, text, window, tokenizer, config, generation };
    // What cannot be obeyed is told now, not at the first question.
    writer.settings(None)?;
    Ok(writer)
}

/// Loads the network alone.
pub(crate) async fn network<T: Task>(
    kit: &Kit<T>,
    model: &str,
    (precision, shape): (Precision, Config),
    tell: Tell<T>,
) -> Result<Seq2Seq, Failure> {
    let told = Told::new(kit, tell);
    let names = kit.files().list(model).await?;
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    Seq2Seq::load(&weights, shape).await.map_err(|error| failure(model, error))
}

fn check_vocabulary(text: &Text, shape: &Config) -> Result<(), Failure> {
    let (known, places) = (text.vocab_size(), shape.vocab_size);
    match known > places {
        true => Err(no_model(format!(
            "its tokenizer knows {known} tokens and config.json {places}: they belong to two models"
        ))),
        false => Ok(()),
    }
}

fn window(shape: &Config, tokenizer: &TokenizerConfig) -> usize {
    let named = tokenizer.model_max_length.map(|most| most as usize);
    match shape.max_position_embeddings {
        Some(positions) => named.unwrap_or(positions).min(positions),
        None => named.filter(|most| *most <= 1 << 20).unwrap_or(T5_TOKENS),
    }
}

impl Writer {
    /// Whose network it is.
    pub(crate) fn family(&self) -> Family {
        self.model.config().family
    }

    /// How answers are written, for one of the tasks that `config.json` may know by name.
    // As `Pipeline` of transformers 4.57, `pipelines/base.py`, brings them together.
    pub(crate) fn settings(&self, task: Option<&str>) -> Result<Settings, Failure> {
        let mut all = self.generation.clone();
        let own = task.and_then(|task| self.task(task)).cloned().unwrap_or_default();
        all.extend(own.into_iter().filter(|(key, _)| key != "prefix"));
        Settings::read(Some(Value::Object(all).to_string().as_bytes()), b"")
    }

    /// What is put before a text for one of these tasks.
    pub(crate) fn prefix(&self, task: &str) -> Option<&str> {
        let own = self.task(task).and_then(|own| own.get("prefix"));
        own.or(self.config.get("prefix")).and_then(Value::as_str)
    }

    /// Names of the tasks that `config.json` knows.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = &str> {
        let all = self.config.get("task_specific_params").and_then(Value::as_object);
        all.into_iter().flat_map(|all| all.keys().map(String::as_str))
    }

    fn task(&self, task: &str) -> Option<&Map<String, Value>> {
        self.config.get("task_specific_params")?.get(task)?.as_object()
    }

    /// Answers once, to these ids.
    pub(crate) async fn write<T: Task>(
        &self,
        kit: &Kit<T>,
        ids: &[u32],
        settings: &Settings,
    ) -> Result<generate::Answer, Failure> {
        let input = Input::read(&self.model, ids, &kit.breath()).await?;
        let question = Question { model: &self.model, input: &input, settings, seed: 0 };
        generate::write(question, &kit.breath(), async |_| kit.turn().await).await
    }
}
