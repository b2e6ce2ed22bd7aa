//! YOLOv8-seg, as FastSAM is one, against an independent network: see `golden/fastsam.py`, which says what that proves.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stop_at_any,
    engine::{Engine, read},
    near::{self, check, numbers, relative_error},
    pictures::{png, square},
};
use api::{
    Asked, Failure, Precision,
    picture::{Area, Picture},
    segment::{Ask, Candidate, Everything, Output, Partial, Prompt, Segment, Side, Spot, Wish},
};
use media::outlines::{self, distinct};
use models::{
    Kind, Memory, Names, Safetensors, Weights, no_breath,
    yolo::{Config, Yolo},
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/fastsam")
}

fn yolo(quantize: Option<Kind>) -> Yolo {
    let bytes = fs::read(folder().join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let config = fs::read_to_string(folder().join("config.json")).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    block_on(Yolo::load(&weights, Config::from_json(&config).unwrap())).unwrap()
}

#[test]
fn every_part_sees_what_the_reference_sees() {
    let golden = near::golden(&folder());
    for quantize in [None, Some(Kind::Q8_0)] {
        let yolo = yolo(quantize);
        for at in 0..2 {
            let of = |part: &str| &golden[&format!("{part}_{at}")];
            let what = |part: &str| format!("{part} of picture {at}");
            let breath = no_breath();
            let levels = block_on(yolo.levels(of("pixels"), &breath)).unwrap();
            for (i, level) in levels.iter().enumerate() {
                let part = format!("level_{i}");
                check(&what(&part), quantize, level, of(&part));
            }
            let answer = block_on(yolo.forward(of("pixels"), &breath)).unwrap();
            check(&what("distances"), quantize, &answer.distances, of("distances"));
            check(&what("logits"), quantize, &answer.logits, of("logits"));
            check(&what("coefficients"), quantize, &answer.coefficients, of("coefficients"));
            match quantize {
                None => check(&what("protos"), None, &answer.protos, of("protos")),
                // The rows of its own kernels are no whole blocks: only what they are given was rounded.
                Some(_) => {
                    let cosine = near::cosine(&numbers(&answer.protos), &numbers(of("protos")));
                    assert!(cosine >= near::Q8_0_COSINE, "{}: cosine {cosine}", what("protos"));
                }
            }
        }
    }
}

#[test]
fn cells_that_are_sure_enough_say_where_their_thing_is() {
    let golden = near::golden(&folder());
    let yolo = yolo(None);
    for at in 0..2 {
        let of = |part: &str| &golden[&format!("{part}_{at}")];
        let answer = block_on(yolo.forward(of("pixels"), &no_breath())).unwrap();
        let things = answer.things(0.).unwrap();
        let sides: Vec<f32> = things.iter().flat_map(|thing| thing.sides).collect();
        let error = relative_error(&sides, &numbers(of("boxes")));
        assert!(error <= near::FLOAT_ERROR, "{error:e}");
        let logits: Vec<Vec<f32>> = of("logits").to_vec2().unwrap();
        for (cell, thing) in things.iter().enumerate() {
            let best = usize::from(logits[1][cell] > logits[0][cell]);
            assert_eq!(thing.kind, best, "cell {cell}");
            let score = 1. / (1. + (-logits[best][cell]).exp());
            assert!((thing.score - score).abs() < 1e-5, "cell {cell}");
        }
        let mut scores: Vec<f32> = things.iter().map(|thing| thing.score).collect();
        scores.sort_by(f32::total_cmp);
        let middle = scores[scores.len() / 2];
        let surer = things.iter().filter(|thing| thing.score > middle).count();
        assert_eq!(answer.things(middle).unwrap().len(), surer);
        assert!(answer.things(1.).unwrap().is_empty());
    }
}

#[test]
fn only_pictures_of_whole_cells_are_looked_at() {
    let yolo = yolo(None);
    for shape in [&[3, 32, 33][..], &[3, 0, 32], &[1, 32, 32], &[3, 32]] {
        let pixels = models::numbers(vec![0.; shape.iter().product()], shape).unwrap();
        let told = block_on(yolo.forward(&pixels, &no_breath())).err().map(|e| e.to_string());
        assert!(told.unwrap().contains("a picture of"), "{shape:?}");
    }
}

#[test]
fn a_look_can_be_stopped_at_any_breath() {
    let yolo = yolo(None);
    let pixels = &near::golden(&folder())["pixels_1"];
    stop_at_any(60, 1, async |breath| yolo.forward(pixels, breath).await);
}

/// Of what the published facts say the checkpoints hold.
#[test]
fn every_tensor_of_the_real_checkpoints_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(folder().join("layout.json")).unwrap()).unwrap();
    assert_eq!(layouts.len(), 3);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let tensors: Vec<_> = tensors.into_iter().collect();
        let load = |tensors: &[(String, Vec<u64>)]| {
            let weights = Weights::outline(tensors.to_vec(), Names::HuggingFace)?;
            block_on(Yolo::load(&weights, Config::from_json(&value["config"].to_string())?))
                .map(drop)
        };
        load(&tensors).unwrap();
        for i in (0..tensors.len()).filter(|i| !tensors[*i].0.ends_with("num_batches_tracked")) {
            let name = &tensors[i].0;
            let mut fewer = tensors.clone();
            fewer.remove(i);
            let told = load(&fewer).unwrap_err().to_string();
            assert!(told.contains(name), "{layout}: {told} for {name}");
        }
        for more in ["model.22.cv5.0.0.conv.weight", "model.4.m.6.cv1.conv.weight"] {
            let mut tensors = tensors.clone();
            tensors.push((more.into(), vec![1, 1]));
            let told = load(&tensors).unwrap_err().to_string();
            assert!(told.contains(more), "{layout}: {told}");
        }
    }
}

