use ahash::AHashMap as HashMap;
use api::Failure;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tokenizers::models::bpe::BPE;

use super::{
    Kind, Model, Parts, Pipeline, Reach, Room, Spelling, Unigram, Word, ends,
    fallback::Fallback,
    pipeline::{self, Merger},
    spelling::{SPACE, byte_of},
};

const FILE: &str = "tokenizer.json";
const CONFIG: &str = "tokenizer_config.json";

// Fields are those of the files; what is not named here does not change ids.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    #[serde(default)]
    decoder: Value,
    model: Value,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
struct Bpe {
    vocab: HashMap<String, u32>,
    merges: Vec<Merge>,
    unk_token: Option<String>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    dropout: Option<f32>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

#[derive(Deserialize)]
struct Pieces {
    vocab: Vec<(String, f64)>,
    unk_id: Option<u32>,
    #[serde(default)]
    byte_fallback: bool,
}

#[derive(Default, Deserialize)]
struct Config {
    add_bos_token: Option<bool>,
    bos_token: Option<Named>,
    eos_token: Option<Named>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Text(String),
    Token { content: String },
}

impl Named {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Token { content: text } => text,
        }
    }
}

/// Reads both files.
pub(super) fn read(tokenizer: &[u8], config: Option<&[u8]>) -> Result<Parts, Failure> {
    let file: File =
        serde_json::from_slice(tokenizer).map_err(|e| Failure::input(FILE, e.to_string()))?;
    let config: Config = match config {
        Some(config) => {
            serde_json::from_slice(config).map_err(|e| Failure::input(CONFIG, e.to_string()))?
        }
        None => Config::default(),
    };
    let spelling = spelling(&file.decoder)?;
    let mut network = network(file.model)?;
    add(network.words_mut(), file.added_tokens)?;
    let named = |name: &Option<Named>| {
        name.as_ref().map(|name| id_of(network.words(), name.text())).transpose()
    };
    let (bos, eos) = (named(&config.bos_token)?, named(&config.eos_token)?);
    let ends = ends(network.words_mut(), eos.into_iter().collect());
    if let Some(word) = bos.and_then(|id| network.words_mut().get_mut(&id)) {
        word.kind = Kind::Control;
    }
    let begin = match config.add_bos_token {
        Some(true) => Some(bos.ok_or_else(|| {
            Failure::input(CONFIG, "`add_bos_token` is set, but `bos_token` is not")
        })?),
        Some(false) => None,
        None => first_of_template(&file.post_processor),
    };
    let (words, model) = network.build()?;
    let mut later = file.pre_tokenizer.clone();
    let differs = never_prepend(&mut later);
    let pipeline = Pipeline {
        normalizer: part("normalizer", file.normalizer)?,
        first: part("pre_tokenizer", file.pre_tokenizer)?,
        later: if differs { part("pre_tokenizer", later)? } else { None },
        model,
    };
    Ok(Parts { words, spelling, model: Model::Pipeline(Box::new(pipeline)), begin, bos, ends })
}

fn part<T: DeserializeOwned>(name: &str, value: Value) -> Result<Option<T>, Failure> {
    serde_json::from_value(value).map_err(|e| Failure::input(FILE, format!("`{name}`: {e}")))
}

fn id_of(words: &HashMap<u32, Word>, text: &str) -> Result<u32, Failure> {
    let found = words.iter().filter(|(_, word)| word.text == text).map(|(&id, _)| id).min();
    found.ok_or_else(|| Failure::input(CONFIG, format!("`{text}` is no token of the vocabulary")))
}

/// A model that has been read, but not yet told which of its words are control tokens.
enum Network {
    Bpe(HashMap<u32, Word>, Bpe),
    Unigram(HashMap<u32, Word>, Pieces),
}

fn network(model: Value) -> Result<Network, Failure> {
    // GPT-2's file names no type.
    let kind = model.get("type").and_then(Value::as_str).unwrap_or("BPE").to_owned();
    match kind.as_str() {
        "BPE" => bpe(model),
        "Unigram" => unigram(model),
        other => {
            Err(Failure::input(FILE, format!("`{other}` is a model this build does not have")))
        }
    }
}

