//! BLIP against its reference: see `golden/blip.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stop_at_any,
    near::{self, check},
};
use candle_core::{Device, Tensor};
use models::{
    Kind, Memory, Names, Safetensors, Weights,
    blip::{Blip, Config, Skill, Writer},
    no_breath,
};
use pollster::block_on;
use serde_json::Value;

/// Tokens of the tiny ones.
const WORDS: usize = 74;
const BOTH: [Option<Kind>; 2] = [None, Some(Kind::Q8_0)];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/blip").join(name)
}

fn json(name: &str) -> String {
    fs::read_to_string(folder(name).join("config.json")).unwrap()
}

fn blip(name: &str, quantize: Option<Kind>) -> Blip {
    let bytes = fs::read(folder(name).join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    block_on(Blip::load(&weights, Config::from_json(&json(name)).unwrap())).unwrap()
}

/// Logits `(ids, vocabulary)` that follow each of `ids`, written one after the other.
fn written(writer: &Writer, ids: &[u32], memory: &models::blip::Memory) -> Tensor {
    let (mut past, breath) = (writer.nothing(), no_breath());
    let rows = ids.iter().map(|id| {
        let states = block_on(writer.take(*id, &mut past, memory, &breath)).unwrap();
        let logits = block_on(writer.head(&states, &breath)).unwrap();
        Tensor::from_vec(logits, (1, WORDS), &Device::Cpu).unwrap()
    });
    Tensor::cat(&rows.collect::<Vec<_>>(), 0).unwrap()
}

#[test]
fn a_caption_is_written_as_the_reference_writes_it() {
    let golden = near::golden(&folder("caption"));
    for quantize in BOTH {
        let blip = blip("caption", quantize);
        let seen = block_on(blip.look(&golden["pixels"], &no_breath())).unwrap();
        check("picture", quantize, &seen.states, &golden["seen"]);
        let Skill::Caption(writer) = &blip.skill else { panic!("no caption") };
        let logits = written(writer, &near::ids(&golden, "ids"), &seen.memory);
        check("logits", quantize, &logits, &golden["logits"]);
    }
}

#[test]
fn a_question_is_read_and_answered_as_by_the_reference() {
    let golden = near::golden(&folder("vqa"));
    for quantize in BOTH {
        let blip = blip("vqa", quantize);
        let seen = block_on(blip.look(&golden["pixels"], &no_breath())).unwrap();
        check("picture", quantize, &seen.states, &golden["seen"]);
        let Skill::Answer(reader, writer) = &blip.skill else { panic!("no answer") };
        let ids = near::ids(&golden, "ids");
        let read = block_on(reader.read(&ids, Some(&seen.memory), &no_breath())).unwrap();
        check("question", quantize, &read, &golden["read"]);
        let memory = block_on(writer.remember(&read, &no_breath())).unwrap();
        let logits = written(writer, &near::ids(&golden, "answer"), &memory);
        check("logits", quantize, &logits, &golden["logits"]);
    }
}

#[test]
fn a_text_fits_as_well_as_the_reference_finds() {
    let golden = near::golden(&folder("itm"));
    let row = |of: &[f32]| Tensor::from_vec(of.to_vec(), of.len(), &Device::Cpu).unwrap();
    for quantize in BOTH {
        let blip = blip("itm", quantize);
        let seen = block_on(blip.look(&golden["pixels"], &no_breath())).unwrap();
        check("picture", quantize, &seen.states, &golden["seen"]);
        let Skill::Match(matcher) = &blip.skill else { panic!("no match") };
        let ids = near::ids(&golden, "ids");
        let alone = block_on(matcher.reader.read(&ids, None, &no_breath())).unwrap();
        check("text alone", quantize, &alone, &golden["alone"]);
        let looked = block_on(matcher.reader.read(&ids, Some(&seen.memory), &no_breath()));
        check("text", quantize, &looked.unwrap(), &golden["read"]);
        let fit = block_on(matcher.fit(&ids, &seen, &no_breath())).unwrap();
        check("verdict", quantize, &row(&fit.logits), &golden["verdict"]);
        check("cosine", quantize, &row(&[fit.cosine]), &golden["cosine"]);
    }
}

#[test]
fn what_is_empty_too_long_or_of_another_shape_is_an_error() {
    let blip = blip("vqa", None);
    let golden = near::golden(&folder("vqa"));
    let pixels = &golden["pixels"];
    for other in [pixels.narrow(1, 0, 8).unwrap(), pixels.narrow(0, 0, 1).unwrap()] {
        assert!(block_on(blip.look(&other, &no_breath())).is_err());
    }
    let Skill::Answer(reader, writer) = &blip.skill else { panic!("no answer") };
    let read = |ids: &[u32]| block_on(reader.read(ids, None, &no_breath()));
    read(&[3; 40]).unwrap();
    for ids in [vec![], vec![3; 41], vec![74]] {
        assert!(read(&ids).is_err(), "{ids:?}");
    }
    let seen = block_on(blip.look(pixels, &no_breath())).unwrap();
    let (mut past, breath) = (writer.nothing(), no_breath());
    for at in 0..41 {
        let took = block_on(writer.take(5, &mut past, &seen.memory, &breath));
        assert_eq!(took.is_ok(), at < 40, "{at}");
    }
}

#[test]
fn a_look_and_a_reading_can_be_stopped_at_any_breath() {
    let blip = blip("itm", None);
    let golden = near::golden(&folder("itm"));
    let Skill::Match(matcher) = &blip.skill else { panic!("no match") };
    let ids = near::ids(&golden, "ids");
    stop_at_any(20, 1, async |breath| {
        let seen = blip.look(&golden["pixels"], breath).await?;
        matcher.fit(&ids, &seen, breath).await
    });
}

type Tensors = Vec<(String, Vec<u64>)>;

/// What the reference has, too, and passes over.
fn passed_over(name: &str) -> bool {
    name.contains("predictions.decoder.") || name.ends_with("position_ids")
}

#[test]
fn every_tensor_of_the_real_checkpoints_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(folder("layout.json")).unwrap()).unwrap();
    assert_eq!(layouts.len(), 3);
    for (checkpoint, layout) in &layouts {
        let folded: HashMap<String, Vec<u64>> =
            serde_json::from_value(layout["tensors"].clone()).unwrap();
        let unfold = |(name, shape): (String, Vec<u64>)| -> Tensors {
            let layers = if name.contains('*') { 12 } else { 1 };
            (0..layers).map(|at| (name.replace('*', &at.to_string()), shape.clone())).collect()
        };
        let tensors: Tensors = folded.into_iter().flat_map(unfold).collect();
        let load = |tensors: &Tensors| {
            let weights = Weights::outline(tensors.clone(), Names::HuggingFace)?;
            let config = Config::from_json(&layout["config"].to_string())?;
            block_on(Blip::load(&weights, config)).map(drop)
        };
        load(&tensors).unwrap();
        // As they are saved today.
        let tensors: Tensors = tensors.into_iter().filter(|one| !passed_over(&one.0)).collect();
        load(&tensors).unwrap();
        for (at, (name, _)) in tensors.iter().enumerate() {
            // Layers are alike: the first two stand for all.
            let deep = name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 1));
            if deep {
                continue;
            }
            let told = |tensors: &Tensors| load(tensors).unwrap_err().to_string();
            let mut fewer = tensors.clone();
            fewer.remove(at);
            // Without what tells its skill, a checkpoint looks like one of another.
            let tells = ["itm_head.weight", "text_encoder.embeddings.word_embeddings.weight"];
            let why = told(&fewer);
            let other_skill = tells.contains(&name.as_str());
            assert!(why.contains(name) || other_skill, "{checkpoint}: {why} for {name}");
            let mut other = tensors.clone();
            other[at].1[0] += 1;
            let why = told(&other);
            assert!(why.contains(name), "{checkpoint}: {why} for {name}");
        }
        let mut more = tensors.clone();
        more.push(("vision_model.encoder.layers.12.mlp.fc1.weight".into(), vec![1, 1]));
        assert!(load(&more).unwrap_err().to_string().contains("layers.12"), "{checkpoint}");
    }
}

#[test]
fn a_configuration_that_lies_or_is_another_networks_is_refused() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 8] = [
        (|c| c["text_config"]["hidden_size"] = 33.into(), "is not possible"),
        (|c| c["vision_config"]["num_attention_heads"] = 0.into(), "is not possible"),
        (|c| c["vision_config"]["patch_size"] = 0.into(), "in patches of 0"),
        (|c| c["vision_config"]["image_size"] = u64::MAX.into(), "is not possible"),
        (|c| c["text_config"]["vocab_size"] = 0.into(), "is not possible"),
        (|c| c["text_config"]["bos_token_id"] = 74.into(), "bos_token_id is 74, of 74 tokens"),
        (|c| c["text_config"]["is_decoder"] = false.into(), "do not look at pictures"),
        (|c| c["text_config"]["hidden_act"] = "tanhish".into(), "tanhish"),
    ];
    for (change, words) in cases {
        let mut config: Value = serde_json::from_str(&json("caption")).unwrap();
        change(&mut config);
        let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    }
}
