//! Tell how well each of some labels says what a picture shows.

use std::collections::HashMap;

use api::{
    Asked, Failure, Precision,
    classify::{About, Ask, Classify, MOST_CHARACTERS, MOST_LABELS, Output, Partial, Score},
};
use media::{Picture, Preprocess};
use models::{
    Numbers,
    clip::{Clip, Config},
};

use crate::{
    Job, Kit,
    batches::batches,
    checkpoint::{self, ModelType, Told, failure, needed, no_model, parsed},
    grouped::grouped,
    picture::checked,
    text::Text,
};

const PREPROCESSOR: &str = "preprocessor_config.json";
const TOKENIZER: &str = "tokenizer.json";
/// Tokens of all labels the network reads at once: enough to keep its products busy, few enough for the
/// page to be told every second or so.
const BATCH_TOKENS: usize = 256;

/// A model that knows pictures and texts, ready to be asked.
struct Loaded {
    clip: Clip,
    text: Text,
    preprocess: Preprocess,
    about: About,
}

impl Job for Classify {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, labels }| {
            check(&labels)?;
            Ok((checked(picture)?, labels))
        });
        let ask = ask.transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let scores = match ask {
            Some((picture, labels)) => scores(kit, &loaded, &picture, labels).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), scores })
    }
}

/// One label, counted from 1, is at fault.
fn wrong(number: usize, reason: impl Into<String>) -> Failure {
    Failure::input(format!("label {number}"), reason)
}

fn check(labels: &[String]) -> Result<(), Failure> {
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
        // The model reads capitals as small letters.
        if let Some(first) = seen.insert(label.trim().to_lowercase(), number) {
            let reason = format!("it is the same as label {first}: leave one of them out");
            return Err(wrong(number, reason));
        }
    }
    Ok(())
}

async fn open(kit: &Kit<Classify>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let bytes = async |name: &str| {
        let body = checkpoint::read(kit, model, &names, name).await?;
        needed(name, body)
    };
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "clip" {
        return Err(no_model(format!(
            "\"{model_type}\" does not compare pictures with labels: choose a model of CLIP's kind"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let text = Text::from_json(&bytes(TOKENIZER).await?)?;
    let (known, places) = (text.vocab_size(), config.text.vocab_size);
    if known > places {
        return Err(no_model(format!(
            "{TOKENIZER} knows {known} tokens and config.json {places}: they belong to two models"
        )));
    }
    let preprocess = Preprocess::from_json(&bytes(PREPROCESSOR).await?)
        .map_err(|reason| Failure::Fetch { file: PREPROCESSOR.into(), reason })?;
    let about = About {
        name: checkpoint::name(model),
        side_px: config.vision.image_size as u32,
        window_tokens: config.text.max_position_embeddings as u32,
    };
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let clip = Clip::load(&weights, config).await.map_err(|error| failure(model, error))?;
    Ok(Loaded { clip, text, preprocess, about })
}

async fn scores(
    kit: &Kit<Classify>,
    loaded: &Loaded,
    picture: &Picture,
    labels: Vec<String>,
) -> Result<Vec<Score>, Failure> {
    let failed = |error| failure(&loaded.about.name, error);
    // All of them first: a label that cannot be read is told before the long work, not in the middle.
    let read = in_tokens(loaded, &labels)?;
    let pixels = pixels(loaded, picture)?;
    kit.send(Partial::Looking).await?;
    let shown = loaded.clip.vision.forward(&pixels, &kit.breath()).await.map_err(failed)?;
    let mut logits = Vec::with_capacity(labels.len());
    for batch in batches(&read, Vec::len, BATCH_TOKENS) {
        let done_labels = logits.len() as u32;
        kit.send(Partial::Reading { done_labels, total_labels: labels.len() as u32 }).await?;
        let said = loaded.clip.text.forward(batch, &kit.breath()).await.map_err(failed)?;
        logits.extend(loaded.clip.logits(&shown, &said).map_err(failed)?);
    }
    if !logits.iter().all(|logit| logit.is_finite()) {
        let reason = "its numbers are not finite: the file is damaged".into();
        return Err(Failure::Fetch { file: loaded.about.name.clone(), reason });
    }
    Ok(sorted(labels, logits))
}

fn in_tokens(loaded: &Loaded, labels: &[String]) -> Result<Vec<Vec<u32>>, Failure> {
    let window = loaded.about.window_tokens as usize;
    let ids = |(number, label): (usize, &String)| {
        let ids = loaded.text.whole(label)?;
        if ids.len() > window {
            let tokens = ids.len();
            let reason =
                format!("it takes {tokens} tokens, and this model reads {window}: shorten it");
            return Err(wrong(number, reason));
        }
        Ok(ids)
    };
    (1..).zip(labels).map(ids).collect()
}

fn pixels(loaded: &Loaded, picture: &Picture) -> Result<Numbers, Failure> {
    let wrong = |reason| Failure::input("picture", reason);
    let pixels = loaded.preprocess.pixels(picture).map_err(wrong)?;
    let (wide, high, side) = (pixels.width, pixels.height, loaded.about.side_px);
    if [wide, high] != [side; 2] {
        return Err(no_model(format!(
            "{PREPROCESSOR} makes this picture {wide} × {high}, and the network looks at {side} × {side}: \
             they belong to two models"
        )));
    }
    let shape = loaded.clip.vision.input_shape();
    models::numbers(pixels.planes, &shape).map_err(|error| failure(PREPROCESSOR, error))
}

/// The likeliest first; equal ones stay in order. Logits are finite.
fn sorted(labels: Vec<String>, logits: Vec<f32>) -> Vec<Score> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
    let score = |(label, logit): (String, f32)| Score {
        label,
        logit,
        probability: (logit - most).exp() / sum,
    };
    let mut scores: Vec<_> = labels.into_iter().zip(logits).map(score).collect();
    scores.sort_by(|one, other| other.logit.total_cmp(&one.logit));
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_sorted_and_add_up_to_one() {
        let labels = ["a", "b", "c", "d"].map(String::from).to_vec();
        let scores = sorted(labels, vec![90.0, 100.0, 90.0, 100.0 + f32::ln(2.0)]);
        let order: Vec<_> = scores.iter().map(|score| score.label.as_str()).collect();
        assert_eq!(order, ["d", "b", "a", "c"]);
        assert!((scores[0].probability - 2. * scores[1].probability).abs() < 1e-4);
        assert!((scores.iter().map(|score| score.probability).sum::<f32>() - 1.).abs() < 1e-6);
    }
}