fn bpe(model: Value) -> Result<Network, Failure> {
    let bpe: Bpe = serde_json::from_value(model).map_err(damaged)?;
    let mut words = HashMap::with_capacity(bpe.vocab.len());
    for (text, &id) in &bpe.vocab {
        let kind = if bpe.unk_token.as_ref() == Some(text) { Kind::Unknown } else { Kind::Normal };
        if words.insert(id, Word::new(text, kind)).is_some() {
            return Err(Failure::input(FILE, format!("two tokens have the id {id}")));
        }
    }
    if bpe.byte_fallback {
        mark_bytes(&mut words);
    }
    Ok(Network::Bpe(words, bpe))
}

fn unigram(model: Value) -> Result<Network, Failure> {
    let pieces: Pieces = serde_json::from_value(model).map_err(damaged)?;
    let mut words: HashMap<_, _> = (0..)
        .zip(&pieces.vocab)
        .map(|(id, (text, _))| (id, Word::new(text, Kind::Normal)))
        .collect();
    if let Some(id) = pieces.unk_id {
        let word = words.get_mut(&id);
        let past = || Failure::input(FILE, format!("`unk_id` {id} is past the vocabulary"));
        word.ok_or_else(past)?.kind = Kind::Unknown;
    }
    if pieces.byte_fallback {
        mark_bytes(&mut words);
    }
    Ok(Network::Unigram(words, pieces))
}

fn damaged(error: serde_json::Error) -> Failure {
    Failure::input(FILE, format!("`model`: {error}"))
}

/// Words that spell a byte, where the model has them.
fn mark_bytes(words: &mut HashMap<u32, Word>) {
    for word in words.values_mut() {
        if word.kind == Kind::Normal && byte_of(&word.text).is_some() {
            word.kind = Kind::Byte;
        }
    }
}

impl Network {
    fn words(&self) -> &HashMap<u32, Word> {
        match self {
            Self::Bpe(words, _) | Self::Unigram(words, _) => words,
        }
    }

    fn words_mut(&mut self) -> &mut HashMap<u32, Word> {
        match self {
            Self::Bpe(words, _) | Self::Unigram(words, _) => words,
        }
    }

    fn build(self) -> Result<(HashMap<u32, Word>, Merger), Failure> {
        match self {
            Self::Bpe(words, bpe) => {
                let model = bpe.build(&words)?;
                Ok((words, Merger::Bpe(model)))
            }
            Self::Unigram(words, pieces) => {
                let model = pieces.build(&words)?;
                Ok((words, Merger::Unigram(model)))
            }
        }
    }
}

fn add(words: &mut HashMap<u32, Word>, added: Vec<AddedToken>) -> Result<(), Failure> {
    for token in added {
        if token.single_word {
            return Err(Failure::input(
                FILE,
                format!(
                    "`{}` is found only as a word of its own, which this build cannot do",
                    token.content
                ),
            ));
        }
        let reach = |swallows| if swallows { Reach::Swallows } else { Reach::Keeps };
        let room = Room { left: reach(token.lstrip), right: reach(token.rstrip) };
        let before = words.get(&token.id).map(|word| word.kind);
        let kind = match before {
            Some(Kind::Unknown) => Kind::Unknown,
            _ if token.special => Kind::Control,
            _ => Kind::User,
        };
        words.insert(token.id, Word { text: token.content, kind, room });
    }
    Ok(())
}

