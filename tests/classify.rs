//! Pictures and labels through the worker's door, against `golden/classify.py`.

use crate::{
    engine::{Bytes, Engine, read},
    near::FLOAT_ERROR,
    pictures::generated,
};
use api::{
    Asked, Failure, Precision,
    classify::{Ask, Classify, MOST_CHARACTERS, MOST_LABELS, Output, Partial, Score},
    picture::Picture,
};
use serde_json::Value;

/// The files of the tiny seeded CLIP.
fn files() -> Vec<(&'static str, Bytes)> {
    let mut files: Vec<_> = ["config.json", "model.safetensors", "preprocessor_config.json"]
        .map(|name| (name, read(&format!("golden/encoder/clip-both/{name}"))))
        .into();
    files.push(("tokenizer.json", read("golden/text/clip.json")));
    files
}

fn tiny() -> Engine {
    Engine::with("tiny", &files())
}

/// The tiny one with a file changed, or without it.
fn with(name: &str, change: impl Fn(String) -> Option<String>) -> Engine {
    let mut files = files();
    let at = files.iter().position(|(known, _)| *known == name).unwrap();
    match change(String::from_utf8(files[at].1.clone()).unwrap()) {
        Some(text) => files[at].1 = text.into(),
        None => drop(files.remove(at)),
    }
    Engine::with("tiny", &files)
}

fn ask(picture: Picture, labels: &[&str]) -> Option<Ask> {
    Some(Ask { picture, labels: labels.iter().map(|&label| label.to_owned()).collect() })
}

fn run(
    engine: &Engine,
    ask: Option<Ask>,
    precision: Precision,
) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision, ask };
    engine.call::<Classify>(&input, Box::new(|_| false))
}

#[track_caller]
fn scores(engine: &Engine, ask: Option<Ask>) -> Vec<Score> {
    run(engine, ask, Precision::Stored).1.unwrap().scores
}

