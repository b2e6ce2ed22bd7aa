//! Labels that a picture is compared with.

use std::collections::HashMap;

use api::{
    Failure, Task,
    classify::{MOST_CHARACTERS, MOST_LABELS},
};
use media::Preprocess;

use crate::{
    Kit,
    checkpoint::{needed, no_model, read},
    grouped::grouped,
    picture::{PREPROCESSOR, preprocess},
    text::Text,
};

const TOKENIZER: &str = "tokenizer.json";
/// Tokens of all labels a network reads at once: enough to keep its products busy, few enough for the page
/// to be told every second or so.
pub(crate) const BATCH_TOKENS: usize = 256;

/// One label, counted from 1, is at fault.
fn wrong(number: usize, reason: impl Into<String>) -> Failure {
    Failure::input(format!("label {number}"), reason)
}

/// One label says what another has said; to whom, if not to all.
fn same(number: usize, first: usize, to: &str) -> Failure {
    wrong(number, format!("it is the same as label {first}{to}: leave one of them out"))
}

/// Whether there are some, not too many, all different and none empty.
pub(crate) fn check(labels: &[String]) -> Result<(), Failure> {
    let refused = |reason: String| Err(Failure::input("labels", reason));
    if labels.is_empty() {
        return refused("there are none: write at least one".into());
    }
    if labels.len() > MOST_LABELS {
        let (count, most) = (grouped(labels.len()), grouped(MOST_LABELS));
        return refused(format!("{count} are too many at once: give at most {most}"));
    }
    let mut seen = HashMap::new();
    for (number, label) in (1..).zip(labels) {
        if label.trim().is_empty() {
            return Err(wrong(number, "it is empty: write something or leave it out"));
        }
        let characters = label.chars().count();
        if characters > MOST_CHARACTERS {
            let (count, most) = (grouped(characters), grouped(MOST_CHARACTERS));
            return Err(wrong(number, format!("it has {count} characters: give at most {most}")));
        }
        if let Some(first) = seen.insert(label.trim(), number) {
            return Err(same(number, first, ""));
        }
    }
    Ok(())
}

/// What reads labels and what prepares pictures, for a network that has `places` for tokens.
pub(crate) async fn readers<T: Task>(
    kit: &Kit<T>,
    model: &str,
    names: &[String],
    places: usize,
) -> Result<(Text, Preprocess), Failure> {
    let bytes = async |name: &str| needed(name, read(kit, model, names, name).await?);
    let text = Text::from_json(&bytes(TOKENIZER).await?)?;
    let known = text.vocab_size();
    if known > places {
        return Err(no_model(format!(
            "{TOKENIZER} knows {known} tokens and config.json {places}: they belong to two models"
        )));
    }
    Ok((text, preprocess(&bytes(PREPROCESSOR).await?)?))
}

/// Ids of every label; or which of them has more than the `window` that the network reads, or the ids of another, as
/// where a model reads capitals as small letters.
pub(crate) fn in_tokens(
    text: &Text,
    labels: &[String],
    window: u32,
) -> Result<Vec<Vec<u32>>, Failure> {
    let mut seen = HashMap::new();
    let ids = |(number, label): (usize, &String)| {
        let ids = text.whole(label)?;
        if ids.len() > window as usize {
            let tokens = ids.len();
            let reason =
                format!("it takes {tokens} tokens, and this model reads {window}: shorten it");
            return Err(wrong(number, reason));
        }
        match seen.insert(ids.clone(), number) {
            Some(first) => Err(same(number, first, " to this model")),
            None => Ok(ids),
        }
    };
    (1..).zip(labels).map(ids).collect()
}
