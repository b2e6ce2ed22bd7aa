//! OWL-ViT against its reference: see `golden/owlvit.py`.

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
use models::{
    Kind, Memory, Names, Safetensors, Weights, no_breath,
    owlvit::{Config, OwlVit},
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/owlvit")
}

fn json() -> String {
    fs::read_to_string(folder().join("config.json")).unwrap()
}

fn owl(quantize: Option<Kind>) -> OwlVit {
    let bytes = fs::read(folder().join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    block_on(OwlVit::load(&weights, Config::from_json(&json()).unwrap())).unwrap()
}

#[test]
fn every_part_sees_what_the_reference_sees() {
    let golden = near::golden(&folder());
    let texts: Vec<Vec<u32>> = (0..4).map(|i| near::ids(&golden, &format!("ids_{i}"))).collect();
    for quantize in [None, Some(Kind::Q8_0)] {
        let (owl, breath) = (owl(quantize), no_breath());
        let features = block_on(owl.features(&golden["pixels"], &breath)).unwrap();
        check("features", quantize, &features, &golden["features"]);
        let seen = block_on(owl.look(&golden["pixels"], &breath)).unwrap();
        check("boxes", quantize, &seen.boxes, &golden["boxes"]);
        // Read in two parts: the reference gives points of length one.
        let read = |texts: &[Vec<u32>]| block_on(owl.read(texts, &breath)).unwrap();
        let parts = [read(&texts[..3]), read(&texts[3..])];
        for (i, text) in texts.iter().enumerate() {
            let (point, want) = (read(std::slice::from_ref(text)), &golden["texts"]);
            check("text", quantize, &point.get(0).unwrap(), &want.get(i).unwrap());
        }
        let labels = owl.labels(&parts).unwrap();
        let logits = block_on(seen.logits(&labels, &breath)).unwrap();
        check("logits", quantize, &logits, &golden["logits"]);
    }
}

#[test]
fn a_picture_or_a_text_of_another_size_is_an_error() {
    let owl = owl(None);
    for shape in [&[3, 40, 48][..], &[1, 40, 40], &[3, 0, 40], &[40, 40]] {
        let numbers = models::numbers(vec![0.5; shape.iter().product()], shape).unwrap();
        assert!(block_on(owl.look(&numbers, &no_breath())).is_err(), "{shape:?}");
    }
    for texts in [vec![], vec![vec![]], vec![vec![1], vec![]], vec![vec![3; 31]], vec![vec![9999]]]
    {
        assert!(block_on(owl.read(&texts, &no_breath())).is_err(), "{texts:?}");
    }
    assert!(owl.labels(&[]).is_err());
}

#[test]
fn a_look_can_be_stopped_at_any_breath() {
    let (owl, golden) = (owl(None), near::golden(&folder()));
    stop_at_any(30, 1, async |breath| {
        let labels = owl.labels(&[owl.read(&[near::ids(&golden, "ids_0")], breath).await?])?;
        owl.look(&golden["pixels"], breath).await?.logits(&labels, breath).await
    });
}

type Tensors = Vec<(String, Vec<u64>)>;

#[test]
fn every_tensor_of_a_real_checkpoint_is_used_once() {
    let layouts: HashMap<String, Value> =
        serde_json::from_str(&fs::read_to_string(folder().join("layout.json")).unwrap()).unwrap();
    assert_eq!(layouts.len(), 2);
    for (layout, value) in &layouts {
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(value["tensors"].clone()).unwrap();
        let tensors: Tensors = tensors.into_iter().collect();
        let load = |tensors: &Tensors| {
            let weights = Weights::outline(tensors.clone(), Names::HuggingFace)?;
            let config = Config::from_json(&value["config"].to_string())?;
            block_on(OwlVit::load(&weights, config)).map(drop)
        };
        load(&tensors).unwrap();
        let mut unused = 0;
        for (i, (name, _)) in tensors.iter().enumerate() {
            // Layers are alike: the first two stand for all.
            if name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 1)) {
                continue;
            }
            let mut fewer = tensors.clone();
            fewer.remove(i);
            let Err(told) = load(&fewer) else {
                // What compares whole pictures alone; it may be there and is never asked.
                let own = ["logit_scale", "visual_projection.weight", "position_ids"];
                assert!(own.iter().any(|own| name.ends_with(own)), "{layout}: {name}");
                unused += 1;
                continue;
            };
            assert!(told.to_string().contains(name), "{layout}: {told} for {name}");
            let mut other = tensors.clone();
            other[i].1[0] += 1;
            let told = load(&other).unwrap_err().to_string();
            assert!(told.contains(name), "{layout}: {told} for {name}");
        }
        assert_eq!(unused, 4, "{layout}");
        for more in ["class_head.dense1.weight", "owlvit.text_model.encoder.layers.12.fc1.bias"] {
            let mut tensors = tensors.clone();
            tensors.push((more.into(), vec![1, 1]));
            let told = load(&tensors).unwrap_err().to_string();
            assert!(told.contains(more), "{layout}: {told}");
        }
    }
}

#[test]
fn where_a_file_is_silent_the_family_says_it() {
    let config = Config::from_json("{}").unwrap();
    assert_eq!((config.vision.image_size, config.vision.patch_size), (768, 32));
    assert_eq!((config.text.max_position_embeddings, config.text.vocab_size), (16, 49408));
    let refused = |json: &str, words: &str| {
        let told = Config::from_json(json).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    };
    refused(
        r#"{"projection_dim": 96}"#,
        "texts of 96 numbers cannot be compared with patches of 512",
    );
    refused(r#"{"vision_config": {"patch_size": 0}}"#, "in patches of 0 is not possible");
    refused(r#"{"vision_config": {"image_size": "wide"}}"#, "wide");
}
