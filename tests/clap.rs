//! CLAP against its reference: see `golden/clap.py`.

use std::{
    collections::HashMap,
    f64::consts::TAU,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stop_at_any,
    engine::{Bytes, Engine, read},
    near::{self, check},
};
use api::{
    Asked, Failure, Precision,
    classify_sound::{Ask, ClassifySound, Clip, Output, Partial},
};
use media::{Frames, Mel};
use models::{
    Kind, Memory, Names, Safetensors, Weights,
    clap::{Clap, Config},
    no_breath,
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/clap")
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn clap(quantize: Option<Kind>) -> Clap {
    let bytes = fs::read(folder().join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    let config = Config::from_json(&json("config.json").to_string()).unwrap();
    block_on(Clap::load(&weights, config)).unwrap()
}

/// A tone that rises.
fn sound(count: usize, rate_hz: u32) -> Vec<f32> {
    let sample = |at: usize| {
        let seconds = at as f64 / f64::from(rate_hz);
        (0.5 * (TAU * (200. + 300. * seconds) * seconds).sin()) as f32
    };
    (0..count).map(sample).collect()
}

#[test]
fn every_stage_hears_what_the_reference_hears() {
    let golden = near::golden(&folder());
    for quantize in [None, Some(Kind::Q8_0)] {
        let (clap, breath) = (clap(quantize), no_breath());
        let levels = block_on(clap.audio().levels(&golden["bands"], &breath)).unwrap();
        for (at, level) in levels.iter().take(2).enumerate() {
            let want = &golden[&format!("level_{at}")];
            check(&format!("stage {at}"), quantize, level, want);
        }
        check("pooled", quantize, &levels[2].mean(0).unwrap(), &golden["pooled"]);
        let heard = block_on(clap.hear(&golden["bands"], &breath)).unwrap();
        check("sound", quantize, &heard, &golden["audio"]);
        let texts: Vec<_> = (0..4).map(|at| near::ids(&golden, &format!("ids_{at}"))).collect();
        let read = block_on(clap.read(&texts, &breath)).unwrap();
        check("texts", quantize, &read, &golden["texts"]);
        let logits = clap.logits(&heard, &read).unwrap();
        let logits = models::numbers(logits, &[4]).unwrap();
        check("logits", quantize, &logits, &golden["logits"]);
    }
}

#[test]
fn bands_of_another_size_are_an_error() {
    let clap = clap(None);
    for shape in [&[401, 16][..], &[157, 15], &[0, 16], &[16]] {
        let bands = models::numbers(vec![0.5; shape.iter().product()], shape).unwrap();
        assert!(block_on(clap.hear(&bands, &no_breath())).is_err(), "{shape:?}");
    }
    for texts in [vec![], vec![vec![]], vec![vec![3; 61]], vec![vec![9999]]] {
        assert!(block_on(clap.read(&texts, &no_breath())).is_err(), "{texts:?}");
    }
}

#[test]
fn hearing_and_reading_can_be_stopped_at_any_breath() {
    let (clap, golden) = (clap(None), near::golden(&folder()));
    stop_at_any(40, 3, async |breath| {
        clap.read(&[near::ids(&golden, "ids_0")], breath).await?;
        clap.hear(&golden["bands"], breath).await
    });
}

/// The published checkpoint's bands, of sounds that are repeated and filled up to ten seconds.
#[test]
fn bands_are_the_reference_s() {
    let (bottom_hz, top_hz) = (50., 14_000.);
    let frames = Frames { rate_hz: 48_000, hop: 480, parts: [32, 32], bottom_hz, top_hz };
    let mel = Mel::of(frames, 64);
    for case in json("features.json").as_array().unwrap() {
        let count = case["count"].as_u64().unwrap() as usize;
        let one = sound(count, 48_000);
        let whole = one.repeat(480_000 / count);
        let wanted: Vec<Vec<f32>> = serde_json::from_value(case["frames"].clone()).unwrap();
        for (at, want) in wanted.iter().enumerate() {
            let got = mel.logs(&whole, 480_000, 100 * at..100 * at + 1);
            for (got, want) in got.iter().zip(want) {
                let off = (10. * got - want).abs();
                assert!(off < 1e-4, "{count}, frame {at}: {} for {want}", 10. * got);
            }
        }
    }
}

#[test]
fn every_tensor_of_the_real_checkpoint_is_used_once() {
    let layout = json("layout.json");
    let tensors: HashMap<String, Vec<u64>> =
        serde_json::from_value(layout["tensors"].clone()).unwrap();
    let tensors: Vec<(String, Vec<u64>)> = tensors.into_iter().collect();
    let load = |tensors: &Vec<(String, Vec<u64>)>| {
        let weights = Weights::outline(tensors.clone(), Names::HuggingFace)?;
        let config = Config::from_json(&layout["config"].to_string())?;
        block_on(Clap::load(&weights, config)).map(drop)
    };
    load(&tensors).unwrap();
    // Counters, indices, and the scale of a question that nobody asks.
    let idle = [
        "num_batches_tracked",
        "relative_position_index",
        "position_ids",
        "token_type_ids",
        "logit_scale_t",
    ];
    for (at, (name, _)) in tensors.iter().enumerate() {
        // Layers are alike: the first two stand for all.
        if name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 1)) {
            continue;
        }
        let mut fewer = tensors.clone();
        fewer.remove(at);
        match load(&fewer) {
            Ok(()) => assert!(idle.iter().any(|idle| name.ends_with(idle)), "{name}"),
            Err(told) => assert!(told.to_string().contains(name), "{told} for {name}"),
        }
    }
    let mut more = tensors.clone();
    more.push(("audio_model.audio_encoder.layers.4.norm.weight".into(), vec![1]));
    assert!(load(&more).unwrap_err().to_string().contains("layers.4.norm"));
}

