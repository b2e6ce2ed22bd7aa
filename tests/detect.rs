//! Pictures through the worker's door to the things in them, against `golden/detr.py`.

use crate::{
    boxes::{self, Thing, average_precision, hits, sides},
    engine::{Bytes, Engine, read},
    near::{FLOAT_ERROR, Q8_0_COSINE, cosine},
    pictures::{png, square},
};
use api::{
    Asked, Failure, Precision,
    detect::{Detect, Output, Partial},
    picture::Found,
    picture::Picture,
};
use serde_json::Value;

/// The files of the tiny seeded DETR.
fn files() -> Vec<(&'static str, Bytes)> {
    let names = ["config.json", "model.safetensors", "preprocessor_config.json"];
    names.map(|name| (name, read(&format!("golden/detr/basic/{name}")))).into()
}

/// The tiny one with a file changed, or without it.
fn with(name: &str, change: impl Fn(Bytes) -> Option<Bytes>) -> Engine {
    let mut files = files();
    let at = files.iter().position(|(known, _)| *known == name).unwrap();
    match change(files[at].1.clone()) {
        Some(body) => files[at].1 = body,
        None => drop(files.remove(at)),
    }
    Engine::with("tiny", &files)
}

fn run(
    engine: &Engine,
    picture: Option<Picture>,
    precision: Precision,
) -> (Vec<Partial>, Result<Output, Failure>) {
    let ask = picture;
    let input = Asked { model: "tiny".into(), precision, ask };
    engine.call::<Detect>(&input, Box::new(|_| false))
}