#[track_caller]
fn refused(engine: &Engine, ask: Option<Ask>, words: &str) {
    let said = run(engine, ask, Precision::Stored).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

#[test]
fn labels_are_scored_as_the_references_pipeline_scores_them() {
    let cases: Vec<Value> =
        serde_json::from_slice(&read("golden/encoder/clip-both/cases.json")).unwrap();
    assert!(cases.len() > 8);
    let engine = tiny();
    for case in &cases {
        let labels: Vec<&str> = case["labels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|label| label.as_str().unwrap())
            .collect();
        let got = scores(&engine, ask(generated(case["picture"].as_str().unwrap()), &labels));
        let want: Vec<(String, f32)> = serde_json::from_value(case["scores"].clone()).unwrap();
        assert_eq!(got.len(), want.len());
        for (got, (label, probability)) in got.iter().zip(&want) {
            assert_eq!(&got.label, label, "{case}");
            let off = (got.probability - probability).abs();
            assert!(off <= FLOAT_ERROR, "{label}: {} for {probability}", got.probability);
        }
    }
}

#[test]
fn a_model_tells_what_it_is_and_is_loaded_once() {
    let engine = tiny();
    let Output { model, scores: none } = run(&engine, None, Precision::Stored).1.unwrap();
    assert_eq!((model.name.as_str(), model.side_px, model.window_tokens), ("tiny", 24, 40));
    assert!(none.is_empty());
    let opened = engine.shelf.opened.borrow().len();
    scores(&engine, ask(generated("40x40"), &["a", "b"]));
    assert_eq!(engine.shelf.opened.borrow().len(), opened);
}

#[test]
fn eight_bits_change_little() {
    let engine = tiny();
    let labels = ["a red circle", "two blue squares", "the tower"];
    let asked = || ask(generated("61x44"), &labels);
    let rounded = run(&engine, asked(), Precision::Q8_0).1.unwrap().scores;
    let mut off = Vec::new();
    for score in scores(&engine, asked()) {
        let other = rounded.iter().find(|other| other.label == score.label).unwrap();
        off.push((score.probability - other.probability).abs());
    }
    assert!(off.iter().all(|off| *off < 0.02) && off.iter().any(|off| *off > 1e-6), "{off:?}");
}

#[test]
fn labels_that_cannot_be_used_are_named_by_their_number() {
    let engine = tiny();
    let asked = |labels: &[&str]| ask(generated("40x40"), labels);
    refused(&engine, asked(&[]), "labels: there are none");
    refused(&engine, asked(&["a", " \n"]), "label 2: it is empty");
    refused(&engine, asked(&["a cat", "b", " a cat"]), "label 3: it is the same as label 1: leave");
    let long = "x".repeat(MOST_CHARACTERS + 1);
    refused(&engine, asked(&["a", &long]), "label 2: it has 2,001 characters: give at most 2,000");
    let many: Vec<_> = (0..=MOST_LABELS).map(|at| at.to_string()).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    refused(&engine, asked(&many), "labels: 1,001 are too many at once");
    let flat = Picture { width: 3, height: 2, rgb: vec![0; 17] };
    refused(&engine, ask(flat, &["a"]), "picture: 3 × 2 pixels are 18 bytes, not 17");
    assert!(engine.shelf.opened.borrow().is_empty(), "refused before anything is loaded");
    let same = "label 3: it is the same as label 1 to this model";
    refused(&engine, asked(&["a cat", "b", "A cat"]), same);
    let words = "the tower is one ".repeat(20);
    refused(&engine, asked(&["a", &words]), "tokens, and this model reads 40: shorten it");
    assert_eq!(scores(&engine, asked(&["a", "b"])).len(), 2, "it still answers");
}

#[test]
fn the_smallest_and_the_thinnest_picture_are_looked_at() {
    let engine = tiny();
    for (width, height) in [(1, 1), (5_000, 1), (1, 5_000)] {
        let rgb = [200, 40, 40].repeat((width * height) as usize);
        let got = scores(&engine, ask(Picture { width, height, rgb }, &["a", "b", "c"]));
        let sum: f32 = got.iter().map(|score| score.probability).sum();
        assert!((sum - 1.).abs() < 1e-5, "{width} × {height}: {sum}");
    }
}

#[test]
fn two_hundred_labels_come_back_sorted_with_progress() {
    let labels: Vec<_> = (0..200).map(|at| format!("the tower is {at} metres tall")).collect();
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    let engine = tiny();
    let (partials, output) = run(&engine, ask(generated("61x44"), &labels), Precision::Stored);
    let got = output.unwrap().scores;
    assert_eq!(got.len(), 200);
    assert!(got.is_sorted_by(|one, other| one.logit >= other.logit));
    let told: Vec<u32> = partials
        .iter()
        .filter_map(|partial| match partial {
            Partial::Reading { done_labels, total_labels: 200 } => Some(*done_labels),
            _ => None,
        })
        .collect();
    assert!(told.len() > 3 && told.is_sorted() && told[0] == 0, "{told:?}");
    // What a label gets does not depend on those beside it.
    let alone = scores(&engine, ask(generated("61x44"), &labels[77..78]));
    let among = got.iter().find(|score| score.label == labels[77]).unwrap();
    assert!((alone[0].logit - among.logit).abs() <= FLOAT_ERROR * among.logit.abs());
    assert_eq!(alone[0].probability, 1.);
}

#[test]
fn a_stop_ends_it_and_the_next_question_is_answered() {
    let labels: Vec<_> = (0..200).map(|at| format!("label {at}")).collect();
    let labels: Vec<_> = labels.iter().map(String::as_str).collect();
    let engine = tiny();
    let input = Asked {
        model: "tiny".into(),
        precision: Precision::Stored,
        ask: ask(generated("40x40"), &labels),
    };
    let some = |partial: &Partial| matches!(partial, Partial::Reading { done_labels: 1.., .. });
    let (partials, end) = engine.call::<Classify>(&input, Box::new(some));
    assert_eq!(end, Err(Failure::Stopped));
    let read = partials.iter().filter(|partial| matches!(partial, Partial::Reading { .. })).count();
    assert_eq!(read, 2, "nothing comes after the stop");
    let opened = engine.shelf.opened.borrow().len();
    assert_eq!(scores(&engine, ask(generated("40x40"), &["a", "b"])).len(), 2);
    assert_eq!(engine.shelf.opened.borrow().len(), opened, "it stays loaded");
}

#[test]
fn files_that_do_not_fit_together_are_told() {
    let asked = || ask(generated("40x40"), &["a", "b"]);
    for missing in ["tokenizer.json", "preprocessor_config.json"] {
        refused(&with(missing, |_| None), asked(), &format!("{missing} is missing"));
    }
    let bert = with("config.json", |text| Some(text.replace("\"clip\"", "\"bert\"")));
    refused(&bert, asked(), "\"bert\" does not compare pictures with labels");
    let other = with("preprocessor_config.json", |text| Some(text.replace("24", "16")));
    refused(&other, asked(), "16 × 16, and the network looks at 24 × 24");
    let unknown =
        with("preprocessor_config.json", |text| Some(text.replace("CLIPImage", "OwlImage")));
    refused(&unknown, asked(), "preprocessor_config.json: the processor OwlImageProcessor");
    let few = with("config.json", |text| {
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["text_config"]["vocab_size"] = 600.into();
        Some(config.to_string())
    });
    refused(&few, asked(), "knows 700 tokens and config.json 600");
}
