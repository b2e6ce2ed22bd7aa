//! Encoder-decoders against their reference: see `golden/seq2seq.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stopping_after,
    near::{self, cosine, ids, numbers},
};
use api::Failure;
use candle_core::{Device, Tensor};
use models::{
    Error, Kind, Memory, Names, Safetensors, Weights, no_breath,
    seq2seq::{Config, Past, Seq2Seq},
};
use pollster::block_on;
use serde::Deserialize;
use tasks::generate::{Answer, Input, Question, Settings, write};

const FAMILIES: &[&str] = &["bart", "blenderbot", "m2m_100", "marian", "mbart", "t5", "flan-t5"];
/// Cosine of two networks with the same weights, whose activations are rounded to 8 bits by one of them.
const SAME_COSINE: f32 = 0.9995;

fn folder(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/seq2seq").join(family)
}

fn golden(family: &str) -> HashMap<String, Tensor> {
    near::golden(&folder(family))
}

fn json(family: &str) -> String {
    fs::read_to_string(folder(family).join("config.json")).unwrap()
}

fn model(family: &str, quantize: Option<Kind>) -> Seq2Seq {
    load_bytes(family, fs::read(folder(family).join("model.safetensors")).unwrap(), quantize)
}

fn load_bytes(family: &str, bytes: Vec<u8>, quantize: Option<Kind>) -> Seq2Seq {
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    block_on(Seq2Seq::load(&weights, Config::from_json(&json(family)).unwrap())).unwrap()
}

/// The model with all matrices it multiplies with rounded to `kind`, as floats.
fn rounded(family: &str, kind: Kind) -> Seq2Seq {
    let path = folder(family).join("model.safetensors");
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, tensor) in candle_core::safetensors::load(path, &Device::Cpu).unwrap() {
        let mut numbers: Vec<f32> = tensor.flatten_all().unwrap().to_vec1().unwrap();
        let added = ["embed_positions", "relative_attention_bias", "final_logits_bias"];
        if tensor.dims().len() == 2 && !added.iter().any(|added| name.contains(added)) {
            numbers = kind.decode(&kind.encode(&numbers).unwrap()).unwrap();
        }
        let start = data.len();
        data.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        let place = [start, data.len()];
        let of = serde_json::json!({"dtype": "F32", "shape": tensor.dims(), "data_offsets": place});
        header.insert(name, of);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let length = (header.len() as u64).to_le_bytes();
    load_bytes(family, [&length[..], &header, &data].concat(), None)
}

#[track_caller]
fn check(what: &str, quantize: Option<Kind>, got: &Tensor, want: &Tensor) {
    if matches!(quantize, None | Some(Kind::Q8_0)) {
        return near::check(what, quantize, got, want);
    }
    assert_eq!(got.dims(), want.dims(), "{what}");
    let cosine = cosine(&numbers(got), &numbers(want));
    assert!(cosine >= SAME_COSINE, "{what} in {quantize:?}: cosine {cosine}");
}

/// Logits `(ids, vocabulary)` of tokens put in one after the other.
fn logits(model: &Seq2Seq, memory: &models::seq2seq::Memory, written: &[u32]) -> Tensor {
    let mut pasts = vec![Past::new(model)];
    let mut step = |id: &u32| block_on(model.step(memory, &[*id], &mut pasts, &no_breath()));
    let rows: Vec<Tensor> = written.iter().map(|id| step(id).unwrap()).collect();
    Tensor::cat(&rows, 0).unwrap()
}

#[test]
fn states_and_logits_are_the_references() {
    for family in FAMILIES {
        let golden = golden(family);
        for quantize in [None, Some(Kind::Q8_0)] {
            let model = model(family, quantize);
            for input in 0..3 {
                let what = |of: &str| format!("{family}: {of} of input {input}");
                let of = |name: &str| format!("{name}_{input}");
                let read = ids(&golden, &of("ids"));
                let states = block_on(model.encode(&read, &no_breath())).unwrap();
                check(&what("states"), quantize, &states, &golden[&of("states")]);
                let memory = block_on(model.remember(&states, &no_breath())).unwrap();
                let got = logits(&model, &memory, &ids(&golden, &of("written")));
                check(&what("logits"), quantize, &got, &golden[&of("logits")]);
            }
        }
    }
}