#[track_caller]
fn refused(engine: &Engine, picture: Option<Picture>, words: &str) {
    let said = run(engine, picture, Precision::Stored).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

struct Case {
    picture: Picture,
    found: Vec<(String, f32, Vec<f32>)>,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_slice(&read("golden/detr/task.json")).unwrap();
    let case = |case: &Value| {
        let side = |name: &str| case[name].as_u64().unwrap() as u32;
        let rgb: Vec<u8> = serde_json::from_value(case["rgb"].clone()).unwrap();
        let found = case["found"].as_array().unwrap().iter().map(|one| {
            let label = one["label"].as_str().unwrap().to_owned();
            let area = serde_json::from_value(one["box"].clone()).unwrap();
            (label, one["score"].as_f64().unwrap() as f32, area)
        });
        let picture = Picture { width: side("width"), height: side("height"), rgb };
        Case { picture, found: found.collect() }
    };
    cases.iter().map(case).collect()
}

#[test]
fn things_are_found_where_the_references_pipeline_finds_them() {
    let (engine, cases) = (Engine::with("tiny", &files()), cases());
    assert_eq!(cases.len(), 3);
    for Case { picture, found } in cases {
        let size = [picture.width, picture.height];
        let got = run(&engine, Some(picture.clone()), Precision::Stored).1.unwrap().found;
        assert_eq!(got.len(), found.len());
        let most = size.map(|side| side as f32).into_iter().fold(0., f32::max);
        for (got, (label, score, area)) in got.iter().zip(&found) {
            assert_eq!(&got.label, label, "{size:?}");
            assert!((got.score - score).abs() <= FLOAT_ERROR, "{} for {score}", got.score);
            let own = sides(got);
            let off = own.iter().zip(area).map(|(got, want)| (got - want).abs());
            assert!(off.fold(0., f32::max) <= FLOAT_ERROR * most, "{got:?} for {area:?}");
        }
        let rounded = run(&engine, Some(picture), Precision::Q8_0).1.unwrap().found;
        let scores = |found: &[Found]| found.iter().map(|one| one.score).collect::<Vec<_>>();
        let (rounded, got) = (scores(&rounded), scores(&got));
        assert!(cosine(&rounded, &got) >= Q8_0_COSINE && rounded != got, "{rounded:?} for {got:?}");
    }
}

#[test]
fn a_model_tells_what_it_is_and_what_it_looks_at() {
    let engine = Engine::with("tiny", &files());
    let (partials, output) = run(&engine, None, Precision::Stored);
    let Output { model, found } = output.unwrap();
    assert!(found.is_empty() && partials.iter().all(|one| matches!(one, Partial::Loading(_))));
    assert_eq!(model.labels, ["N/A", "cat", "remote", "potted plant"]);
    assert_eq!(model.queries, 7);
    assert!(model.parameters > 50_000 && model.weight_bytes >= 4 * model.parameters, "{model:?}");
    let (partials, _) = run(&engine, Some(cases().remove(0).picture), Precision::Stored);
    assert!(matches!(partials.last(), Some(Partial::Looking { width: 64.., height: 64.. })));
}

#[test]
fn what_is_no_picture_or_no_detector_is_told() {
    let engine = Engine::with("tiny", &files());
    let picture = |width, height, bytes| Some(Picture { width, height, rgb: vec![9; bytes] });
    refused(&engine, picture(0, 4, 0), "picture");
    refused(&engine, picture(4, 4, 47), "picture");
    assert_eq!(run(&engine, picture(1, 1, 3), Precision::Stored).1.unwrap().found.len(), 7);
    refused(
        &with("preprocessor_config.json", |_| None),
        None,
        "preprocessor_config.json is missing",
    );
    refused(&with("config.json", |_| None), None, "config.json is missing");
    let other = |body: Bytes| {
        Some(String::from_utf8(body).unwrap().replace("\"detr\"", "\"yolos\"").into_bytes())
    };
    refused(&with("config.json", other), None, "\"yolos\" does not find things");
    let cut = |body: Bytes| Some(body[..body.len() / 2].to_vec());
    refused(&with("model.safetensors", cut), None, "on, the file has 233598");
}

#[test]
fn a_look_can_be_stopped_and_asked_again() {
    let engine = Engine::with("tiny", &files());
    let input = |precision| {
        let ask = Some(cases().remove(0).picture);
        Asked { model: "tiny".into(), precision, ask }
    };
    let stop = Box::new(|partial: &Partial| matches!(partial, Partial::Looking { .. }));
    let stopped = engine.call::<Detect>(&input(Precision::Stored), stop).1;
    assert_eq!(stopped.unwrap_err(), Failure::Stopped);
    let found = run(&engine, Some(cases().remove(0).picture), Precision::Stored).1.unwrap().found;
    assert_eq!(found.len(), 7);
}

/// See `recipes/detect/evaluate.py`: the file says how the figures are found.
#[test]
fn the_shipped_model_is_as_good_as_its_card_says() {
    let golden: Value = serde_json::from_slice(&read("golden/default_detect.json")).unwrap();
    let (sheet, engine) = (png("golden/default_detect.png"), Engine::shipped("wick-detect"));
    let number = |name: &str| golden[name].as_f64().unwrap();
    let (threshold, mut right, mut all) = (number("threshold") as f32, 0, Vec::new());
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() > 50);
    for (at, case) in cases.iter().enumerate() {
        let ask = Some(square(&sheet, number("side") as u32, at));
        let input = Asked { model: "wick-detect".into(), precision: Precision::Stored, ask };
        let found = engine.call::<Detect>(&input, Box::new(|_| false)).1.unwrap().found;
        for want in case["found"].as_array().unwrap() {
            let (label, area) = boxes::of(want);
            let score = want["score"].as_f64().unwrap() as f32;
            let near = |one: &&Found| {
                one.label == label
                    && (one.score - score).abs() < 1e-3
                    && sides(one).iter().zip(&area).all(|(a, b)| (a - b).abs() < 0.05)
            };
            assert!(found.iter().any(|one| near(&one)), "picture {at}: {want} in {found:?}");
        }
        let things: Vec<Thing> = case["things"].as_array().unwrap().iter().map(boxes::of).collect();
        let sure: Vec<&Found> = found.iter().filter(|one| one.score > threshold).collect();
        let whole = sure.len() == things.len() && hits(&sure, &things).iter().all(|hit| *hit);
        right += usize::from(whole);
        all.push((found, things));
    }
    let mut labels: Vec<_> =
        all.iter().flat_map(|(_, things)| things.iter().map(|thing| thing.0.clone())).collect();
    labels.sort();
    labels.dedup();
    let sum: f64 = labels.iter().map(|label| average_precision(label, &all)).sum();
    let (map50, exact) = (sum / labels.len() as f64, right as f64 / cases.len() as f64);
    eprintln!("{right} of {} pictures whole, mean average precision {map50:.4}", cases.len());
    // One picture may lie so near the threshold that it falls to the other side.
    assert!(exact >= number("exact") - 1.001 / cases.len() as f64, "only {exact} are whole");
    assert!((map50 - number("map50")).abs() < 5e-3, "{map50}");
}
