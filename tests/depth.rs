//! Pictures through the worker's door to how near everything is, against `golden/dpt.py`.

use crate::{
    engine::{Bytes, Engine, read},
    near::{FLOAT_ERROR, Q8_0_COSINE, cosine},
};
use api::{
    Asked, Failure, Precision,
    depth::{Depth, Map, Output, Partial},
    picture::Picture,
};
use serde_json::Value;

/// The files of a tiny seeded checkpoint.
fn files(of: &str) -> Vec<(&'static str, Bytes)> {
    let names = ["config.json", "model.safetensors", "preprocessor_config.json"];
    names.map(|name| (name, read(&format!("golden/dpt/{of}/{name}")))).into()
}

fn run(
    engine: &Engine,
    ask: Option<Picture>,
    precision: Precision,
) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision, ask };
    engine.call::<Depth>(&input, Box::new(|_| false))
}

/// The model's own numbers, to one of 65,535 parts of the largest.
fn depth(map: &Map) -> Vec<f32> {
    assert_eq!(map.levels.len(), 2 * (map.width * map.height) as usize);
    let level = |two: &[u8]| f32::from(u16::from_le_bytes([two[0], two[1]]));
    map.levels.chunks_exact(2).map(|two| level(two) / 65_535. * map.most).collect()
}

struct Case {
    model: String,
    picture: Picture,
    looked_at: [u32; 2],
    most: f32,
    stride: usize,
    depth: Vec<f32>,
    grey: Vec<u8>,
}

fn of<T: for<'a> serde::Deserialize<'a>>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn cases() -> Vec<Case> {
    let golden: Value = serde_json::from_slice(&read("golden/dpt/task.json")).unwrap();
    let case = |case: &Value| {
        let shown = &golden["pictures"][case["picture"].as_u64().unwrap() as usize];
        let (width, height) = (of(&shown["width"]), of(&shown["height"]));
        Case {
            model: of(&case["model"]),
            picture: Picture { width, height, rgb: of(&shown["rgb"]) },
            looked_at: of(&case["looked_at"]),
            most: of(&case["most"]),
            stride: of(&case["stride"]),
            depth: of(&case["depth"]),
            grey: of(&case["grey"]),
        }
    };
    golden["cases"].as_array().unwrap().iter().map(case).collect()
}

#[test]
fn depth_is_what_the_references_pipeline_tells() {
    let cases = cases();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let engine = Engine::with("tiny", &files(&case.model));
        let what = format!("{} of {} × {}", case.model, case.picture.width, case.picture.height);
        let (partials, output) = run(&engine, Some(case.picture.clone()), Precision::Stored);
        let [width, height] = case.looked_at;
        assert_eq!(partials.last(), Some(&Partial::Looking { width, height }), "{what}");
        let map = output.unwrap().depth.unwrap();
        assert_eq!([map.width, map.height], [case.picture.width, case.picture.height]);
        assert!((map.most - case.most).abs() <= FLOAT_ERROR * case.most, "{what}: {}", map.most);
        let all = depth(&map);
        let off = |(got, want): (f32, &f32)| (got - want.max(0.)).abs();
        let got = all.iter().copied().step_by(case.stride);
        let most_off = got.zip(&case.depth).map(off).fold(0., f32::max);
        assert!(most_off <= 2. * FLOAT_ERROR * case.most, "{what}: off by {most_off}");
        // As the course makes a grey picture of it; a number between two greys may fall to either side.
        let grey = map.levels.chunks_exact(2).step_by(case.stride);
        let grey = grey.map(|two| (u16::from_le_bytes([two[0], two[1]]) / 257) as u8);
        let greys: Vec<u8> = grey.collect();
        let others = greys.iter().zip(&case.grey).filter(|(got, want)| got != want).count();
        assert!(greys.iter().zip(&case.grey).all(|(got, want)| got.abs_diff(*want) <= 1), "{what}");
        assert!(others * 50 <= greys.len(), "{what}: {others} of {} greys", greys.len());
        let rounded = run(&engine, Some(case.picture), Precision::Q8_0).1.unwrap().depth.unwrap();
        let near = cosine(&depth(&rounded), &all);
        assert!(near >= Q8_0_COSINE && rounded != map, "{what}: cosine {near}");
    }
}

#[test]
fn a_model_tells_what_it_is_and_pictures_may_be_small_or_wide() {
    let engine = Engine::with("tiny", &files("anything"));
    let Output { model, depth } = run(&engine, None, Precision::Stored).1.unwrap();
    assert!(depth.is_none() && model.parameters > 20_000 && model.weight_bytes > 40_000);
    for (width, height) in [(1, 1), (300, 90), (2, 2)] {
        let picture = Picture { width, height, rgb: vec![128; (width * height * 3) as usize] };
        let map = run(&engine, Some(picture), Precision::Stored).1.unwrap().depth.unwrap();
        assert_eq!(
            [map.width, map.height, 2],
            [width, height, map.levels.len() as u32 / width / height]
        );
    }
}

#[track_caller]
fn refused(files: &[(&'static str, Bytes)], ask: Option<Picture>, words: &str) {
    let said = run(&Engine::with("tiny", files), ask, Precision::Stored).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

#[test]
fn what_is_no_picture_or_no_estimator_is_told() {
    let whole = files("anything");
    let picture = |width, height, bytes| Some(Picture { width, height, rgb: vec![9; bytes] });
    refused(&whole, picture(0, 4, 0), "picture");
    refused(&whole, picture(4, 4, 47), "picture");
    refused(&whole, picture(1000, 1, 3000), "would become 56 × 0 for this model, nothing");
    refused(&whole[..2], None, "preprocessor_config.json is missing");
    refused(&whole[1..], None, "config.json is missing");
    let mut other = whole.clone();
    let config = String::from_utf8(other[0].1.clone()).unwrap();
    other[0].1 = config.replace("\"depth_anything\"", "\"glpn\"").into_bytes();
    refused(&other, None, "\"glpn\" does not tell depth");
}

#[test]
fn a_look_can_be_stopped_and_asked_again() {
    let engine = Engine::with("tiny", &files("hybrid"));
    let ask = Some(cases().remove(0).picture);
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask };
    let stop = Box::new(|partial: &Partial| matches!(partial, Partial::Looking { .. }));
    assert!(matches!(engine.call::<Depth>(&input, stop).1, Err(Failure::Stopped)));
    assert!(engine.call::<Depth>(&input, Box::new(|_| false)).1.is_ok());
}