impl Bpe {
    fn build(self, words: &HashMap<u32, Word>) -> Result<BPE, Failure> {
        let filled = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if filled(&self.continuing_subword_prefix)
            || filled(&self.end_of_word_suffix)
            || self.dropout.is_some_and(|p| p > 0.0)
        {
            let parts = "`continuing_subword_prefix`, `end_of_word_suffix` or `dropout`";
            return Err(Failure::input(
                FILE,
                format!("the model sets {parts}, which this build does not have"),
            ));
        }
        let stays =
            |word: &Word| word.is_ordinary() || matches!(word.kind, Kind::Byte | Kind::Unknown);
        let (shown, hidden): (Vec<_>, Vec<_>) = words.iter().partition(|(_, word)| stays(word));
        let shown: HashMap<String, u32> =
            shown.into_iter().map(|(&id, word)| (word.text.clone(), id)).collect();
        let hidden: Vec<&str> = hidden.into_iter().map(|(_, word)| word.text.as_str()).collect();
        let merges = self.merges.into_iter().map(|merge| match merge {
            Merge::Pair(left, right) => Ok((left, right)),
            Merge::Line(line) => {
                let pair = line
                    .split_once(' ')
                    .ok_or_else(|| Failure::input(FILE, format!("`{line}` is no pair")))?;
                Ok((pair.0.to_owned(), pair.1.to_owned()))
            }
        });
        let merges = pipeline::visible(merges.collect::<Result<_, Failure>>()?, &hidden);
        pipeline::checked(FILE, &shown, &merges)?;
        if let Some(unknown) =
            self.unk_token.as_ref().filter(|unknown| !shown.contains_key(*unknown))
        {
            return Err(Failure::input(
                FILE,
                format!("the unknown token `{unknown}` is no token of the vocabulary"),
            ));
        }
        let mut bpe = BPE::new(shown, merges);
        bpe.resize_cache(0);
        bpe.unk_token = self.unk_token;
        bpe.fuse_unk = self.fuse_unk;
        bpe.byte_fallback = self.byte_fallback;
        bpe.ignore_merges = self.ignore_merges;
        Ok(bpe)
    }
}

impl Pieces {
    fn build(self, words: &HashMap<u32, Word>) -> Result<Unigram, Failure> {
        let fallback = Fallback::new(words.iter().map(|(&id, word)| (id, word)), self.unk_id);
        if !fallback.is_total() {
            return Err(Failure::input(
                FILE,
                "there are neither 256 byte tokens nor an unknown token",
            ));
        }
        let ordinary = |id: &u32| words.get(id).is_some_and(Word::is_ordinary);
        let scored = (0..).zip(&self.vocab).filter(|(id, _)| ordinary(id));
        if let Some((id, _)) = scored.clone().find(|(_, (_, score))| score.is_nan()) {
            return Err(Failure::input(FILE, format!("the score of token {id} is no number")));
        }
        Ok(Unigram::new(scored.map(|(id, (text, score))| (text.as_str(), id, *score)), fallback))
    }
}

/// How words are spelled, by what the decoder undoes.
fn spelling(decoder: &Value) -> Result<Spelling, Failure> {
    let kind = decoder.get("type").and_then(Value::as_str).unwrap_or("none");
    let space = decoder.pointer("/pattern/String").and_then(Value::as_str);
    match kind {
        "ByteLevel" => Ok(Spelling::ByteLevel),
        "Metaspace" | "ByteFallback" => Ok(Spelling::Sentence),
        "Replace" if space == Some(SPACE.encode_utf8(&mut [0; 4])) => Ok(Spelling::Sentence),
        "Sequence" => {
            let steps = decoder.get("decoders").and_then(Value::as_array).into_iter().flatten();
            let known = steps.map(spelling).find_map(Result::ok);
            known.ok_or_else(|| {
                Failure::input(FILE, "the decoder is a sequence this build does not know")
            })
        }
        other => Err(Failure::input(
            FILE,
            format!("the decoder `{other}` is one this build does not have"),
        )),
    }
}

/// Turns `prepend_scheme: first` into `never`, which is what it means after the beginning. Tells
/// whether there was one.
fn never_prepend(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let first = fields.get("prepend_scheme").and_then(Value::as_str) == Some("first");
            if first {
                fields.insert("prepend_scheme".into(), "never".into());
            }
            fields.values_mut().fold(first, |found, value| never_prepend(value) | found)
        }
        Value::Array(values) => {
            values.iter_mut().fold(false, |found, value| never_prepend(value) | found)
        }
        _ => false,
    }
}

/// The token a template processor puts in front of a single text.
fn first_of_template(processor: &Value) -> Option<u32> {
    if let Some(steps) = processor.get("processors").and_then(Value::as_array) {
        return steps.iter().find_map(first_of_template);
    }
    let name = processor.pointer("/single/0/SpecialToken/id")?.as_str()?;
    let id = processor.get("special_tokens")?.get(name)?.pointer("/ids/0")?.as_u64()?;
    u32::try_from(id).ok()
}