#[test]
fn a_configuration_that_lies_is_refused() {
    let json = fs::read_to_string(folder().join("config.json")).unwrap();
    let cases = [
        ("depth_multiple", Value::from(0), "is not possible"),
        ("width_multiple", Value::from(1e300), "is not possible"),
        ("max_channels", Value::from(0), "is not possible"),
        ("nc", Value::from(1_000_000), "is not possible"),
        ("reg_max", Value::from(1), "is not possible"),
        ("imgsz", Value::from(100), "multiple of 32"),
        ("imgsz", Value::from(1_000_000), "multiple of 32"),
        ("nc", Value::Null, "null"),
    ];
    for (name, other, words) in cases {
        let mut config: Value = serde_json::from_str(&json).unwrap();
        config[name] = other;
        let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    }
}

/// A picture with what the reference makes of it.
struct Case {
    picture: Picture,
    golden: Value,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_slice(&read("golden/fastsam/task.json")).unwrap();
    let case = |golden: Value| {
        let side = |name: &str| golden[name].as_u64().unwrap() as u32;
        let rgb: Vec<u8> = serde_json::from_value(golden["rgb"].clone()).unwrap();
        Case { picture: Picture { width: side("width"), height: side("height"), rgb }, golden }
    };
    cases.into_iter().map(case).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Pixels that one of two masks has and the other has not.
fn differing(one: &[u32], other: &[u32]) -> usize {
    let pixels = |runs: &[u32]| -> Vec<bool> {
        let run = |(at, count): (usize, &u32)| std::iter::repeat_n(at % 2 == 1, *count as usize);
        runs.iter().enumerate().flat_map(run).collect()
    };
    let (one, other) = (pixels(one), pixels(other));
    assert_eq!(one.len(), other.len());
    one.iter().zip(&other).filter(|(a, b)| a != b).count()
}

#[test]
fn pictures_become_what_the_reference_looks_at() {
    for Case { picture, golden } in cases() {
        let picture = media::Picture::new(picture.width, picture.height, picture.rgb).unwrap();
        let letterbox = media::Letterbox::new(picture.size(), 64, 32).unwrap();
        let pixels = letterbox.pixels(&picture);
        assert_eq!(floats(&golden["looked_at"]), [pixels.width as f32, pixels.height as f32]);
        assert_eq!(floats(&golden["pad"]), letterbox.at.map(|side| side as f32));
        let (width, height) = (pixels.width as usize, pixels.height as usize);
        let first: Vec<f32> =
            pixels.planes.chunks_exact(width).step_by(height).flatten().copied().collect();
        assert_eq!(first, floats(&golden["first"]));
        assert_eq!(
            pixels.planes[(height + height / 2) * width..][..width],
            floats(&golden["middle"])
        );
    }
}

#[test]
fn things_that_are_the_same_are_kept_once_as_torchvision_keeps_them() {
    let golden: Value = serde_json::from_slice(&read("golden/fastsam/post.json")).unwrap();
    let boxes: Vec<[f32; 4]> = serde_json::from_value(golden["boxes"].clone()).unwrap();
    let kinds: Vec<usize> = serde_json::from_value(golden["kinds"].clone()).unwrap();
    for (share, kept) in golden["kept"].as_object().unwrap() {
        let kept: Vec<usize> = serde_json::from_value(kept.clone()).unwrap();
        let share = share.parse().unwrap();
        let got = distinct(&boxes, &floats(&golden["scores"]), &kinds, (share, 300));
        assert_eq!(got, kept, "{share}");
        let few = distinct(&boxes, &floats(&golden["scores"]), &kinds, (share, 3));
        assert_eq!(few, kept[..3]);
    }
}

fn tiny() -> Engine {
    let files = ["config.json", "model.safetensors"];
    Engine::with("tiny", &files.map(|name| (name, read(&format!("golden/fastsam/{name}")))))
}

fn run(engine: &Engine, ask: Option<Ask>) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask };
    engine.call::<Segment>(&input, Box::new(|_| false))
}

