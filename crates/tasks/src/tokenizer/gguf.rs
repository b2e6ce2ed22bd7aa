use ahash::AHashMap as HashMap;
use api::Failure;
use models::Metadata;
use tokenizers::models::bpe::BPE;

use super::{
    Kind, Merges, Model, Parts, Pieces, Pipeline, Prefix, Reach, Room, Sentence, Spaces, Spelling,
    Unigram, Word, charsmap::Charsmap, ends, fallback::Fallback, pipeline, pre,
};

const TOKENS: &str = "tokenizer.ggml.tokens";
const MERGES: &str = "tokenizer.ggml.merges";
const SCORES: &str = "tokenizer.ggml.scores";

/// Reads `tokenizer.ggml.*`.
pub(super) fn read(metadata: &Metadata) -> Result<Parts, Failure> {
    let family = metadata.string("tokenizer.ggml.model").map_err(damaged)?;
    let mut words = words(metadata)?;
    let bos = id(metadata, "tokenizer.ggml.bos_token_id", &words)?;
    let unknown = id(metadata, "tokenizer.ggml.unknown_token_id", &words)?;
    let mut named = Vec::new();
    for key in [
        "tokenizer.ggml.eos_token_id",
        "tokenizer.ggml.eot_token_id",
        "tokenizer.ggml.eom_token_id",
    ] {
        named.extend(id(metadata, key, &words)?.filter(|id| !named.contains(id)));
    }
    let ends = ends(&mut words, named);
    if let Some(word) = bos.and_then(|id| words.get_mut(&id)) {
        word.kind = Kind::Control;
    }
    if family == "llama"
        && metadata.find_string("general.architecture").map_err(damaged)? == Some("phi3")
    {
        swallow_space(&mut words);
    }
    let (spelling, model, begins) = match family {
        "gpt2" => {
            let cut = pre::find(metadata.string("tokenizer.ggml.pre").map_err(damaged)?)?;
            (Spelling::ByteLevel, byte_level(metadata, cut, &words)?, cut.begins)
        }
        "llama" => (Spelling::Sentence, merges(metadata, &words, unknown)?, true),
        "t5" => (Spelling::Sentence, unigram(metadata, &words, unknown)?, false),
        other => {
            return Err(Failure::input(
                "tokenizer.ggml.model",
                format!("`{other}` is a tokenizer this build does not have"),
            ));
        }
    };
    let begins =
        metadata.find_flag("tokenizer.ggml.add_bos_token").map_err(damaged)?.unwrap_or(begins);
    Ok(Parts { words, spelling, model, begin: bos.filter(|_| begins), bos, ends })
}

fn words(metadata: &Metadata) -> Result<HashMap<u32, Word>, Failure> {
    let tokens = metadata.strings(TOKENS).map_err(damaged)?;
    if tokens.is_empty() {
        return Err(Failure::input(TOKENS, "the vocabulary is empty"));
    }
    let kinds = metadata.ints("tokenizer.ggml.token_type").map_err(damaged)?;
    same_length("tokenizer.ggml.token_type", kinds.len(), tokens.len())?;
    let words = (0..).zip(tokens.iter().zip(kinds));
    words.map(|(id, (text, &kind))| Ok((id, Word::new(text, kind_of(kind)?)))).collect()
}

// Numbers: `TokenType` of the `gguf` package, 0.19.
fn kind_of(kind: i32) -> Result<Kind, Failure> {
    Ok(match kind {
        1 => Kind::Normal,
        2 => Kind::Unknown,
        3 => Kind::Control,
        4 => Kind::User,
        5 => Kind::Unused,
        6 => Kind::Byte,
        other => {
            return Err(Failure::input(
                "tokenizer.ggml.token_type",
                format!("{other} is no kind of token"),
            ));
        }
    })
}

fn same_length(key: &str, got: usize, want: usize) -> Result<(), Failure> {
    if got == want {
        return Ok(());
    }
    Err(Failure::input(key, format!("there are {got} values for {want} tokens")))
}

fn id(metadata: &Metadata, key: &str, words: &HashMap<u32, Word>) -> Result<Option<u32>, Failure> {
    let id = metadata.find_u32(key).map_err(damaged)?;
    match id.filter(|id| !words.contains_key(id)) {
        Some(id) => Err(Failure::input(
            key,
            format!("{id} is past the vocabulary of {} tokens", words.len()),
        )),
        None => Ok(id),
    }
}

/// Phi-3's markup swallows the white space that follows it.
// The GGUF does not say so: `rstrip` in the `tokenizer.json` of Phi-3-mini, and llama.cpp's
// `src/llama-vocab.cpp` for names that contain `phi-3`.
fn swallow_space(words: &mut HashMap<u32, Word>) {
    let keeps = ["<unk>", "<s>", "<|endoftext|>"];
    for word in words.values_mut() {
        let added = matches!(word.kind, Kind::Control | Kind::User) || word.text == "</s>";
        if added && !keeps.contains(&word.text.as_str()) {
            word.room = Room { left: Reach::Keeps, right: Reach::Swallows };
        }
    }
}

