//! YOLOv8-seg, as FastSAM is one, against an independent network: see `golden/fastsam.py`, which says what that proves.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    cell::Cell,
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use house_tests::near::{self, check, numbers, relative_error};
use models::{
    Breath, Error, Kind, Memory, Names, Safetensors, Weights, no_breath,
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
    let counted = |most: usize| {
        let taken = Rc::new(Cell::new(0));
        let count = taken.clone();
        let breath: Breath = Rc::new(move || {
            count.set(count.get() + 1);
            let stopped = count.get() > most;
            Box::pin(std::future::ready(if stopped { Err(Error::Stopped) } else { Ok(()) }))
        });
        (block_on(yolo.forward(pixels, &breath)).map(drop), taken.get())
    };
    let (whole, breaths) = counted(usize::MAX);
    whole.unwrap();
    assert!(breaths > 60, "only {breaths} breaths");
    for most in 0..breaths {
        assert!(matches!(counted(most), (Err(Error::Stopped), taken) if taken == most + 1));
    }
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
