//! Opening a language model's files, whichever way they were saved.

use std::{cell::Cell, rc::Rc};

use api::{
    Failure, Loading, Precision, Task,
    chat::{About, Format},
};
use models::{Breath, Config, Decoder, Error, Gguf, Kind, Progress, Safetensors, Source, Weights};
use serde::Deserialize;

use crate::{
    Kit,
    chat::template::{Template, Tokens},
    grouped::grouped,
    tokenizer::{Special, Tokenizer},
};

/// Small files are read whole; none of those a checkpoint brings is larger.
const MOST_TEXT_BYTES: u64 = 64 << 20;
/// How often the page is told how far a load has come.
const TELL_EVERY_MS: f64 = 50.0;

/// A language model, ready to answer.
pub(crate) struct Checkpoint {
    pub(crate) decoder: Decoder,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) template: Template,
    /// Tokens that end an answer.
    pub(crate) ends: Vec<u32>,
    pub(crate) about: About,
}

/// What a task sends while its model is read.
pub(crate) type Tell<T> = fn(Loading) -> <T as Task>::Partial;

/// Loads a model, telling how far it has come.
pub(crate) async fn open<T: Task>(
    kit: &Kit<T>,
    model: &str,
    tell: Tell<T>,
) -> Result<Checkpoint, Failure> {
    let names = kit.files().list(model).await?;
    let ending = |end: &str| names.iter().filter(|name| name.to_lowercase().ends_with(end)).count();
    match (ending(".gguf"), ending(".safetensors")) {
        (1, _) => open_gguf(Told::new(kit, tell), model, &names).await,
        (0, 0) => Err(no_model(format!(
            "there is no model in {}: give a .gguf file, or .safetensors files with config.json and \
             tokenizer.json",
            listed(&names)
        ))),
        (0, _) => open_safetensors(Told::new(kit, tell), model, &names).await,
        (several, _) => Err(no_model(format!(
            "{several} .gguf files at once: give one, or join the parts of a split model first"
        ))),
    }
}

/// The kind that weights are rounded to while they are read.
fn rounded(precision: Precision) -> Option<Kind> {
    match precision {
        Precision::Stored => None,
        Precision::Q8_0 => Some(Kind::Q8_0),
        Precision::Q4_0 => Some(Kind::Q4_0),
    }
}

/// A checkpoint's name as a person reads it.
pub(crate) fn name(model: &str) -> String {
    model.trim_start_matches("file:").to_owned()
}

pub(crate) fn no_model(reason: String) -> Failure {
    Failure::input("model", reason)
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "an empty folder".into(),
        [name] => format!("`{name}`"),
        [name, rest @ ..] => format!("`{name}` and {} more", rest.len()),
    }
}

async fn open_gguf<T: Task>(
    told: Told<T>,
    model: &str,
    names: &[String],
) -> Result<Checkpoint, Failure> {
    let file = found(names, |name| name.to_lowercase().ends_with(".gguf"))?;
    let source = told.kit.files().open(model, file).await?;
    refuse_web_page(file, source.as_ref())?;
    let named = |error| failure(file, error);
    let gguf = Gguf::read(source).map_err(named)?;
    let metadata = gguf.metadata();
    let config = Config::from_gguf(metadata).map_err(named)?;
    let tokenizer = Tokenizer::from_gguf(metadata)?;
    let source = metadata.find_string("tokenizer.chat_template").map_err(named)?;
    let template = template(source, &tokenizer)?;
    let name = metadata.find_string("general.name").map_err(named)?.unwrap_or(file).to_owned();
    let architecture = metadata.string("general.architecture").map_err(named)?.to_owned();
    let weights = Weights::gguf(gguf, told.breath()).map_err(named)?;
    told.watch(&weights);
    let decoder = Decoder::load(&weights, config).await.map_err(named)?;
    let about = about((name, architecture), &decoder, template.format());
    Ok(Checkpoint { ends: tokenizer.ends().to_vec(), decoder, tokenizer, template, about })
}

fn template(source: Option<&str>, tokenizer: &Tokenizer) -> Result<Template, Failure> {
    let special = |which| tokenizer.special(which).unwrap_or_default();
    let (bos, eos) = (special(Special::Begin), special(Special::End));
    Template::new(source, &Tokens { bos, eos, controls: tokenizer.controls() })
}

/// What `tokenizer_config.json` says besides the tokenizer itself.
#[derive(Deserialize)]
struct TokenizerConfig {
    chat_template: Option<ChatTemplate>,
}

/// One template, or several by name, of which `default` is the one for a conversation.
#[derive(Deserialize)]
#[serde(untagged)]
enum ChatTemplate {
    One(String),
    Named(Vec<NamedTemplate>),
}

#[derive(Deserialize)]
struct NamedTemplate {
    name: String,
    template: String,
}

