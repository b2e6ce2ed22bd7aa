//! Find what is named in words.

use std::{cell::RefCell, rc::Rc};

use api::{
    Asked, Failure, Precision,
    find::{About, Ask, Find, Output, Partial},
    picture::Found,
};
use media::{Picture, Pixels, Preprocess};
use models::owlvit::{Config, Labels, OwlVit, Seen};

use crate::{
    Job, Kit,
    batches::batches,
    checkpoint::{self, ModelType, Told, failure, no_model, parsed},
    labels,
    picture::{area, checked, squared},
    text::Text,
};

/// What scores less is not told.
const LEAST_SCORE: f32 = 0.01;

/// A model that finds by words, ready to be asked, with what it read and looked at last.
struct Loaded {
    owl: OwlVit,
    text: Text,
    preprocess: Preprocess,
    about: About,
    read: RefCell<Option<(Vec<String>, Rc<Labels>)>>,
    seen: RefCell<Option<(Pixels, Rc<Seen>)>>,
}

impl Job for Find {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, labels }| {
            labels::check(&labels)?;
            Ok((checked(picture)?, labels))
        });
        let ask = ask.transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let found = match ask {
            Some((picture, labels)) => found(kit, &loaded, &picture, &labels).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), found })
    }
}

async fn open(kit: &Kit<Find>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "owlvit" {
        return Err(no_model(format!(
            "a model of the kind \"{model_type}\" does not find by words: choose one of the kind owlvit"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let (text, preprocess) = labels::readers(kit, model, &names, config.text.vocab_size).await?;
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let owl = OwlVit::load(&weights, config).await.map_err(|error| failure(model, error))?;
    let about = About {
        name: checkpoint::name(model),
        side_px: owl.config().vision.image_size as u32,
        window_tokens: owl.config().text.max_position_embeddings as u32,
        parameters: owl.held().parameters(),
        weight_bytes: owl.held().bytes(),
    };
    Ok(Loaded { owl, text, preprocess, about, read: RefCell::default(), seen: RefCell::default() })
}

async fn found(
    kit: &Kit<Find>,
    loaded: &Loaded,
    picture: &Picture,
    texts: &[String],
) -> Result<Vec<Found>, Failure> {
    let name = &loaded.about.name;
    let failed = |error| failure(name, error);
    // What is wrong with a picture is told before labels are read, which may take long.
    let pixels = squared(&loaded.preprocess, picture, loaded.about.side_px)?;
    let labels = read_labels(kit, loaded, texts).await?;
    let seen = look(kit, loaded, pixels).await?;
    let logits = seen.logits(&labels, &kit.breath()).await.map_err(failed)?;
    let numbers = |tensor: &models::Numbers| tensor.flatten_all()?.to_vec1::<f32>();
    let (logits, boxes) = (numbers(&logits), numbers(&seen.boxes));
    let (logits, boxes) =
        logits.and_then(|logits| Ok((logits, boxes?))).map_err(|error| failed(error.into()))?;
    checkpoint::finite(name, &logits)?;
    checkpoint::finite(name, &boxes)?;
    Ok(read(&logits, &boxes, texts, picture.size()))
}

/// The labels as the network knows them: those read last, if they are the same.
async fn read_labels(
    kit: &Kit<Find>,
    loaded: &Loaded,
    texts: &[String],
) -> Result<Rc<Labels>, Failure> {
    if let Some((known, labels)) = &*loaded.read.borrow()
        && known == texts
    {
        return Ok(labels.clone());
    }
    let failed = |error| failure(&loaded.about.name, error);
    let ids = labels::in_tokens(&loaded.text, texts, loaded.about.window_tokens)?;
    let (mut points, mut done) = (Vec::new(), 0);
    for batch in batches(&ids, Vec::len, labels::BATCH_TOKENS) {
        let total_labels = texts.len() as u32;
        kit.send(Partial::Reading { done_labels: done, total_labels }).await?;
        points.push(loaded.owl.read(batch, &kit.breath()).await.map_err(failed)?);
        done += batch.len() as u32;
    }
    let labels = Rc::new(loaded.owl.labels(&points).map_err(failed)?);
    *loaded.read.borrow_mut() = Some((texts.to_vec(), labels.clone()));
    Ok(labels)
}

/// The picture as the network saw it: the one looked at last, if it is the same.
async fn look(kit: &Kit<Find>, loaded: &Loaded, pixels: Pixels) -> Result<Rc<Seen>, Failure> {
    if let Some((known, seen)) = &*loaded.seen.borrow()
        && *known == pixels
    {
        return Ok(seen.clone());
    }
    kit.send(Partial::Looking).await?;
    let look = async || {
        let numbers = models::numbers(pixels.planes.clone(), &loaded.owl.input_shape())?;
        loaded.owl.look(&numbers, &kit.breath()).await
    };
    let seen = Rc::new(look().await.map_err(|error| failure(&loaded.about.name, error))?);
    *loaded.seen.borrow_mut() = Some((pixels, seen.clone()));
    Ok(seen)
}

/// What each place shows most of, the surest first, equally sure ones in their own order: `logits` of every
/// label for each place, `boxes` as middle, width and height in parts of a picture of `size`.
fn read(logits: &[f32], boxes: &[f32], labels: &[String], size: [u32; 2]) -> Vec<Found> {
    let one = |(logits, place): (&[f32], &[f32])| {
        let (best, logit) =
            labels.iter().zip(logits).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        let score = 1. / (1. + (-logit).exp());
        let found = || Some(Found { label: best.clone(), score, area: area(place, size)? });
        if score < LEAST_SCORE { None } else { found() }
    };
    let places = logits.chunks_exact(labels.len().max(1)).zip(boxes.chunks_exact(4));
    let mut found: Vec<Found> = places.filter_map(one).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::Value;

    use super::*;

    /// See `tests/golden/owlvit.py`.
    #[test]
    fn recorded_answers_are_read_as_the_reference_reads_them() {
        let golden: Value =
            serde_json::from_str(include_str!("../../../tests/golden/owlvit/post.json")).unwrap();
        fn of<T: for<'a> serde::Deserialize<'a>>(value: &Value) -> T {
            serde_json::from_value(value.clone()).unwrap()
        }
        let flat = |name: &str| of::<Vec<Vec<f32>>>(&golden[name]).concat();
        let (labels, size) = (
            of::<Vec<String>>(&golden["labels"]),
            ["width", "height"].map(|side| of(&golden[side])),
        );
        let found = read(&flat("logits"), &flat("boxes"), &labels, size);
        assert_eq!(golden["found"].as_object().unwrap().len(), 3);
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
