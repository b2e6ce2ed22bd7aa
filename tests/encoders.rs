//! Encoders against their reference: see `golden/encoder.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::near::{self, check, numbers};
use candle_core::{DType, Tensor};
use models::{
    Kind, Memory, Names, Safetensors, Weights,
    bert::{self, Bert},
    clip::{self, Clip, Vision, VisionConfig},
    no_breath, whisper,
};
use pollster::block_on;

fn folder(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/encoder").join(family)
}

fn golden(family: &str) -> HashMap<String, Tensor> {
    near::golden(&folder(family))
}

fn json(family: &str) -> String {
    fs::read_to_string(folder(family).join("config.json")).unwrap()
}

fn weights(family: &str, quantize: Option<Kind>) -> Weights {
    let name = "model.safetensors";
    let file: Rc<dyn models::Source> =
        Rc::new(Memory(fs::read(folder(family).join(name)).unwrap()));
    let files = Safetensors::read(vec![(name.into(), file)], None).unwrap();
    Weights::safetensors(files, no_breath(), quantize)
}

const BOTH: [Option<Kind>; 2] = [None, Some(Kind::Q8_0)];

fn bert(quantize: Option<Kind>) -> Bert {
    let config = bert::Config::from_json(&json("bert")).unwrap();
    block_on(Bert::load(&weights("bert", quantize), config)).unwrap()
}

#[test]
fn texts_side_by_side_are_texts_alone() {
    let golden = golden("bert");
    let ids = |i| golden[&format!("ids_{i}")].to_dtype(DType::U32).unwrap().to_vec1().unwrap();
    let texts: Vec<Vec<u32>> = (0..3).map(ids).collect();
    for quantize in BOTH {
        let hidden = block_on(bert(quantize).forward(&texts, &no_breath())).unwrap();
        let mut end = 0;
        for (i, text) in texts.iter().enumerate() {
            let of_text = hidden.narrow(0, end, text.len()).unwrap();
            check(&format!("text {i}"), quantize, &of_text, &golden[&format!("hidden_{i}")]);
            end += text.len();
        }
    }
}

#[test]
fn a_text_that_is_empty_or_too_long_is_an_error() {
    let bert = bert(None);
    for texts in [vec![], vec![vec![]], vec![vec![1], vec![]], vec![vec![3; 41]], vec![vec![120]]] {
        assert!(block_on(bert.forward(&texts, &no_breath())).is_err(), "{texts:?}");
    }
}

#[test]
fn a_picture_is_where_the_reference_has_it() {
    for family in ["clip", "clip-wide"] {
        let golden = golden(family);
        for quantize in BOTH {
            let config = VisionConfig::from_json(&json(family)).unwrap();
            let vision = block_on(Vision::load(&weights(family, quantize), config)).unwrap();
            let hidden = block_on(vision.hidden_states(&golden["pixels"], &no_breath())).unwrap();
            check(&format!("patches of {family}"), quantize, &hidden, &golden["hidden"]);
            let embeds = block_on(vision.forward(&golden["pixels"], &no_breath())).unwrap();
            check(&format!("picture of {family}"), quantize, &embeds, &golden["embeds"]);
            let other = golden["pixels"].narrow(1, 0, 8).unwrap();
            assert!(block_on(vision.forward(&other, &no_breath())).is_err());
        }
    }
}

fn clip(json: &str, quantize: Option<Kind>) -> Clip {
    let config = clip::Config::from_json(json).unwrap();
    block_on(Clip::load(&weights("clip-both", quantize), config)).unwrap()
}