impl ChatTemplate {
    fn source(self) -> Option<String> {
        match self {
            Self::One(source) => Some(source),
            Self::Named(several) => {
                several.into_iter().find(|one| one.name == "default").map(|one| one.template)
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ModelType {
    pub(crate) model_type: String,
}

/// What `generation_config.json` says of where an answer ends.
#[derive(Deserialize)]
struct GenerationConfig {
    eos_token_id: Option<Ids>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Ids {
    One(u32),
    Several(Vec<u32>),
}

impl Ids {
    pub(crate) fn list(self) -> Vec<u32> {
        match self {
            Self::One(id) => vec![id],
            Self::Several(ids) => ids,
        }
    }
}

/// The tokenizer's own ends, and those of `generation_config.json` if there is one.
fn ends(tokenizer: &Tokenizer, generation_config: Option<&[u8]>) -> Result<Vec<u32>, Failure> {
    let mut ends = tokenizer.ends().to_vec();
    if let Some(body) = generation_config {
        let config = parsed::<GenerationConfig>("generation_config.json", body)?;
        ends.extend(config.eos_token_id.map(Ids::list).unwrap_or_default());
    }
    Ok(ends)
}

async fn open_safetensors<T: Task>(
    told: Told<T>,
    model: &str,
    names: &[String],
) -> Result<Checkpoint, Failure> {
    let kit = &told.kit;
    let bytes = |name: &'static str| read(kit, model, names, name);
    let config = config_json(kit, model, names).await?;
    let tokenizer = needed("tokenizer.json", bytes("tokenizer.json").await?)?;
    let tokenizer_config = bytes("tokenizer_config.json").await?;
    let template = match bytes("chat_template.jinja").await? {
        Some(source) => Some(text("chat_template.jinja", source)?),
        None => match &tokenizer_config {
            Some(body) => parsed::<TokenizerConfig>("tokenizer_config.json", body)?
                .chat_template
                .and_then(ChatTemplate::source),
            None => None,
        },
    };
    let generation_config = bytes("generation_config.json").await?;
    let shape = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let weights = weights(&told, model, names, Precision::Stored).await?;
    let tokenizer = Tokenizer::from_json(&tokenizer, tokenizer_config.as_deref())?;
    let template = self::template(template.as_deref(), &tokenizer)?;
    let ends = ends(&tokenizer, generation_config.as_deref())?;
    let decoder = Decoder::load(&weights, shape).await.map_err(|error| failure(model, error))?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    let about = about((model.to_owned(), model_type), &decoder, template.format());
    Ok(Checkpoint { decoder, tokenizer, template, ends, about })
}

pub(crate) fn needed(name: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Failure> {
    body.ok_or_else(|| no_model(format!("{name} is missing: add it to the files of the model")))
}

/// The text of `config.json`.
pub(crate) async fn config_json<T: Task>(
    kit: &Kit<T>,
    model: &str,
    names: &[String],
) -> Result<String, Failure> {
    text("config.json", needed("config.json", read(kit, model, names, "config.json").await?)?)
}

/// The weights of a checkpoint in safetensors, held as asked for; `told` tells how far they are read.
pub(crate) async fn weights<T: Task>(
    told: &Told<T>,
    model: &str,
    names: &[String],
    precision: Precision,
) -> Result<Weights, Failure> {
    let files = safetensors(&told.kit, model, names).await?;
    let weights = Weights::safetensors(files, told.breath(), rounded(precision));
    told.watch(&weights);
    Ok(weights)
}

/// The tensors of a checkpoint in one file or several.
async fn safetensors<T: Task>(
    kit: &Kit<T>,
    model: &str,
    names: &[String],
) -> Result<Safetensors, Failure> {
    let index = read(kit, model, names, "model.safetensors.index.json").await?;
    let mut files = Vec::new();
    for name in names.iter().filter(|name| name.ends_with(".safetensors")) {
        let source = kit.files().open(model, name).await?;
        refuse_web_page(name, source.as_ref())?;
        files.push((name.clone(), source));
    }
    Safetensors::read(files, index.as_deref()).map_err(|error| failure(model, error))
}

fn about((name, architecture): (String, String), decoder: &Decoder, format: Format) -> About {
    About {
        name,
        architecture,
        parameters: decoder.held().parameters(),
        quantization: decoder.held().quantization(),
        context_tokens: u32::try_from(decoder.config().max_position_embeddings).unwrap_or(u32::MAX),
        weight_bytes: decoder.held().bytes(),
        format,
    }
}

fn found(names: &[String], is: impl Fn(&str) -> bool) -> Result<&str, Failure> {
    let name = names.iter().find(|name| is(name));
    name.map(String::as_str).ok_or_else(|| Failure::Bug("a file that was there is gone".into()))
}

/// A small file by its path, in whichever of the model's folders lies nearest to the top.
pub(crate) async fn read<T: Task>(
    kit: &Kit<T>,
    model: &str,
    names: &[String],
    wanted: &str,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(name) = nearest(names, wanted) else { return Ok(None) };
    let source = kit.files().open(model, name).await?;
    if source.size() > MOST_TEXT_BYTES {
        let size = grouped(usize::try_from(source.size()).unwrap_or(usize::MAX));
        return Err(damaged(wanted, format!("{size} bytes are too many for it")));
    }
    let mut body = vec![0; source.size() as usize];
    source.read_at(0, &mut body).map_err(|error| damaged(wanted, error.to_string()))?;
    Ok(Some(body))
}

fn nearest<'n>(names: &'n [String], wanted: &str) -> Option<&'n String> {
    let ends = |name: &&String| {
        name.strip_suffix(wanted).is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    };
    names.iter().filter(ends).min_by_key(|name| name.matches('/').count())
}

fn text(file: &str, body: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(body).map_err(|_| damaged(file, "it is no text".into()))
}

pub(crate) fn parsed<T: for<'a> Deserialize<'a>>(file: &str, body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| damaged(file, error.to_string()))
}

fn damaged(file: &str, reason: String) -> Failure {
    Failure::Fetch { file: file.into(), reason }
}

/// Whether a network answered with numbers.
pub(crate) fn finite<'n>(
    model: &str,
    numbers: impl IntoIterator<Item = &'n f32>,
) -> Result<(), Failure> {
    match numbers.into_iter().all(|number| number.is_finite()) {
        true => Ok(()),
        false => Err(damaged(model, "its numbers are not finite: the file is damaged".into())),
    }
}

/// Says so when what was saved under a model's name is what a host shows instead of it.
fn refuse_web_page(file: &str, source: &dyn Source) -> Result<(), Failure> {
    let mut first = vec![0; source.size().min(64) as usize];
    source.read_at(0, &mut first).map_err(|error| damaged(file, error.to_string()))?;
    let first = String::from_utf8_lossy(&first).trim_start().to_lowercase();
    match first.starts_with("<!doctype") || first.starts_with("<html") {
        true => Err(no_model(format!("`{file}` is a web page, not a model: download it again"))),
        false => Ok(()),
    }
}

/// What went wrong with a model, in the words that cross to the page.
pub(crate) fn failure(file: &str, error: Error) -> Failure {
    match error {
        Error::Stopped => Failure::Stopped,
        Error::Damaged(reason) => damaged(file, reason),
        Error::Unsupported(reason) => no_model(format!("`{file}`: {reason}")),
        Error::Memory(reason) => no_model(format!("`{file}` does not fit in memory: {reason}")),
        Error::Read(error) => damaged(file, error.to_string()),
        Error::Candle(error) => Failure::Bug(error.to_string()),
    }
}

/// Tells the page how far a load has come, whenever the reader takes a breath.
pub(crate) struct Told<T: Task> {
    kit: Kit<T>,
    tell: Tell<T>,
    weights: Rc<std::cell::RefCell<Option<Weights>>>,
    told_ms: Rc<Cell<f64>>,
}

impl<T: Task> Told<T> {
    pub(crate) fn new(kit: &Kit<T>, tell: Tell<T>) -> Self {
        Self {
            kit: kit.clone(),
            tell,
            weights: Rc::default(),
            told_ms: Rc::new(Cell::new(f64::NEG_INFINITY)),
        }
    }

    pub(crate) fn watch(&self, weights: &Weights) {
        *self.weights.borrow_mut() = Some(weights.clone());
    }

    pub(crate) fn breath(&self) -> Breath {
        let (kit, weights, told_ms) =
            (self.kit.clone(), self.weights.clone(), self.told_ms.clone());
        let tell = self.tell;
        let plain = kit.breath();
        Rc::new(move || {
            let progress = weights.borrow().as_ref().map(Weights::progress);
            let Some(progress) = progress.filter(|_| kit.now_ms() - told_ms.get() >= TELL_EVERY_MS)
            else {
                return plain();
            };
            told_ms.set(kit.now_ms());
            let kit = kit.clone();
            let Progress { read_bytes, total_bytes } = progress;
            let partial = tell(Loading { read_bytes, total_bytes });
            Box::pin(async move { kit.send(partial).await.map_err(|_| Error::Stopped) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_files_with_one_name_the_nearest_is_meant() {
        let names = ["m/1_Pooling/config.json", "m/config.json"].map(String::from);
        assert_eq!(nearest(&names, "config.json"), Some(&names[1]));
        assert_eq!(nearest(&names, "1_Pooling/config.json"), Some(&names[0]));
        assert_eq!(nearest(&names, "onfig.json"), None);
    }
}