/// Four bits change what a drawn network says; they must change it as rounding its weights does.
#[test]
fn a_network_in_four_bits_is_the_one_of_the_rounded_weights() {
    for family in FAMILIES {
        let (golden, kind) = (golden(family), Some(Kind::Q4_0));
        let (packed, floats) = (model(family, kind), rounded(family, Kind::Q4_0));
        assert!(packed.held().bytes() * 3 < floats.held().bytes(), "{family}");
        let of = |model: &Seq2Seq| {
            let read = ids(&golden, "ids_2");
            let states = block_on(model.encode(&read, &no_breath())).unwrap();
            let memory = block_on(model.remember(&states, &no_breath())).unwrap();
            (states, logits(model, &memory, &ids(&golden, "written_2")))
        };
        let (got, want) = (of(&packed), of(&floats));
        check(&format!("{family}: states"), kind, &got.0, &want.0);
        check(&format!("{family}: logits"), kind, &got.1, &want.1);
    }
}

#[test]
fn beams_side_by_side_are_beams_alone() {
    for family in FAMILIES {
        let model = model(family, None);
        let states = block_on(model.encode(&[5, 6, 7, 8], &no_breath())).unwrap();
        let memory = block_on(model.remember(&states, &no_breath())).unwrap();
        let mut pasts = vec![Past::new(&model)];
        for id in [4, 9, 30] {
            block_on(model.step(&memory, &[id], &mut pasts, &no_breath())).unwrap();
        }
        // Three go on from the same past, each its own way.
        let mut pasts = vec![pasts[0].clone(), pasts[0].clone(), pasts[0].clone()];
        for ids in [[10, 11, 12], [20, 21, 22]] {
            let got = block_on(model.step(&memory, &ids, &mut pasts, &no_breath())).unwrap();
            for (row, id) in ids.iter().enumerate() {
                let alone = match id / 10 {
                    1 => vec![4, 9, 30, *id],
                    _ => vec![4, 9, 30, id - 10, *id],
                };
                let want = logits(&model, &memory, &alone);
                let want = want.narrow(0, alone.len() - 1, 1).unwrap();
                let got = got.narrow(0, row, 1).unwrap();
                check(&format!("{family}: beam {row}"), None, &got, &want);
            }
        }
    }
}