#[test]
fn pictures_and_texts_are_as_near_as_the_reference_has_them() {
    let golden = golden("clip-both");
    let texts: Vec<Vec<u32>> = (0..5).map(|i| near::ids(&golden, &format!("ids_{i}"))).collect();
    for quantize in BOTH {
        let clip = clip(&json("clip-both"), quantize);
        let hidden = block_on(clip.text.hidden_states(&texts, &no_breath())).unwrap();
        let said = block_on(clip.text.forward(&texts, &no_breath())).unwrap();
        let picture = block_on(clip.vision.forward(&golden["pixels"], &no_breath())).unwrap();
        check("picture", quantize, &picture, &golden["picture"]);
        let logits = clip.logits(&picture, &said).unwrap();
        let want: Vec<f32> = (0..5).flat_map(|i| numbers(&golden[&format!("logit_{i}")])).collect();
        let shape = (want.len(), candle_core::Device::Cpu);
        let tensor = |of: Vec<f32>| Tensor::from_vec(of, shape.0, &shape.1).unwrap();
        check("logits", quantize, &tensor(logits), &tensor(want));
        let mut end = 0;
        for (i, text) in texts.iter().enumerate() {
            let of_text = hidden.narrow(0, end, text.len()).unwrap();
            check(&format!("text {i}"), quantize, &of_text, &golden[&format!("hidden_{i}")]);
            check(
                &format!("point {i}"),
                quantize,
                &said.get(i).unwrap(),
                &golden[&format!("text_{i}")],
            );
            end += text.len();
        }
    }
}

#[test]
fn a_text_ends_where_older_files_mean_it_to() {
    let golden = golden("clip-both");
    let mut config: serde_json::Value = serde_json::from_str(&json("clip-both")).unwrap();
    config["text_config"]["eos_token_id"] = 2.into();
    let said = |config: &serde_json::Value| {
        let ids = near::ids(&golden, "old_ids");
        block_on(clip(&config.to_string(), None).text.forward(&[ids], &no_breath())).unwrap()
    };
    check("an old text", None, &said(&config).get(0).unwrap(), &golden["old_text"]);
    // What older files say twice holds as it is said the second time.
    config["text_config_dict"] = config["text_config"].clone();
    config["text_config"]["hidden_size"] = 7.into();
    check("an old text", None, &said(&config).get(0).unwrap(), &golden["old_text"]);
}

#[test]
fn a_label_that_is_empty_or_too_long_is_an_error() {
    let clip = clip(&json("clip-both"), None);
    for texts in [vec![], vec![vec![]], vec![vec![1], vec![]], vec![vec![3; 41]], vec![vec![9999]]]
    {
        assert!(block_on(clip.text.forward(&texts, &no_breath())).is_err(), "{texts:?}");
    }
}

#[test]
fn half_a_minute_is_heard_as_by_the_reference() {
    let golden = golden("whisper");
    for quantize in BOTH {
        let config = whisper::Config::from_json(&json("whisper")).unwrap();
        let weights = weights("whisper", quantize);
        let encoder = block_on(whisper::Encoder::load(&weights, config)).unwrap();
        let hidden = block_on(encoder.forward(&golden["mel"], &no_breath())).unwrap();
        check("sound", quantize, &hidden, &golden["hidden"]);
        let other = golden["mel"].narrow(1, 0, 8).unwrap();
        assert!(block_on(encoder.forward(&other, &no_breath())).is_err());
    }
}

type Tensors = Vec<(String, Vec<u64>)>;

/// Loads the network `checkpoint` is of, from names and shapes alone.
fn load(checkpoint: &str, config: &str, tensors: Tensors) -> models::Result<()> {
    let weights = Weights::outline(tensors, Names::HuggingFace)?;
    match checkpoint {
        "all-MiniLM-L6-v2" => {
            block_on(Bert::load(&weights, bert::Config::from_json(config)?)).map(drop)
        }
        "clip-vit-base-patch32" => {
            block_on(Vision::load(&weights, VisionConfig::from_json(config)?)).map(drop)
        }
        name if name.starts_with("CLIPModel") => {
            block_on(Clip::load(&weights, clip::Config::from_json(config)?)).map(drop)
        }
        _ => {
            let config = whisper::Config::from_json(config)?;
            block_on(whisper::Encoder::load(&weights, config)).map(drop)
        }
    }
}