#[test]
fn a_kind_that_is_not_known_is_refused() {
    let refused = |json: &str, words: &str| {
        let told = Config::from_json(json).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    };
    refused(r#"{"audio_config":{"enable_fusion":true}}"#, "several parts");
    refused(r#"{"audio_config":{"qkv_bias":false}}"#, "no bias");
    refused(r#"{"audio_config":{"spec_size":250}}"#, "no half that hears");
    refused(r#"{"audio_config":{"num_attention_heads":[4]}}"#, "no half that hears");
    refused("1", "invalid");
    let config = Config::from_json("{}").unwrap();
    assert_eq!((config.audio.frames(), config.text.window()), (1024, 512));
}

fn engine() -> Engine {
    let names = ["config.json", "model.safetensors", "preprocessor_config.json", "tokenizer.json"];
    let files: Vec<(&str, Bytes)> =
        names.iter().map(|name| (*name, read(&format!("golden/clap/{name}")))).collect();
    Engine::with("tiny", &files)
}

fn asked(engine: &Engine, ask: Ask) -> Result<Output, Failure> {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
    engine.call::<ClassifySound>(&input, Box::new(|_| false)).1
}

fn ask(samples: Vec<f32>) -> Ask {
    let golden = json("task.json");
    let labels = serde_json::from_value(golden["labels"].clone()).unwrap();
    Ask {
        clip: Clip { samples, channels: 1, rate_hz: 8_000 },
        labels,
        template: golden["template"].as_str().unwrap().into(),
        seed: 1,
    }
}

#[test]
fn labels_are_scored_as_the_reference_scores_them() {
    let engine = engine();
    for case in json("task.json")["cases"].as_array().unwrap() {
        let ask = ask(sound(case["count"].as_u64().unwrap() as usize, 8_000));
        let labels = ask.labels.clone();
        let scores = asked(&engine, ask).unwrap().scores;
        assert!(scores.windows(2).all(|two| two[0].logit >= two[1].logit));
        for score in scores {
            let at = labels.iter().position(|label| *label == score.label).unwrap();
            let want = |name: &str| case[name][at].as_f64().unwrap() as f32;
            assert!((score.logit - want("logits")).abs() < 2e-3, "{case}: {score:?}");
            assert!((score.probability - want("probabilities")).abs() < 1e-3, "{case}: {score:?}");
        }
    }
}

#[test]
fn of_a_long_sound_the_seed_chooses_a_part() {
    let engine = engine();
    let long = ask(sound(30_000, 8_000));
    let logits = |ask: &Ask| {
        let scores = asked(&engine, ask.clone()).unwrap().scores;
        scores.iter().map(|score| score.logit).collect::<Vec<_>>()
    };
    assert_eq!(logits(&long), logits(&long));
    let others = (2..6).map(|seed| logits(&Ask { seed, ..long.clone() }));
    assert!(others.filter(|other| *other != logits(&long)).count() >= 3);
}

#[test]
fn channels_and_rates_are_brought_to_the_model_s() {
    let engine = engine();
    let (one, many) = (ask(sound(4_000, 8_000)), sound(96_000, 192_000));
    let many: Vec<f32> = many.iter().flat_map(|sample| [*sample; 8]).collect();
    let clip = Clip { samples: many, channels: 8, rate_hz: 192_000 };
    let scores = asked(&engine, Ask { clip, ..one.clone() }).unwrap().scores;
    for (got, want) in scores.iter().zip(asked(&engine, one).unwrap().scores) {
        assert!(got.label == want.label && (got.probability - want.probability).abs() < 0.02);
    }
}

#[test]
fn what_cannot_be_scored_is_told() {
    let engine = engine();
    let good = ask(sound(800, 8_000));
    let refused = |ask: Ask, field: &str, words: &str| match asked(&engine, ask).unwrap_err() {
        Failure::Input { field: at, reason } => {
            assert!(at == field && reason.contains(words), "{at}: {reason}");
        }
        other => panic!("{other}"),
    };
    let sounding = |samples| Ask { clip: Clip { samples, ..good.clip.clone() }, ..good.clone() };
    let labelled = |labels: &[&str]| Ask {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..good.clone()
    };
    refused(sounding(vec![]), "sound", "there is none");
    refused(sounding(vec![0., f32::NAN]), "sound", "sample 1 is not a finite number");
    refused(labelled(&[]), "labels", "there are none");
    refused(labelled(&["a", " a"]), "label 2", "the same as label 1");
    refused(labelled(&["a", &"long ".repeat(80)]), "label 2", "tokens");
    let template = "a sound".to_owned();
    refused(Ask { template, ..good.clone() }, "template", "{}");
    // This model tells capitals from small letters.
    assert_eq!(asked(&engine, labelled(&["a", "A"])).unwrap().scores.len(), 2);
    // A tenth of a second is repeated until it is long enough.
    assert_eq!(asked(&engine, good).unwrap().scores.len(), 3);
}

fn many_labels() -> Ask {
    let labels = (0..200).map(|at| format!("sound number {at}")).collect();
    Ask { labels, ..ask(sound(4_000, 8_000)) }
}

/// How many labels were read when, as it was told.
fn told(partials: &[Partial]) -> Vec<u32> {
    let read = |partial: &Partial| match partial {
        Partial::Reading { done_labels, .. } => Some(*done_labels),
        _ => None,
    };
    partials.iter().filter_map(read).collect()
}

fn with_partials(
    engine: &Engine,
    ask: Ask,
    enough: fn(&Partial) -> bool,
) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
    engine.call::<ClassifySound>(&input, Box::new(enough))
}

#[test]
fn two_hundred_labels_are_read_once_for_any_number_of_sounds() {
    let engine = engine();
    let (partials, output) = with_partials(&engine, many_labels(), |_| false);
    let scores = output.unwrap().scores;
    assert_eq!(scores.len(), 200);
    assert!(scores.is_sorted_by(|one, other| one.logit >= other.logit));
    let read = told(&partials);
    assert!(read.len() > 3 && read.is_sorted() && read[0] == 0, "{read:?}");
    let clip = Clip { samples: sound(5_000, 8_000), ..many_labels().clip };
    let (partials, output) = with_partials(&engine, Ask { clip, ..many_labels() }, |_| false);
    assert_ne!(output.unwrap().scores, scores, "it is another sound");
    assert!(told(&partials).is_empty(), "no label is read again");
    let other = Ask { template: "Is it {}?".into(), ..many_labels() };
    assert!(!told(&with_partials(&engine, other, |_| false).0).is_empty(), "other texts are");
}

#[test]
fn a_stop_while_labels_are_read_leaves_the_next_answer_as_it_would_be() {
    let (engine, fresh) = (engine(), engine());
    let some = |partial: &Partial| matches!(partial, Partial::Reading { done_labels: 1.., .. });
    let (partials, end) = with_partials(&engine, many_labels(), some);
    assert_eq!((end, told(&partials).len()), (Err(Failure::Stopped), 2));
    let scores = |engine: &Engine| asked(engine, many_labels()).unwrap().scores;
    assert_eq!(scores(&engine), scores(&fresh));
}

#[test]
fn a_kind_of_clap_that_is_not_known_is_not_called_damaged() {
    let told = Config::from_json(r#"{"audio_config":{"enable_fusion":true}}"#).unwrap_err();
    assert!(matches!(told, models::Error::Unsupported(_)), "{told:?}");
}