#[test]
fn a_step_that_was_stopped_left_nothing_behind() {
    for family in ["bart", "flan-t5"] {
        let model = model(family, None);
        let states = block_on(model.encode(&[5, 6], &no_breath())).unwrap();
        let memory = block_on(model.remember(&states, &no_breath())).unwrap();
        let want = logits(&model, &memory, &[3, 4, 5]);
        let mut pasts = vec![Past::new(&model)];
        for (place, id) in [3, 4, 5].into_iter().enumerate() {
            for n in [0, 3, 10] {
                let stopped =
                    block_on(model.step(&memory, &[id + 40], &mut pasts, &stopping_after(n)));
                assert!(matches!(stopped, Err(Error::Stopped)), "{family}: breath {n}");
                assert_eq!(pasts[0].len(), place);
            }
            let got = block_on(model.step(&memory, &[id], &mut pasts, &no_breath())).unwrap();
            check(family, None, &got, &want.narrow(0, place, 1).unwrap());
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    for family in ["bart", "blenderbot", "marian", "m2m_100"] {
        let model = model(family, None);
        let read = |ids: &[u32]| block_on(model.encode(ids, &no_breath()));
        assert!(read(&[]).is_err() && read(&[96]).is_err(), "{family}");
        assert!(read(&[3; 80]).is_ok(), "{family}");
        let told = read(&[3; 81]).unwrap_err().to_string();
        assert!(told.contains("80"), "{family}: {told}");
        let memory = block_on(model.remember(&read(&[3]).unwrap(), &no_breath())).unwrap();
        let mut pasts = vec![Past::new(&model)];
        assert!(block_on(model.step(&memory, &[1, 2], &mut pasts, &no_breath())).is_err());
        assert!(block_on(model.step(&memory, &[], &mut [], &no_breath())).is_err());
        assert!(block_on(model.step(&memory, &[96], &mut pasts, &no_breath())).is_err());
    }
}

/// What `generate` of the reference answers.
#[derive(Deserialize)]
struct Case {
    name: String,
    input: usize,
    settings: serde_json::Value,
    ids: Vec<u32>,
}

fn answer(model: &Seq2Seq, source: &[u32], settings: &Settings, seed: u64) -> Answer {
    let input = block_on(Input::read(model, source, &no_breath())).unwrap();
    let question = Question { model, input: &input, settings, seed };
    block_on(write(question, &no_breath(), async |_| Ok(()))).unwrap()
}

#[test]
fn answers_are_the_references_token_for_token() {
    let mut differences = Vec::new();
    for family in FAMILIES {
        let (model, golden) = (model(family, None), golden(family));
        let cases = fs::read_to_string(folder(family).join("answers.json")).unwrap();
        let cases: Vec<Case> = serde_json::from_str(&cases).unwrap();
        assert_eq!(cases.len(), 36, "{family}");
        for Case { name, input, settings, ids: want } in cases {
            let settings = Settings::read(Some(settings.to_string().as_bytes()), b"").unwrap();
            let source = ids(&golden, &format!("ids_{input}"));
            let got = answer(&model, &source, &settings, 0);
            if got.ids != want {
                differences
                    .push(format!("{family}, {name}, {input}:\n  {:?}\n  {want:?}", got.ids));
            }
            let forced =
                want.len() == settings.max_length && !settings.forced_eos_token_id.is_empty();
            let ended = settings.eos_token_id.contains(want.last().unwrap());
            assert_eq!(got.ended, ended && !forced, "{family}, {name}");
        }
    }
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn drawn_answers_come_from_their_seed() {
    let model = model("bart", None);
    let settings =
        r#"{"decoder_start_token_id":2,"do_sample":true,"max_length":16,"eos_token_id":2}"#;
    let settings = Settings::read(Some(settings.as_bytes()), b"").unwrap();
    let drawn = |seed| answer(&model, &[5, 17, 90], &settings, seed).ids;
    assert_eq!(drawn(1), drawn(1));
    assert!((2..6).any(|seed| drawn(seed) != drawn(1)));
    let first = Settings { top_k: 1, ..settings.clone() };
    let greedy = Settings { do_sample: false, ..settings.clone() };
    assert_eq!(answer(&model, &[5, 17], &first, 3), answer(&model, &[5, 17], &greedy, 0));
}

#[test]
fn an_answer_in_the_making_can_be_seen_and_stopped() {
    let model = model("m2m_100", None);
    let settings = r#"{"decoder_start_token_id":2,"num_beams":3,"max_length":16,"eos_token_id":2}"#;
    let settings = Settings::read(Some(settings.as_bytes()), b"").unwrap();
    let input = block_on(Input::read(&model, &[5, 17, 90], &no_breath())).unwrap();
    let question = Question { model: &model, input: &input, settings: &settings, seed: 0 };
    let mut lengths = Vec::new();
    let written = block_on(write(question, &no_breath(), async |so_far| {
        lengths.push(so_far.len());
        if lengths.len() < 4 { Ok(()) } else { Err(Failure::Stopped) }
    }));
    assert_eq!((written, lengths), (Err(Failure::Stopped), vec![2, 3, 4, 5]));
    let stopped = block_on(write(question, &stopping_after(29), async |_| Ok(())));
    assert_eq!(stopped, Err(Failure::Stopped));
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_in_words() {
    let model = model("blenderbot", None);
    let settings = r#"{"decoder_start_token_id":1,"max_length":200,"num_beams":2}"#;
    let settings = Settings::read(Some(settings.as_bytes()), b"").unwrap();
    let check = |source: &[u32], settings: &Settings, want: &str| {
        let told = block_on(async {
            let input = Input::read(&model, source, &no_breath()).await?;
            let question = Question { model: &model, input: &input, settings, seed: 0 };
            write(question, &no_breath(), async |_| Ok(())).await
        });
        let told = told.unwrap_err();
        assert!(told.to_string().contains(want), "{told}");
    };
    check(&[], &settings, "empty");
    check(&[3; 81], &settings, "81 tokens are more than the 80");
    check(&[3], &Settings { num_beams: 0, ..settings.clone() }, "num_beams");
    check(&[3], &Settings { forced_bos_token_id: Some(96), ..settings.clone() }, "96");
    // Nothing is written beyond the model's positions, whatever the settings allow.
    assert_eq!(answer(&model, &[3], &settings, 0).ids.len(), 81);
}

type Tensors = Vec<(String, Vec<u64>)>;

/// `*` of a layout, one per layer.
fn unfolded(layout: &serde_json::Value, config: &serde_json::Value) -> Tensors {
    let layers = |name: &str| {
        let fields = match name.contains("encoder.") {
            true => ["encoder_layers", "num_layers"],
            false => ["decoder_layers", "num_decoder_layers"],
        };
        fields.iter().find_map(|field| config[*field].as_u64()).unwrap()
    };
    let mut tensors = Vec::new();
    for (name, shape) in layout.as_object().unwrap() {
        let shape: Vec<u64> = serde_json::from_value(shape.clone()).unwrap();
        let count = if name.contains('*') { layers(name) } else { 1 };
        tensors.extend((0..count).map(|n| (name.replace('*', &n.to_string()), shape.clone())));
    }
    tensors
}

fn load(config: &serde_json::Value, tensors: Tensors) -> models::Result<Seq2Seq> {
    let config = Config::from_json(&config.to_string())?;
    block_on(Seq2Seq::load(&Weights::outline(tensors, Names::HuggingFace)?, config))
}

#[test]
fn every_tensor_of_a_real_checkpoint_is_used_once() {
    let layouts = fs::read_to_string(folder("layout.json")).unwrap();
    let layouts: serde_json::Value = serde_json::from_str(&layouts).unwrap();
    assert_eq!(layouts.as_object().unwrap().len(), 5);
    for (checkpoint, layout) in layouts.as_object().unwrap() {
        let config = &layout["config"];
        let tensors = unfolded(&layout["tensors"], config);
        let numbers = tensors.iter().map(|(_, shape)| shape.iter().product::<u64>()).sum::<u64>();
        let loaded = load(config, tensors.clone()).unwrap_or_else(|e| panic!("{checkpoint}: {e}"));
        assert_eq!(loaded.held().parameters(), numbers, "{checkpoint}");
        let fails = |tensors: Tensors, named: &str| {
            let told = load(config, tensors).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(told.contains(named), "{checkpoint}: {told} for {named}");
        };
        // Every twentieth: a load walks over hundreds.
        for (i, (name, _)) in tensors.iter().enumerate().step_by(20).filter(|(i, _)| *i > 0) {
            let mut fewer = tensors.clone();
            fewer.remove(i);
            fails(fewer, name);
            let mut other = tensors.clone();
            other[i].1[0] += 1;
            fails(other, name);
        }
        let mut more = tensors.clone();
        more.push(("decoder.fc3.weight".into(), vec![1, 1]));
        fails(more, "fc3");
    }
}

/// Hub files hold the shared table under several names, and some hold positions that are computed.
#[test]
fn copies_of_a_shared_table_are_passed_over() {
    let layouts = fs::read_to_string(folder("layout.json")).unwrap();
    let layouts: serde_json::Value = serde_json::from_str(&layouts).unwrap();
    for checkpoint in ["bart-large-cnn", "nllb-200-distilled-600M", "opus-mt-en-de"] {
        let config = &layouts[checkpoint]["config"];
        let tensors = unfolded(&layouts[checkpoint]["tensors"], config);
        let alone = load(config, tensors.clone()).unwrap().held().parameters();
        let shared = tensors.iter().find(|(name, _)| name == "model.shared.weight").unwrap();
        let copies = ["model.encoder.embed_tokens.weight", "lm_head.weight"];
        let copy = |name: &&str| (name.to_string(), shared.1.clone());
        let with: Tensors = tensors.iter().cloned().chain(copies.iter().map(copy)).collect();
        assert_eq!(load(config, with.clone()).unwrap().held().parameters(), alone, "{checkpoint}");
        let only = with.into_iter().filter(|(name, _)| name != "model.shared.weight").collect();
        assert_eq!(load(config, only).unwrap().held().parameters(), alone, "{checkpoint}");
    }
    let config = &layouts["opus-mt-en-de"]["config"];
    let mut tensors = unfolded(&layouts["opus-mt-en-de"]["tensors"], config);
    tensors.push(("model.decoder.embed_positions.weight".into(), vec![512, 512]));
    load(config, tensors).unwrap();
}

#[test]
fn a_network_we_do_not_have_is_named() {
    let check = |family: &str, field: &str, value: serde_json::Value, want: &str| {
        let mut config: serde_json::Value = serde_json::from_str(&json(family)).unwrap();
        config[field] = value;
        let told = Config::from_json(&config.to_string()).unwrap_err().to_string();
        assert!(told.contains(want), "{told}");
    };
    check("bart", "model_type", "pegasus".into(), "\"pegasus\"");
    check("bart", "activation_function", "mish".into(), "mish");
    check("bart", "encoder_attention_heads", 5.into(), "5 heads");
    check("bart", "decoder_attention_heads", 0.into(), "0 heads");
    check("bart", "decoder_layers", 0.into(), "0 layers");
    check("bart", "d_model", (1u64 << 40).into(), "not possible");
    check("blenderbot", "normalize_before", false.into(), "normalize_before");
    check("t5", "feed_forward_proj", "gated-silu".into(), "gated-silu");
    check("t5", "relative_attention_num_buckets", 1.into(), "buckets");
    check("t5", "relative_attention_max_distance", 0.into(), "buckets");
}