fn all(least_score: f32) -> Wish {
    let (points_per_side, least_stability, most_overlap, least_area_px) = (32, 0.95, 0.7, 0);
    Wish::Everything(Everything {
        points_per_side,
        least_score,
        least_stability,
        most_overlap,
        least_area_px,
    })
}

#[test]
fn everything_is_found_where_the_reference_finds_it() {
    let engine = tiny();
    for Case { picture, golden } in cases() {
        let least = golden["confidence"].as_f64().unwrap() as f32;
        let (width, height) = (picture.width, picture.height);
        let (partials, output) = run(&engine, Some(Ask { picture, wish: all(least) }));
        assert!(partials.contains(&Partial::Looking), "{partials:?}");
        // A mask without a pixel is nothing that can be shown.
        let found = golden["found"].as_array().unwrap().iter();
        let found: Vec<_> = found.filter(|one| one["runs"].as_array().unwrap().len() > 1).collect();
        let things = output.unwrap().things;
        assert_eq!(things.len(), found.len(), "{width} × {height}");
        for (thing, found) in things.iter().zip(found) {
            let [one] = &thing[..] else { panic!("{thing:?}") };
            assert!((f64::from(one.score) - found["score"].as_f64().unwrap()).abs() < 1e-4);
            assert_eq!((one.mask.width, one.mask.height), (width, height));
            let runs: Vec<u32> = serde_json::from_value(found["runs"].clone()).unwrap();
            // Where the mixture is next to nothing, its sign is chance.
            let off = differing(&one.mask.runs, &runs);
            assert!(off <= (width * height) as usize / 200, "{off} pixels of {width} × {height}");
        }
    }
}

#[test]
fn a_picture_is_looked_at_once_and_prompts_choose() {
    let engine = tiny();
    let picture = cases().remove(2).picture;
    let ask = |wish| Some(Ask { picture: picture.clone(), wish });
    let (partials, looked) = run(&engine, ask(Wish::Look));
    assert!(partials.contains(&Partial::Looking) && looked.unwrap().things.is_empty());
    let (partials, all) = run(&engine, ask(all(0.25)));
    assert!(!partials.contains(&Partial::Looking), "{partials:?}");
    let all = all.unwrap().things;
    let wanted = all.iter().flatten().min_by_key(|one| outlines::pixels(&one.mask.runs)).unwrap();
    let at = wanted.mask.runs[0];
    let spot = |side| Spot { x: (at % 64) as f32, y: (at / 64) as f32, side };
    let prompt = |points: &[Spot], area| Prompt { points: points.to_vec(), area };
    let prompts = vec![
        prompt(&[spot(Side::Inside)], None),
        prompt(&[spot(Side::Outside)], None),
        prompt(&[], wanted.area),
        prompt(&[spot(Side::Outside)], wanted.area),
    ];
    let (partials, output) = run(&engine, ask(Wish::Prompts(prompts)));
    assert!(partials.contains(&Partial::Prompting { done_prompts: 3, total_prompts: 4 }));
    let things = output.unwrap().things;
    let mask = |i: usize| &things[i][0].mask.runs;
    assert!(outlines::covers(mask(0), 64, [at % 64, at / 64]));
    assert_eq!((mask(1), things[1][0].area, things[1][0].score), (&vec![64 * 64], None, 0.));
    assert!(things[2][0].score > 0.25 && outlines::pixels(mask(2)) > 0);
    assert!(!outlines::covers(mask(3), 64, [at % 64, at / 64]));
}

