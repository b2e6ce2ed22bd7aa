//! Find the things in a picture.

use api::{
    Asked, Failure, Precision,
    detect::{About, Detect, Output, Partial},
    picture::Found,
};
use media::{Picture, Preprocess};
use models::detr::{Config, Detr};

use crate::{
    Job, Kit,
    checkpoint::{self, ModelType, Told, failure, finite, no_model, parsed},
    picture::{PREPROCESSOR, area, checked, preprocess},
};

/// A detector, ready to look.
struct Loaded {
    detr: Detr,
    preprocess: Preprocess,
    about: About,
}

impl Job for Detect {
    async fn run(kit: &Kit<Self>, input: Asked<api::picture::Picture>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let picture = ask.map(checked).transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let found = match picture {
            Some(picture) => found(kit, &loaded, &picture).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), found })
    }
}

async fn open(kit: &Kit<Detect>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "detr" {
        return Err(no_model(format!(
            "a model of the kind \"{model_type}\" does not find things: choose one of the kind detr"
        )));
    }
    let preprocessor = checkpoint::read(kit, model, &names, PREPROCESSOR).await?;
    let preprocess = preprocess(&checkpoint::needed(PREPROCESSOR, preprocessor)?)?;
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let detr = Detr::load(&weights, config).await.map_err(|error| failure(model, error))?;
    let about = About {
        name: checkpoint::name(model),
        labels: detr.config().labels.clone(),
        queries: detr.config().num_queries as u32,
        parameters: detr.held().parameters(),
        weight_bytes: detr.held().bytes(),
    };
    Ok(Loaded { detr, preprocess, about })
}

async fn found(
    kit: &Kit<Detect>,
    loaded: &Loaded,
    picture: &Picture,
) -> Result<Vec<Found>, Failure> {
    let Loaded { detr, preprocess, about } = loaded;
    let pixels = preprocess.pixels(picture).map_err(|reason| Failure::input("picture", reason))?;
    let (width, height) = (pixels.width, pixels.height);
    kit.send(Partial::Looking { width, height }).await?;
    let look = async || {
        let shape = [3, height as usize, width as usize];
        let answer = detr.forward(&models::numbers(pixels.planes, &shape)?, &kit.breath()).await?;
        Ok::<_, models::Error>((answer.logits.to_vec2()?, answer.boxes.to_vec2()?))
    };
    let (logits, boxes): (Vec<Vec<f32>>, Vec<Vec<f32>>) =
        look().await.map_err(|error| failure(&about.name, error))?;
    finite(&about.name, logits.iter().chain(&boxes).flatten())?;
    Ok(read(&logits, &boxes, &about.labels, picture.size()))
}

/// What queries found, the surest first, equally sure ones in their own order: `logits` of each label
/// and of nothing, `boxes` as middle, width and height in parts of a picture of `size`.
fn read(logits: &[Vec<f32>], boxes: &[Vec<f32>], labels: &[String], size: [u32; 2]) -> Vec<Found> {
    let one = |(logits, place): (&Vec<f32>, &Vec<f32>)| {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
        let (best, logit) =
            labels.iter().zip(logits).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        let area = area(place, size)?;
        Some(Found { label: best.clone(), score: (logit - most).exp() / sum, area })
    };
    let mut found: Vec<Found> = logits.iter().zip(boxes).filter_map(one).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::Value;

    use super::*;

    /// See `tests/golden/detr.py`.
    #[test]
    fn recorded_answers_are_read_as_the_reference_reads_them() {
        let golden: Value =
            serde_json::from_str(include_str!("../../../tests/golden/detr/post.json")).unwrap();
        fn of<T: for<'a> serde::Deserialize<'a>>(value: &Value) -> T {
            serde_json::from_value(value.clone()).unwrap()
        }
        let (logits, boxes): (Vec<Vec<f32>>, Vec<Vec<f32>>) =
            (of(&golden["logits"]), of(&golden["boxes"]));
        let labels: Vec<String> = of(&golden["labels"]);
        let found = read(&logits, &boxes, &labels, [of(&golden["width"]), of(&golden["height"])]);
        for (threshold, wanted) in golden["found"].as_object().unwrap() {
            let threshold: f32 = threshold.parse().unwrap();
            let wanted = wanted.as_array().unwrap();
            let got: Vec<_> = found.iter().filter(|one| one.score > threshold).collect();
            assert_eq!(got.len(), wanted.len(), "{threshold}");
            for (got, want) in got.iter().zip(wanted) {
                assert_eq!(want["label"], got.label.as_str());
                let sides = [got.area.xmin, got.area.ymin, got.area.xmax, got.area.ymax];
                let wanted_sides: Vec<f32> = of(&want["box"]);
                assert!((got.score - of::<f32>(&want["score"])).abs() < 1e-6);
                let off = sides.iter().zip(&wanted_sides).map(|(a, b)| (a - b).abs());
                assert!(off.fold(0., f32::max) < 1e-3, "{sides:?} for {wanted_sides:?}");
            }
        }
    }
}
