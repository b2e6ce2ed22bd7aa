//! DPT and Depth Anything against their reference: see `golden/dpt.py`.

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
    Kind, Memory, Names, Safetensors, Weights,
    dpt::{Config, Dpt},
    no_breath,
};
use pollster::block_on;
use serde_json::Value;

/// Checkpoints and how many pictures each was shown.
const ALL: [(&str, usize); 3] = [("hybrid", 1), ("plain", 2), ("anything", 2)];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/dpt").join(name)
}

fn json(name: &str) -> String {
    fs::read_to_string(folder(name).join("config.json")).unwrap()
}

fn dpt(name: &str, quantize: Option<Kind>) -> Dpt {
    let bytes = fs::read(folder(name).join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    block_on(Dpt::load(&weights, Config::from_json(&json(name)).unwrap())).unwrap()
}

#[test]
fn every_part_sees_what_the_reference_sees() {
    for (name, pictures) in ALL {
        let golden = near::golden(&folder(name));
        for quantize in [None, Some(Kind::Q8_0)] {
            let dpt = dpt(name, quantize);
            for at in 0..pictures {
                let of = |part: &str| &golden[&format!("{part}_{at}")];
                let what = |part: &str| format!("{name}: {part} of picture {at}");
                let breath = no_breath();
                let seen = block_on(dpt.see(of("pixels"), &breath)).unwrap();
                for (i, states) in seen.states.iter().enumerate() {
                    // Rows of a small BiT's first stage are no whole blocks: nothing is rounded there.
                    if quantize.is_none() || states.dims().len() == 2 {
                        let part = format!("seen_{at}_{i}");
                        check(&format!("{name}: {part}"), quantize, states, &golden[&part]);
                    }
                }
                let fused = block_on(dpt.fuse(&seen, &breath)).unwrap();
                check(&what("fused"), quantize, &fused, of("fused"));
                let depth = block_on(dpt.forward(of("pixels"), &breath)).unwrap();
                check(&what("depth"), quantize, &depth, of("depth"));
            }
        }
    }
}

#[test]
fn pictures_of_another_size_are_seen_or_refused_in_words() {
    let look = |name: &str, shape: &[usize]| {
        let count = shape.iter().product();
        let pixels = (0..count).map(|i| (i as f32 * 0.7).sin()).collect();
        block_on(dpt(name, None).forward(&models::numbers(pixels, shape).unwrap(), &no_breath()))
    };
    for shape in [[3, 14, 14], [3, 14, 280], [3, 29, 41]] {
        let depth = look("anything", &shape).unwrap();
        assert_eq!(depth.dims(), [shape[1] / 14 * 14, shape[2] / 14 * 14]);
        assert!(numbers(&depth).iter().all(|x| *x >= 0.), "{shape:?}");
    }
    assert_eq!(look("plain", &[3, 8, 8]).unwrap().dims(), [16, 16]);
    for (name, shape, words) in [
        ("anything", [3, 13, 40], "40 × 13 pixels"),
        ("plain", [3, 32, 48], "48 × 32 pixels"),
        ("hybrid", [3, 48, 64], "looks at 48 × 48 pixels"),
        ("anything", [1, 28, 28], "a picture of [1, 28, 28]"),
    ] {
        let told = look(name, &shape).unwrap_err().to_string();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn a_look_can_be_stopped_at_any_breath() {
    for (name, _) in ALL {
        let dpt = dpt(name, None);
        let pixels = &near::golden(&folder(name))["pixels_0"];
        stop_at_any(40, 7, async |breath| dpt.forward(pixels, breath).await);
    }
}

#[test]
fn every_tensor_of_the_real_checkpoints_is_used_once() {
    let path = folder("layout.json");
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(layouts.len(), 3);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let tensors: Vec<_> = tensors.into_iter().collect();
        let config = Config::from_json(&value["config"].to_string()).unwrap();
        let load = |tensors: Vec<(String, Vec<u64>)>| {
            let weights = Weights::outline(tensors, Names::HuggingFace)?;
            block_on(Dpt::load(&weights, config.clone())).map(drop)
        };
        load(tensors.clone()).unwrap();
        // What the reference has and never uses; the files of Intel have none of the first.
        let unused = |name: &str| {
            name.contains("layers.0.residual_layer1")
                || name.ends_with("mask_token")
                || name.starts_with("dpt.layernorm")
        };
        for (i, (name, _)) in
            tensors.iter().enumerate().filter(|(i, (name, _))| i % 5 == 0 || unused(name))
        {
            let mut fewer = tensors.clone();
            fewer.remove(i);
            match load(fewer) {
                Ok(()) => assert!(unused(name), "{layout}: nobody misses {name}"),
                Err(told) => assert!(told.to_string().contains(name), "{layout}: {told}"),
            }
        }
        for more in ["neck.convs.4.weight", "head.head.6.bias"] {
            let tensors = tensors.iter().cloned().chain([(more.into(), vec![1, 1])]).collect();
            let told = load(tensors).unwrap_err().to_string();
            assert!(told.contains(more), "{layout}: {told}");
        }
    }
}

#[test]
fn a_configuration_that_lies_or_is_another_networks_is_refused() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 13] = [
        ("plain", |c| c["model_type"] = "glpn".into(), "a glpn does not tell depth"),
        ("plain", |c| c["hidden_size"] = 33.into(), "is not possible"),
        ("plain", |c| c["patch_size"] = 0.into(), "patches of 0"),
        ("plain", |c| c["backbone_out_indices"] = serde_json::json!([0, 1, 9]), "[1, 2, 10] of 3"),
        ("plain", |c| c["reassemble_factors"] = serde_json::json!([4, 1]), "do not go together"),
        ("plain", |c| c["reassemble_factors"] = serde_json::json!([4, 1, 0]), "0 times as large"),
        ("plain", |c| c["use_batch_norm_in_fusion_residual"] = true.into(), "batch norms"),
        ("plain", |c| c["backbone_config"] = serde_json::json!({}), "backbone of another family"),
        ("hybrid", |c| c["backbone_config"]["global_padding"] = "valid".into(), "padded as `same`"),
        ("hybrid", |c| c["backbone_config"]["num_groups"] = 0.into(), "0 groups"),
        ("anything", |c| c["depth_estimation_type"] = "metric".into(), "metric depth"),
        ("anything", |c| c["backbone_config"]["use_swiglu_ffn"] = true.into(), "dinov2 backbone"),
        ("anything", |c| c["backbone_config"]["out_features"] = Value::Null, "out_features"),
    ];
    for (name, change, words) in cases {
        let mut config: Value = serde_json::from_str(&json(name)).unwrap();
        change(&mut config);
        let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    }
}