#[test]
fn what_cannot_be_asked_is_told() {
    let engine = tiny();
    let refused = |prompts: Vec<Prompt>, words: &str| {
        let picture = Picture { width: 4, height: 4, rgb: vec![0; 48] };
        let ask = Ask { picture, wish: Wish::Prompts(prompts) };
        let told = run(&engine, Some(ask)).1.unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    };
    let spot = |x, y| Spot { x, y, side: Side::Inside };
    let of = |points| Prompt { points, area: None };
    let area = Some(Area { xmin: 3., ymin: 0., xmax: 3., ymax: 4. });
    refused(vec![Prompt::default()], "it is empty: give a point or a box");
    refused(vec![of(vec![spot(4.5, 0.)])], "is not in the picture");
    refused(vec![of(vec![spot(0., f32::NAN)])], "is not in the picture");
    refused(vec![of(vec![spot(0., 0.); 101])], "101 points are too many: give at most 100");
    refused(vec![of(vec![spot(0., 0.)]); 301], "301 are too many at once: give at most 300");
    refused(vec![Prompt { points: vec![], area }], "holds nothing of the picture");
    let other = [("config.json", br#"{"model_type": "detr"}"#.to_vec())];
    let told = run(&Engine::with("tiny", &other), None).1.unwrap_err().to_string();
    assert!(told.contains("\"detr\" draws no outlines"), "{told}");
}

/// The shipped one on its held-out pictures: see `recipes/fastsam/evaluate.py`.
#[test]
fn the_default_outlines_what_its_card_says() {
    let golden: Value = serde_json::from_slice(&read("golden/default_fastsam.json")).unwrap();
    let files = ["config.json", "model.safetensors"];
    let files = files.map(|name| (name, read(&format!("../www/models/wick-fastsam/{name}"))));
    let engine = Engine::with("tiny", &files);
    let sheet = png("golden/default_fastsam.png");
    let side = golden["side"].as_u64().unwrap() as u32;
    let (mut met, mut total) = (0, 0);
    for (at, case) in golden["cases"].as_array().unwrap().iter().enumerate() {
        let picture = square(&sheet, side, at);
        let output = run(&engine, Some(Ask { picture, wish: all(0.25) })).1.unwrap();
        let found: Vec<_> = output.things.into_iter().flatten().collect();
        let reference = case["found"].as_array().unwrap();
        assert_eq!(found.len(), reference.len(), "picture {at}");
        for (one, reference) in found.iter().zip(reference) {
            let off = f64::from(one.score) - reference["score"].as_f64().unwrap();
            assert!(off.abs() < 1e-3, "picture {at}: score off by {off}");
            let runs: Vec<u32> = serde_json::from_value(reference["runs"].clone()).unwrap();
            let off = differing(&one.mask.runs, &runs);
            assert!(off <= 4, "picture {at}: {off} pixels");
        }
        for thing in case["things"].as_array().unwrap() {
            let thing: Vec<u32> = serde_json::from_value(thing.clone()).unwrap();
            let size = outlines::pixels(&thing) as usize;
            let shares = |one: &Candidate| {
                let both = size + outlines::pixels(&one.mask.runs) as usize;
                let apart = differing(&one.mask.runs, &thing);
                (both - apart) as f64 / (both + apart) as f64 >= 0.5
            };
            met += usize::from(found.iter().any(shares));
            total += 1;
        }
    }
    let recall = f64::from(met as u32) / f64::from(total);
    assert!(recall >= golden["recall"].as_f64().unwrap() - 1e-9, "{met} of {total}");
}
