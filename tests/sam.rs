//! SAM against its reference: see `golden/sam.py`.

use std::{collections::HashMap, fs, path::PathBuf, rc::Rc};

use crate::{
    breaths::stop_at_any,
    near::{self, check},
};
use models::{
    Kind, Memory, Names, Safetensors, Weights, no_breath,
    sam::{Config, Masks, Prompt, Sam, Spot},
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/sam")
}

fn sam(quantize: Option<Kind>) -> Sam {
    let bytes = fs::read(folder().join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    let json = fs::read_to_string(folder().join("config.json")).unwrap();
    block_on(Sam::load(&weights, Config::from_json(&json).unwrap())).unwrap()
}

fn spots(points: &[([f32; 2], bool)]) -> Vec<Spot> {
    points.iter().map(|&(at, inside)| Spot { at, inside }).collect()
}

/// `PROMPTS` of the script.
fn prompts() -> [(&'static str, Prompt); 4] {
    let prompt = |points: &[([f32; 2], bool)], area| Prompt { points: spots(points), area };
    [
        ("point", prompt(&[([20.5, 31.0], true)], None)),
        ("points", prompt(&[([12.0, 40.0], true), ([50.0, 9.5], false), ([3.0, 3.0], true)], None)),
        ("box", prompt(&[], Some([8.0, 12.0, 50.5, 60.0]))),
        ("both", prompt(&[([30.0, 30.0], false)], Some([4.0, 2.0, 33.0, 61.0]))),
    ]
}

#[test]
fn a_picture_and_every_kind_of_prompt_are_seen_as_the_reference_sees_them() {
    let golden = near::golden(&folder());
    for quantize in [None, Some(Kind::Q8_0)] {
        let sam = sam(quantize);
        let seen = block_on(sam.look(&golden["pixels"], &no_breath())).unwrap();
        check("embedding", quantize, &seen.embedding, &golden["embedding"]);
        for (name, prompt) in prompts() {
            let answer = block_on(sam.ask(&seen, (&prompt, Masks::Several), &no_breath())).unwrap();
            check(
                &format!("masks of {name}"),
                quantize,
                &answer.masks,
                &golden[&format!("masks_{name}")],
            );
            check(
                &format!("scores of {name}"),
                quantize,
                &answer.scores,
                &golden[&format!("scores_{name}")],
            );
        }
    }
}

#[test]
fn a_prompt_needs_something_and_a_picture_its_size() {
    let sam = sam(None);
    let golden = near::golden(&folder());
    let seen = block_on(sam.look(&golden["pixels"], &no_breath())).unwrap();
    assert!(block_on(sam.ask(&seen, (&Prompt::default(), Masks::One), &no_breath())).is_err());
    let small = golden["pixels"].narrow(1, 0, 56).unwrap();
    assert!(block_on(sam.look(&small, &no_breath())).is_err());
}

#[test]
fn looking_and_asking_can_be_stopped_at_any_breath() {
    let sam = sam(None);
    let pixels = &near::golden(&folder())["pixels"];
    let [(_, prompt), ..] = prompts();
    stop_at_any(60, 1, async |breath| {
        let seen = sam.look(pixels, breath).await?;
        sam.ask(&seen, (&prompt, Masks::Several), breath).await
    });
}

#[test]
fn every_tensor_of_the_real_checkpoints_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(folder().join("layout.json")).unwrap()).unwrap();
    assert_eq!(layouts.len(), 2);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let mut tensors: Vec<_> = tensors.into_iter().collect();
        tensors.sort();
        let load = |tensors: &[(String, Vec<u64>)]| {
            let weights = Weights::outline(tensors.to_vec(), Names::HuggingFace)?;
            block_on(Sam::load(&weights, Config::from_json(&value["config"].to_string())?))
                .map(drop)
        };
        load(&tensors).unwrap();
        let read = |name: &str| {
            !name.contains("mask_embed.")
                && !name.ends_with("shared_embedding.positional_embedding")
        };
        // Each load reads a real table of positions: some of the names stand for all.
        for at in (0..tensors.len()).filter(|at| read(&tensors[*at].0)).step_by(9) {
            let name = &tensors[at].0;
            let mut fewer = tensors.clone();
            fewer.remove(at);
            let told = load(&fewer).unwrap_err().to_string();
            assert!(told.contains(name), "{layout}: {told} for {name}");
            let mut other = tensors.clone();
            other[at].1[0] += 1;
            let told = load(&other).unwrap_err().to_string();
            assert!(told.contains(name), "{layout}: {told} for {name}");
        }
        let mut more = tensors.clone();
        more.push(("vision_encoder.layers.12.layer_norm1.weight".into(), vec![1]));
        let told = load(&more).unwrap_err().to_string();
        assert!(told.contains("layers.12"), "{layout}: {told}");
    }
}

#[track_caller]
fn check_refused(change: impl FnOnce(&mut Value), words: &str) {
    let json = fs::read_to_string(folder().join("config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&json).unwrap();
    change(&mut config);
    let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
    assert!(told.contains(words), "{told}");
}

#[test]
fn impossible_configurations_are_refused() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 9] = [
        (|c| c["vision_config"]["patch_size"] = 0.into(), "a dimension of 0"),
        (|c| c["vision_config"]["image_size"] = 65.into(), "a picture of 65"),
        (
            |c| c["vision_config"]["num_attention_heads"] = 5.into(),
            "a hidden size of 32 with 5 heads",
        ),
        (|c| c["vision_config"]["window_size"] = 9.into(), "windows of 9"),
        (
            |c| {
                c["vision_config"]["image_size"] = 512.into();
                c["vision_config"]["patch_size"] = 1.into();
            },
            "a picture of 512 in patches of 1",
        ),
        (|c| c["vision_config"]["use_rel_pos"] = false.into(), "without relative positions"),
        (|c| c["mask_decoder_config"]["hidden_size"] = 64.into(), "other sizes"),
        (
            |c| c["mask_decoder_config"]["num_attention_heads"] = 3.into(),
            "a decoder of 32 with 3 heads",
        ),
        (|c| c["mask_decoder_config"]["iou_head_depth"] = 1.into(), "a head of 1 layers"),
    ];
    for (change, words) in cases {
        check_refused(change, words);
    }
}