/// Ordinary words by text; of two with one text the first counts.
fn ordinary(words: &HashMap<u32, Word>) -> HashMap<String, u32> {
    let mut ordinary = HashMap::new();
    for (&id, word) in words.iter().filter(|(_, word)| word.is_ordinary()) {
        let entry = ordinary.entry(word.text.clone()).or_insert(id);
        *entry = id.min(*entry);
    }
    ordinary
}

fn byte_level(
    metadata: &Metadata,
    cut: &pre::Cut,
    words: &HashMap<u32, Word>,
) -> Result<Model, Failure> {
    let vocabulary = ordinary(words);
    let hidden: Vec<&str> =
        words.values().filter(|word| !word.is_ordinary()).map(|word| word.text.as_str()).collect();
    let merges = metadata.strings(MERGES).map_err(damaged)?.iter().map(|line| {
        let (left, right) = line
            .split_once(' ')
            .ok_or_else(|| Failure::input(MERGES, format!("`{line}` is no pair")))?;
        Ok((left.to_owned(), right.to_owned()))
    });
    let merges = pipeline::visible(merges.collect::<Result<Vec<_>, Failure>>()?, &hidden);
    pipeline::checked(MERGES, &vocabulary, &merges)?;
    let mut bpe = BPE::new(vocabulary, merges);
    bpe.resize_cache(0);
    bpe.ignore_merges = cut.whole_words;
    Ok(Model::Pipeline(Box::new(Pipeline::byte_level(cut, bpe)?)))
}

/// Ordinary words with their scores, in the order of their ids.
fn scored<'w>(
    metadata: &Metadata,
    words: &'w HashMap<u32, Word>,
) -> Result<Vec<(&'w str, u32, f32)>, Failure> {
    let scores = metadata.floats(SCORES).map_err(damaged)?;
    same_length(SCORES, scores.len(), words.len())?;
    let mut scored = Vec::with_capacity(scores.len());
    for (id, &score) in (0..).zip(scores) {
        if score.is_nan() {
            return Err(Failure::input(SCORES, format!("the score of token {id} is no number")));
        }
        if let Some(word) =
            words.get(&id).filter(|word| word.is_ordinary() && !word.text.is_empty())
        {
            scored.push((word.text.as_str(), id, score));
        }
    }
    Ok(scored)
}

fn fallback(words: &HashMap<u32, Word>, unknown: Option<u32>) -> Result<Fallback, Failure> {
    let fallback = Fallback::new(words.iter().map(|(&id, word)| (id, word)), unknown);
    if !fallback.is_total() {
        return Err(Failure::input(
            TOKENS,
            "there are neither 256 byte tokens nor an unknown token",
        ));
    }
    Ok(fallback)
}

fn merges(
    metadata: &Metadata,
    words: &HashMap<u32, Word>,
    unknown: Option<u32>,
) -> Result<Model, Failure> {
    let mut pieces = HashMap::new();
    for (text, id, score) in scored(metadata, words)? {
        pieces.entry(text.to_owned()).or_insert((id, score));
    }
    let merges = Merges { words: pieces, fallback: fallback(words, unknown)? };
    Ok(Model::Sentence(sentence(metadata)?, Pieces::Merges(merges)))
}

fn unigram(
    metadata: &Metadata,
    words: &HashMap<u32, Word>,
    unknown: Option<u32>,
) -> Result<Model, Failure> {
    let scored = scored(metadata, words)?;
    let unigram = Unigram::new(
        scored.into_iter().map(|(text, id, score)| (text, id, score.into())),
        fallback(words, unknown)?,
    );
    Ok(Model::Sentence(sentence(metadata)?, Pieces::Unigram(unigram)))
}

fn sentence(metadata: &Metadata) -> Result<Sentence, Failure> {
    let flag = |key, missing| {
        Ok::<_, Failure>(metadata.find_flag(key).map_err(damaged)?.unwrap_or(missing))
    };
    let prefix = if flag("tokenizer.ggml.add_space_prefix", true)? {
        Prefix::Space
    } else {
        Prefix::Nothing
    };
    let squeezed = flag("tokenizer.ggml.remove_extra_whitespaces", false)?;
    let spaces = if squeezed { Spaces::Squeezed } else { Spaces::Kept };
    Ok(Sentence { charsmap: charsmap(metadata)?, prefix, spaces })
}

fn charsmap(metadata: &Metadata) -> Result<Option<Charsmap>, Failure> {
    const KEY: &str = "tokenizer.ggml.precompiled_charsmap";
    let Some(map) = metadata.find_unsigneds(KEY).map_err(damaged)?.filter(|map| !map.is_empty())
    else {
        return Ok(None);
    };
    let bytes = map.iter().map(|&byte| u8::try_from(byte)).collect::<Result<Vec<_>, _>>();
    let bytes = bytes.map_err(|_| Failure::input(KEY, "not every value is a byte"))?;
    let map = Charsmap::new(&bytes)
        .ok_or_else(|| Failure::input(KEY, "the map is shorter than it says"))?;
    Ok(Some(map))
}

fn damaged(error: models::Error) -> Failure {
    Failure::input("tokenizer", error.to_string())
}
