//! MobileSAM against its reference, and through the worker's door: see `golden/mobilesam.py`.

use std::{collections::HashMap, fs, path::PathBuf, rc::Rc};

use crate::{
    breaths::stop_at_any,
    engine::{Bytes, Engine, read},
    near::{self, check},
    segment::{Case, cases, differ, run},
};
use api::{
    picture::Mask,
    segment::{Ask, Everything, Wish},
};
use models::{
    Kind, Memory, Names, Safetensors, Weights, no_breath,
    sam::{Config, Masks, Prompt, Sam, Spot},
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/mobilesam")
}

fn sam(quantize: Option<Kind>) -> Sam {
    let file: Rc<dyn models::Source> = Rc::new(Memory(read("golden/mobilesam/model.safetensors")));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    let json = fs::read_to_string(folder().join("config.json")).unwrap();
    block_on(Sam::load(&weights, Config::from_json(&json).unwrap())).unwrap()
}

/// `PROMPTS` of the script.
fn prompts() -> [(&'static str, Prompt); 4] {
    let prompt = |points: &[([f32; 2], bool)], area| {
        let points = points.iter().map(|&(at, inside)| Spot { at, inside }).collect();
        Prompt { points, area }
    };
    [
        ("point", prompt(&[([20.5, 31.0], true)], None)),
        ("points", prompt(&[([12.0, 40.0], true), ([50.0, 9.5], false), ([3.0, 3.0], true)], None)),
        ("box", prompt(&[], Some([8.0, 12.0, 50.5, 60.0]))),
        ("both", prompt(&[([30.0, 30.0], false)], Some([4.0, 2.0, 33.0, 61.0]))),
    ]
}

#[test]
fn every_stage_and_every_answer_are_the_references() {
    let golden = near::golden(&folder());
    for quantize in [None, Some(Kind::Q8_0)] {
        let sam = sam(quantize);
        let levels = block_on(sam.levels(&golden["pixels"], &no_breath())).unwrap();
        assert_eq!(levels.len(), 4);
        for (at, level) in levels.iter().enumerate() {
            check(&format!("stage {at}"), quantize, level, &golden[&format!("level_{at}")]);
        }
        let seen = block_on(sam.look(&golden["pixels"], &no_breath())).unwrap();
        check("embedding", quantize, &seen.embedding, &golden["embedding"]);
        for (name, prompt) in prompts() {
            for (kind, masks) in [("several", Masks::Several), ("one", Masks::One)] {
                let answer = block_on(sam.ask(&seen, (&prompt, masks), &no_breath())).unwrap();
                let of = |part: &str| &golden[&format!("{kind}_{part}_{name}")];
                check(&format!("{kind} of {name}"), quantize, &answer.masks, of("masks"));
                check(&format!("{kind} scores"), quantize, &answer.scores, of("scores"));
            }
        }
    }
}

#[test]
fn looking_and_asking_can_be_stopped_at_any_breath() {
    let sam = sam(None);
    let pixels = &near::golden(&folder())["pixels"];
    let [(_, prompt), ..] = prompts();
    stop_at_any(60, 1, async |breath| {
        let seen = sam.look(pixels, breath).await?;
        sam.ask(&seen, (&prompt, Masks::One), breath).await
    });
}

/// Left in the file.
fn is_unused(name: &str) -> bool {
    ["mask_downscaling.", "image_encoder.head.", "norm_head.", "num_batches_tracked"]
        .iter()
        .any(|part| name.contains(part))
}

#[test]
fn every_tensor_of_the_originals_checkpoints_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_slice(&read("golden/mobilesam/layout.json")).unwrap();
    assert_eq!(layouts.len(), 2);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let mut tensors: Vec<_> = tensors.into_iter().collect();
        tensors.sort();
        let load = |tensors: &[(String, Vec<u64>)]| {
            let weights = Weights::outline(tensors.to_vec(), Names::HuggingFace)?;
            let sam =
                block_on(Sam::load(&weights, Config::from_json(&value["config"].to_string())?))?;
            Ok::<_, models::Error>(sam.input_shape())
        };
        assert_eq!(load(&tensors).unwrap(), [3, 1024, 1024]);
        for at in (0..tensors.len()).filter(|at| !is_unused(&tensors[*at].0)).step_by(9) {
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
        more.push(("image_encoder.layers.3.blocks.2.attn.proj.bias".into(), vec![1]));
        let told = load(&more).unwrap_err().to_string();
        assert!(told.contains("layers.3.blocks.2"), "{layout}: {told}");
    }
}