#[test]
fn every_tensor_of_a_real_encoder_is_used_once() {
    let layouts = fs::read_to_string(folder("layout.json")).unwrap();
    let layouts: serde_json::Value = serde_json::from_str(&layouts).unwrap();
    assert_eq!(layouts.as_object().unwrap().len(), 5);
    for (checkpoint, layout) in layouts.as_object().unwrap() {
        let config = layout["config"].to_string();
        let tensors: HashMap<String, Vec<u64>> =
            serde_json::from_value(layout["tensors"].clone()).unwrap();
        let tensors: Tensors = tensors.into_iter().collect();
        load(checkpoint, &config, tensors.clone()).unwrap();
        for (i, (name, _)) in tensors.iter().enumerate() {
            // Layers are alike: the first two stand for all.
            if name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 1)) {
                continue;
            }
            // Loaders of a whole say what they leave out; Whisper's decoder is not loaded yet.
            if name.contains("pooler") || name.contains("position_ids") || name.contains("decoder")
            {
                continue;
            }
            let mut fewer = tensors.clone();
            fewer.remove(i);
            // A bias may be missing: then the layer has none.
            let told = load(checkpoint, &config, fewer).err().map(|e| e.to_string());
            let optional = name.ends_with("bias") && told.is_none();
            assert!(
                optional || told.is_some_and(|told| told.contains(name)),
                "{checkpoint}: {name}"
            );
            let mut other = tensors.clone();
            match other[i].1.first_mut() {
                Some(rows) => *rows += 1,
                // A number alone, and now two.
                None => other[i].1.push(2),
            }
            let told = load(checkpoint, &config, other).unwrap_err().to_string();
            assert!(told.contains(name), "{checkpoint}: {told} for {name}");
        }
        let mut more = tensors;
        more.push(("model.encoder.fc3.weight".into(), vec![1, 1]));
        let told = load(checkpoint, &config, more).unwrap_err().to_string();
        assert!(told.contains("fc3"), "{checkpoint}: {told}");
    }
}

/// Ids of the course's sentences, as all-MiniLM-L6-v2's own tokenizer has them.
const LEFT: [&[u32]; 3] = [
    &[101, 1045, 2572, 1037, 2879, 102],  // I am a boy
    &[101, 1045, 2066, 2189, 102],        // I like music
    &[101, 2023, 3185, 2001, 12476, 102], // This movie was awesome
];
const RIGHT: [&[u32]; 3] = [
    &[101, 2002, 2003, 1037, 2879, 102],       // He is a boy
    &[101, 2002, 7777, 2189, 102],             // He likes music
    &[101, 2008, 3899, 2003, 2061, 9200, 102], // That dog is so ugly
];
/// Their cosines as sentence-transformers prints them.
const COSINES: [[f32; 3]; 3] =
    [[0.7027, 0.1997, 0.1049], [0.1372, 0.6581, 0.0910], [0.1497, 0.1047, 0.1928]];

/// The real checkpoint, where somebody has it: a folder in `WICK_MINILM` with its `config.json` and
/// `model.safetensors`. Without one this test says so and nothing else.
#[test]
fn the_real_minilm_finds_what_the_course_prints() {
    let Some(folder) = std::env::var_os("WICK_MINILM").map(PathBuf::from) else {
        println!("not run: WICK_MINILM names no folder with all-MiniLM-L6-v2");
        return;
    };
    for (quantize, near) in [(None, 0.0005), (Some(Kind::Q8_0), 0.005)] {
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        let file: Rc<dyn models::Source> = Rc::new(Memory(read("model.safetensors")));
        let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
        let weights = Weights::safetensors(files, no_breath(), quantize);
        let config = String::from_utf8(read("config.json")).unwrap();
        let bert = bert::Config::from_json(&config).unwrap();
        let bert = block_on(Bert::load(&weights, bert)).unwrap();
        let point = |ids: &&[u32]| -> Vec<f32> {
            let hidden = block_on(bert.forward(&[ids.to_vec()], &no_breath())).unwrap();
            let mean: Vec<f32> = hidden.mean(0).unwrap().to_vec1().unwrap();
            let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
            mean.iter().map(|x| x / length).collect()
        };
        let right: Vec<_> = RIGHT.iter().map(point).collect();
        for (left, wanted) in LEFT.iter().map(point).zip(COSINES) {
            for (right, want) in right.iter().zip(wanted) {
                let got: f32 = left.iter().zip(right).map(|(a, b)| a * b).sum();
                assert!((got - want).abs() <= near, "{quantize:?}: {got} for {want}");
            }
        }
    }
}
