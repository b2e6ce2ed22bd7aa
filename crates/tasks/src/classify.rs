//! Tell how well each of some labels says what a picture shows.

use api::{
    Asked, Failure, Precision,
    classify::{About, Ask, Classify, Output, Partial, Score},
};
use media::{Picture, Preprocess};
use models::clip::{Clip, Config};

use crate::{
    Job, Kit,
    batches::batches,
    checkpoint::{self, ModelType, Told, failure, no_model, parsed},
    labels,
    picture::{checked, squared},
    text::Text,
};

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
            labels::check(&labels)?;
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

async fn open(kit: &Kit<Classify>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "clip" {
        return Err(no_model(format!(
            "\"{model_type}\" does not compare pictures with labels: choose a model of CLIP's kind"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let (text, preprocess) = labels::readers(kit, model, &names, config.text.vocab_size).await?;
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
    let read = labels::in_tokens(&loaded.text, &labels, loaded.about.window_tokens)?;
    let pixels = squared(&loaded.preprocess, picture, loaded.about.side_px)?;
    let pixels =
        models::numbers(pixels.planes, &loaded.clip.vision.input_shape()).map_err(failed)?;
    kit.send(Partial::Looking).await?;
    let shown = loaded.clip.vision.forward(&pixels, &kit.breath()).await.map_err(failed)?;
    let mut logits = Vec::with_capacity(labels.len());
    for batch in batches(&read, Vec::len, labels::BATCH_TOKENS) {
        let done_labels = logits.len() as u32;
        kit.send(Partial::Reading { done_labels, total_labels: labels.len() as u32 }).await?;
        let said = loaded.clip.text.forward(batch, &kit.breath()).await.map_err(failed)?;
        logits.extend(loaded.clip.logits(&shown, &said).map_err(failed)?);
    }
    checkpoint::finite(&loaded.about.name, &logits)?;
    Ok(sorted(labels, logits))
}

/// The likeliest first; equal ones stay in order. Logits are finite.
pub(crate) fn sorted(labels: Vec<String>, logits: Vec<f32>) -> Vec<Score> {
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