#[track_caller]
fn check_refused(vision: &str, words: &str) {
    let json = format!(r#"{{"model_type": "mobile_sam", "vision_config": {vision}}}"#);
    let told = Config::from_json(&json).unwrap_err().to_string();
    assert!(told.contains(words), "{told}");
}

#[test]
fn impossible_configurations_are_refused() {
    check_refused(r#"{"image_size": 0}"#, "a dimension of 0");
    check_refused(r#"{"image_size": 1000}"#, "a picture of 1000 in patches of 16");
    check_refused(r#"{"image_size": 8192}"#, "a picture of 8192 in patches of 16");
    check_refused(r#"{"embed_dims": [63, 128, 160, 320]}"#, "a first stage of 63 channels");
    check_refused(r#"{"embed_dims": [64, 128, 160]}"#, "vision_config");
    check_refused(r#"{"num_heads": [2, 4, 7, 10]}"#, "a stage of 160 channels with 7 heads");
    check_refused(r#"{"num_heads": [2, 0, 5, 10]}"#, "a stage of 128 channels with 0 heads");
    check_refused(r#"{"window_sizes": [7, 7, 65, 7]}"#, "windows of 65 for 64 cells");
    check_refused(r#"{"window_sizes": [7, 0, 14, 7]}"#, "windows of 0 for 128 cells");
    check_refused(r#"{"depths": [2, 2, 1000, 2]}"#, "that stages have [2, 2, 1000, 2] blocks");
}

fn files() -> Vec<(&'static str, Bytes)> {
    let names = ["config.json", "model.safetensors"];
    names.map(|name| (name, read(&format!("golden/mobilesam/{name}")))).into()
}

/// Without a `preprocessor_config.json`, which the family's checkpoints have not.
#[test]
fn a_point_has_three_answers_and_what_can_mean_one_thing_has_one() {
    let engine = Engine::with("tiny", &files());
    for Case { picture, asked } in cases("golden/mobilesam/task.json") {
        let prompts = asked.iter().map(|(_, prompt, ..)| prompt.clone()).collect();
        let ask = Ask { picture: picture.clone(), wish: Wish::Prompts(prompts) };
        let output = run(&engine, Some(ask)).1.unwrap();
        assert_eq!((output.things.len(), output.model.side_px), (4, 64));
        for (found, (name, _, scores, runs)) in output.things.iter().zip(&asked) {
            assert_eq!(found.len(), if name == "point" { 3 } else { 1 }, "{name}");
            let mut order: Vec<usize> = (0..scores.len()).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
            assert_eq!(found.len(), order.len());
            for (candidate, at) in found.iter().zip(order) {
                assert!((candidate.score - scores[at]).abs() < 1e-4, "{name}");
                let Mask { width, height, runs: got } = &candidate.mask;
                assert_eq!((*width, *height), (picture.width, picture.height));
                // Where the network's numbers are next to nothing, another order of sums may tip them.
                assert!(differ(got, &runs[at]) <= 2e-3, "{name}: {}", differ(got, &runs[at]));
            }
        }
    }
}

#[test]
fn everything_is_looked_for_with_several_masks_of_each_point() {
    let engine = Engine::with("tiny", &files());
    let Case { picture, .. } = cases("golden/mobilesam/task.json").remove(0);
    let all = Everything {
        points_per_side: 1,
        least_score: 0.,
        least_stability: 0.,
        most_overlap: 1.,
        least_area_px: 0,
    };
    let ask = Ask { picture, wish: Wish::Everything(all) };
    let found = run(&engine, Some(ask)).1.unwrap().things.len();
    assert!((2..=3).contains(&found), "{found}");
}

#[test]
fn a_preprocessor_that_is_there_counts() {
    let mut files = files();
    files.push(("preprocessor_config.json", read("golden/detr/basic/preprocessor_config.json")));
    let Case { picture, .. } = cases("golden/mobilesam/task.json").remove(0);
    let ask = Ask { picture, wish: Wish::Look };
    let said = run(&Engine::with("tiny", &files), Some(ask)).1.unwrap_err().to_string();
    assert!(said.contains("preprocessor_config.json makes this picture"), "{said}");
}
