//! DETR against its reference: see `golden/detr.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stop_at_any,
    near::{self, check, numbers},
};
use models::{
    Breath, Kind, Memory, Names, Safetensors, Weights,
    detr::{Config, Detr},
    no_breath,
};
use pollster::block_on;
use serde_json::Value;

/// The backbone in the names of timm, and of transformers; bottlenecks, and basic blocks.
const BOTH: [&str; 2] = ["timm", "basic"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/detr").join(name)
}

fn json(name: &str) -> String {
    fs::read_to_string(folder(name).join("config.json")).unwrap()
}

fn weights(name: &str, quantize: Option<Kind>, breath: Breath) -> Weights {
    let bytes = fs::read(folder(name).join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    Weights::safetensors(files, breath, quantize)
}

fn detr(name: &str, quantize: Option<Kind>) -> Detr {
    let config = Config::from_json(&json(name)).unwrap();
    block_on(Detr::load(&weights(name, quantize, no_breath()), config)).unwrap()
}

#[test]
fn every_part_sees_what_the_reference_sees() {
    for name in BOTH {
        let golden = near::golden(&folder(name));
        for quantize in [None, Some(Kind::Q8_0)] {
            let detr = detr(name, quantize);
            for at in 0..2 {
                let of = |part: &str| &golden[&format!("{part}_{at}")];
                let what = |part: &str| format!("{name}: {part} of picture {at}");
                let breath = no_breath();
                let features = block_on(detr.features(of("pixels"), &breath)).unwrap();
                check(&what("features"), quantize, &features, of("features"));
                let cells = block_on(detr.encode(&features, &breath)).unwrap();
                check(&what("cells"), quantize, &cells.states, of("encoded"));
                let answer = block_on(detr.forward(of("pixels"), &breath)).unwrap();
                check(&what("logits"), quantize, &answer.logits, of("logits"));
                check(&what("boxes"), quantize, &answer.boxes, of("boxes"));
            }
        }
    }
}

#[test]
fn pictures_may_be_small_but_not_empty() {
    let detr = detr("basic", None);
    let picture = |shape: &[usize]| {
        let count = shape.iter().product();
        let numbers = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
        block_on(detr.forward(&models::numbers(numbers, shape).unwrap(), &no_breath()))
    };
    for shape in [[3, 1, 1], [3, 1, 200], [3, 33, 2]] {
        let answer = picture(&shape).unwrap();
        assert!(numbers(&answer.boxes).iter().all(|x| (0. ..=1.).contains(x)), "{shape:?}");
    }
    for shape in [&[1, 8, 8][..], &[3, 0, 8], &[8, 8]] {
        assert!(picture(shape).is_err(), "{shape:?}");
    }
}

#[test]
fn a_look_can_be_stopped_at_any_breath() {
    let detr = detr("timm", None);
    let pixels = &near::golden(&folder("timm"))["pixels_0"];
    stop_at_any(40, 1, async |breath| detr.forward(pixels, breath).await);
}

#[test]
fn every_tensor_of_the_real_checkpoint_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(folder("layout.json")).unwrap()).unwrap();
    assert_eq!(layouts.len(), 2);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let tensors: Vec<_> = tensors.into_iter().collect();
        let load = |tensors: &[(String, Vec<u64>)]| {
            let weights = Weights::outline(tensors.to_vec(), Names::HuggingFace)?;
            block_on(Detr::load(&weights, Config::from_json(&value["config"].to_string())?))
                .map(drop)
        };
        load(&tensors).unwrap();
        for (i, (name, _)) in tensors.iter().enumerate() {
            let mut fewer = tensors.clone();
            fewer.remove(i);
            let told = load(&fewer).unwrap_err().to_string();
            // Without its first tensor a backbone in timm's names looks like one in the others'.
            let first = name.ends_with("model.conv1.weight");
            assert!(told.contains(name) || first, "{layout}: {told} for {name}");
            let mut other = tensors.clone();
            other[i].1[0] += 1;
            let told = load(&other).unwrap_err().to_string();
            assert!(told.contains(name), "{layout}: {told} for {name}");
        }
        for more in
            ["model.decoder.layers.6.fc1.weight", "model.backbone.conv_encoder.model.fc.bias"]
        {
            let mut tensors = tensors.clone();
            tensors.push((more.into(), vec![1, 1]));
            let told = load(&tensors).unwrap_err().to_string();
            assert!(told.contains(more), "{layout}: {told}");
        }
    }
}

/// The configuration of `basic` with one entry changed, or taken out by null.
#[track_caller]
fn check_refused(change: impl Fn(&mut Value), words: &str) {
    let mut config: Value = serde_json::from_str(&json("basic")).unwrap();
    change(&mut config);
    let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
    assert!(told.contains(words), "`{told}` lacks `{words}`");
}

#[test]
fn a_configuration_that_lies_or_is_another_networks_is_refused() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 12] = [
        (|c| c["d_model"] = 33.into(), "is not possible"),
        (|c| c["d_model"] = 0.into(), "is not possible"),
        (|c| c["num_queries"] = 0.into(), "0 queries"),
        (|c| c["encoder_layers"] = 1_000_000.into(), "1000000"),
        (|c| c["id2label"] = serde_json::json!({}), "no labels"),
        (|c| c["id2label"] = serde_json::json!({"1": "cat"}), "no label for number 0"),
        (|c| c["position_embedding_type"] = "learned".into(), "learned positions"),
        (|c| c["dilation"] = true.into(), "dilated backbone"),
        (|c| c["backbone_config"]["model_type"] = "swin".into(), "swin"),
        (|c| c["backbone_config"]["depths"] = serde_json::json!([1]), "is not possible"),
        (
            |c| c["backbone_config"]["out_features"] = serde_json::json!(["stage1"]),
            "stage2, not stage1",
        ),
        (
            |c| {
                c["use_timm_backbone"] = true.into();
                c["backbone"] = "mobilenet".into();
            },
            "mobilenet",
        ),
    ];
    for (change, words) in cases {
        check_refused(change, words);
    }
}

#[test]
fn a_variance_below_zero_is_refused() {
    let bytes = fs::read(folder("basic").join("model.safetensors")).unwrap();
    let len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + len]).unwrap();
    let name = "model.backbone.conv_encoder.model.embedder.embedder.normalization.running_var";
    let at = 8 + len + header[name]["data_offsets"][0].as_u64().unwrap() as usize;
    let mut bytes = bytes;
    bytes[at..at + 4].copy_from_slice(&(-1f32).to_le_bytes());
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), None);
    let told = block_on(Detr::load(&weights, Config::from_json(&json("basic")).unwrap())).err();
    assert!(told.unwrap().to_string().contains("variance below zero"));
}
