//! Networks against their reference: see `golden/decoder.py` and `golden/layout.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stopping_after,
    near::{self, FLOAT_ERROR, Q8_0_COSINE, cosine, ids, numbers, relative_error},
};
use candle_core::Tensor;
use models::{
    Breath, Cache, Config, Decoder, Error, Gguf, Kind, Memory, Names, Safetensors, Source, Weights,
    no_breath,
};
use pollster::block_on;

const FAMILIES: &[&str] = &["llama", "qwen2", "qwen3", "gemma3", "phi3", "phi3-long"];

fn folder(family: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/decoder").join(family)
}

fn golden(family: &str) -> HashMap<String, Tensor> {
    near::golden(&folder(family))
}

fn open(path: PathBuf) -> Rc<dyn Source> {
    Rc::new(Memory(fs::read(path).unwrap()))
}

fn from_gguf(family: &str, file: &str) -> Decoder {
    let gguf = Gguf::read(open(folder(family).join(file))).unwrap();
    let config = Config::from_gguf(gguf.metadata()).unwrap();
    block_on(Decoder::load(&Weights::gguf(gguf, no_breath()).unwrap(), config)).unwrap()
}

fn safetensors(family: &str) -> Safetensors {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder(family)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("model") && name.ends_with(".safetensors") {
            files.push((name, open(path)));
        }
    }
    let index = fs::read(folder(family).join("model.safetensors.index.json")).ok();
    Safetensors::read(files, index.as_deref()).unwrap()
}

fn from_safetensors(family: &str, quantize: Option<Kind>) -> Decoder {
    let weights = Weights::safetensors(safetensors(family), no_breath(), quantize);
    block_on(Decoder::load(&weights, json_config(family))).unwrap()
}

fn json_config(family: &str) -> Config {
    Config::from_json(&fs::read_to_string(folder(family).join("config.json")).unwrap()).unwrap()
}

fn forward(decoder: &Decoder, ids: &[u32], cache: &mut Cache) -> Vec<f32> {
    numbers(&block_on(decoder.forward(ids, cache, &no_breath())).unwrap())
}

/// Calls `compare(what, got, want)` for a prompt, a second turn after it, and far positions.
fn compare_logits(family: &str, decoder: &Decoder, compare: impl Fn(&str, &[f32], &[f32])) {
    let golden = golden(family);
    let mut cache = Cache::new(decoder);
    for (turn, logits) in [("prompt", "prompt_logits"), ("second", "second_logits")] {
        let got = forward(decoder, &ids(&golden, turn), &mut cache);
        compare(&format!("{family}: {turn}"), &got, &numbers(&golden[logits]));
    }
    let long = ids(&golden, "long");
    assert!(long.len() > 2000);
    let got = forward(decoder, &long, &mut Cache::new(decoder));
    compare(&format!("{family}: position {}", long.len()), &got, &numbers(&golden["long_logits"]));
}

#[track_caller]
fn check_float(family: &str, decoder: &Decoder) {
    let near = |what: &str, got: &[f32], want: &[f32]| {
        let error = relative_error(got, want);
        assert!(error <= FLOAT_ERROR, "{what}: relative error {error:e}");
    };
    let golden = golden(family);
    let prompt = ids(&golden, "prompt");
    let hidden = block_on(decoder.hidden_states(&prompt, 1)).unwrap();
    near(&format!("{family}: layer 0"), &numbers(&hidden), &numbers(&golden["layer_0"]));
    compare_logits(family, decoder, near);
    assert_eq!(greedy(decoder, &prompt, 64), ids(&golden, "greedy"), "{family}");
}

/// Ties go to the lowest id.
fn greedy(decoder: &Decoder, prompt: &[u32], count: usize) -> Vec<u32> {
    let mut cache = Cache::new(decoder);
    let mut logits = forward(decoder, prompt, &mut cache);
    let mut answer = Vec::new();
    loop {
        let best = (0..logits.len()).reduce(|a, b| if logits[b] > logits[a] { b } else { a });
        answer.push(best.unwrap() as u32);
        if answer.len() == count {
            return answer;
        }
        logits = forward(decoder, &answer[answer.len() - 1..], &mut cache);
    }
}

#[test]
fn float_gguf_answers_as_the_reference() {
    for family in FAMILIES {
        check_float(family, &from_gguf(family, "model-float.gguf"));
    }
}

#[test]
fn safetensors_answer_as_the_reference() {
    for family in FAMILIES {
        check_float(family, &from_safetensors(family, None));
    }
}

#[test]
fn q8_0_answers_nearly_as_the_reference() {
    for family in FAMILIES {
        for decoder in
            [from_gguf(family, "model-q8_0.gguf"), from_safetensors(family, Some(Kind::Q8_0))]
        {
            assert_eq!(decoder.held().quantization(), "Q8_0");
            compare_logits(family, &decoder, |what, got, want| {
                let cosine = cosine(got, want);
                assert!(cosine >= Q8_0_COSINE, "{what}: cosine {cosine}");
                assert!(relative_error(got, want) > FLOAT_ERROR, "{what}: was never rounded");
            });
        }
    }
}

#[test]
fn a_configuration_is_the_same_from_either_file() {
    for family in FAMILIES {
        let gguf = Gguf::read(open(folder(family).join("model-float.gguf"))).unwrap();
        let from_gguf = Config::from_gguf(gguf.metadata()).unwrap();
        let from_json = json_config(family);
        let rope_scaling = from_gguf.rope_scaling.clone(); // llama's is a tensor in GGUF
        let same = Config { tie_word_embeddings: None, rope_scaling, ..from_json };
        let scalar = from_gguf.query_pre_attn_scalar;
        assert!((scalar - same.query_pre_attn_scalar).abs() < 1e-4);
        assert_eq!(from_gguf, Config { query_pre_attn_scalar: scalar, ..same }, "{family}");
    }
}

#[test]
fn prompts_in_parts_are_prompts_in_one() {
    for family in FAMILIES {
        let decoder = from_gguf(family, "model-float.gguf");
        let long = &ids(&golden(family), "long")[..150];
        let whole = forward(&decoder, long, &mut Cache::new(&decoder));
        for size in [1, 7, 64, 65, 149] {
            let mut cache = Cache::new(&decoder);
            let parts = long.chunks(size).map(|part| forward(&decoder, part, &mut cache));
            assert_eq!(parts.last().unwrap(), whole, "{family} in parts of {size}");
        }
    }
}

#[test]
fn what_is_truncated_is_forgotten() {
    for family in FAMILIES {
        let decoder = from_gguf(family, "model-float.gguf");
        let ids = ids(&golden(family), "long");
        let (kept, other) = (&ids[..30], &ids[100..117]);
        let fresh = forward(&decoder, &[kept, other].concat(), &mut Cache::new(&decoder));
        let mut cache = Cache::new(&decoder);
        forward(&decoder, &ids[..90], &mut cache);
        cache.truncate(30);
        assert_eq!(forward(&decoder, other, &mut cache), fresh, "{family}");
        assert_eq!(cache.len(), 47);
        cache.truncate(1000);
        assert_eq!(cache.len(), 47);
    }
}

#[test]
fn a_stopped_run_leaves_the_cache_as_it_was() {
    let decoder = from_gguf("gemma3", "model-float.gguf");
    let ids = ids(&golden("gemma3"), "long");
    let mut fresh = Cache::new(&decoder);
    forward(&decoder, &ids[..20], &mut fresh);
    let want = forward(&decoder, &ids[20..30], &mut fresh);
    let mut cache = Cache::new(&decoder);
    forward(&decoder, &ids[..20], &mut cache);
    for count in [0, 1, 5, 40] {
        let stopped = block_on(decoder.forward(&ids[30..200], &mut cache, &stopping_after(count)));
        assert!(matches!(stopped, Err(Error::Stopped)), "after {count} breaths");
        assert_eq!(cache.len(), 20);
        assert_eq!(forward(&decoder, &ids[20..30], &mut cache), want, "after {count} breaths");
        cache.truncate(20);
    }
}

#[test]
fn a_load_can_be_stopped_and_shows_its_progress() {
    let load = |breath: Breath| {
        let weights = Weights::safetensors(safetensors("llama"), breath, None);
        let outcome = block_on(Decoder::load(&weights, json_config("llama"))).map(|_| ());
        (outcome, weights.progress())
    };
    let (outcome, progress) = load(stopping_after(5));
    assert!(matches!(outcome, Err(Error::Stopped)));
    assert!(0 < progress.read_bytes && progress.read_bytes < progress.total_bytes);
    let (outcome, progress) = load(no_breath());
    assert!(outcome.is_ok());
    assert_eq!(progress.read_bytes, progress.total_bytes);
}

#[test]
fn a_decoder_knows_its_size() {
    let decoder = from_gguf("qwen2", "model-float.gguf");
    assert_eq!(decoder.held().parameters() * 4, decoder.held().bytes());
    assert_eq!(decoder.held().quantization(), "F32");
    let sixteen_bit = from_safetensors("qwen2", None);
    assert_eq!(sixteen_bit.held().parameters(), decoder.held().parameters());
    assert_eq!(sixteen_bit.held().quantization(), "BF16");
    assert!(sixteen_bit.held().bytes() < decoder.held().bytes() * 6 / 10, "bf16 stays 16 bits");
}

#[test]
fn wrong_input_is_an_error_and_changes_nothing() {
    let decoder = from_gguf("llama", "model-float.gguf");
    let mut cache = Cache::new(&decoder);
    let most = decoder.config().max_position_embeddings;
    for ids in [vec![], vec![264], vec![1; most + 1]] {
        assert!(block_on(decoder.forward(&ids, &mut cache, &no_breath())).is_err());
        assert!(cache.is_empty());
    }
}

/// `*` of a layout, one per layer.
fn unfolded(layout: &serde_json::Value, layers: usize) -> Vec<(String, Vec<u64>)> {
    let mut tensors = Vec::new();
    for (name, shape) in layout.as_object().unwrap() {
        let shape: Vec<u64> = serde_json::from_value(shape.clone()).unwrap();
        let count = if name.contains('*') { layers } else { 1 };
        tensors.extend((0..count).map(|n| (name.replace('*', &n.to_string()), shape.clone())));
    }
    tensors
}

fn load_outline(
    tensors: Vec<(String, Vec<u64>)>,
    names: Names,
    config: &Config,
) -> Result<Decoder, Error> {
    block_on(Decoder::load(&Weights::outline(tensors, names)?, config.clone()))
}

#[test]
fn every_tensor_of_a_real_checkpoint_is_used_once() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/layout.json");
    let layouts: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(layouts.as_object().unwrap().len(), 8);
    for (checkpoint, layout) in layouts.as_object().unwrap() {
        let config = Config::from_json(&layout["config"].to_string()).unwrap();
        let theirs = Names::Gguf(config.model_type.to_string());
        for (names, layout) in
            [(Names::HuggingFace, &layout["hugging_face"]), (theirs, &layout["gguf"])]
        {
            let tensors = unfolded(layout, config.num_hidden_layers);
            let numbers =
                tensors.iter().map(|(_, shape)| shape.iter().product::<u64>()).sum::<u64>();
            let decoder = load_outline(tensors.clone(), names.clone(), &config);
            assert_eq!(decoder.unwrap().held().parameters(), numbers, "{checkpoint} by {names:?}");
            check_a_wrong_layout_is_named(tensors, names, &config);
        }
    }
}

#[track_caller]
fn check_a_wrong_layout_is_named(tensors: Vec<(String, Vec<u64>)>, names: Names, config: &Config) {
    let fails = |tensors: Vec<_>, named: &str| {
        let error = load_outline(tensors, names.clone(), config).err().unwrap().to_string();
        assert!(error.contains(&format!("`{named}`")), "{error}");
    };
    let (last, _) = tensors.iter().rfind(|(name, _)| !name.starts_with("rope")).unwrap();
    let mut more = tensors.clone();
    more.push(("stranger.weight".into(), vec![1]));
    fails(more, "stranger.weight");
    let fewer = tensors.iter().filter(|(name, _)| name != last).cloned().collect();
    fails(fewer, last);
    let mut longer = tensors.clone();
    longer.iter_mut().find(|(name, _)| name == last).unwrap().1[0] += 1;
    fails(longer, last);
}

#[test]
fn a_layout_takes_no_memory_and_cannot_be_run() {
    let config = json_config("llama");
    let tensors = safetensors("llama");
    let tensors = tensors.tensors().map(|t| (t.name.clone(), t.shape.clone())).collect();
    let decoder = load_outline(tensors, Names::HuggingFace, &config).unwrap();
    let mut cache = Cache::new(&decoder);
    assert!(block_on(decoder.forward(&[1], &mut cache, &no_breath())).is_err());
}

#[track_caller]
fn check_unsupported(change: impl FnOnce(&mut serde_json::Value), want: &str) {
    let text = fs::read_to_string(folder("llama").join("config.json")).unwrap();
    let mut json = serde_json::from_str(&text).unwrap();
    change(&mut json);
    match Config::from_json(&json.to_string()) {
        Err(Error::Unsupported(text)) => assert!(text.contains(want), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_we_cannot_run_is_named() {
    check_unsupported(
        |json| json["model_type"] = "bert".into(),
        "unsupported architecture \"bert\" (supported: llama, qwen2, qwen3, gemma3_text, phi3)",
    );
    check_unsupported(|json| json["rope_scaling"]["rope_type"] = "yarn".into(), "`yarn`");
    check_unsupported(|json| json["hidden_act"] = "relu".into(), "`relu`");
    check_unsupported(|json| json["layer_types"] = ["mamba"].as_slice().into(), "`mamba`");
}

#[test]
fn absurd_configurations_are_damaged() {
    let text = fs::read_to_string(folder("llama").join("config.json")).unwrap();
    let names = [
        "vocab_size",
        "hidden_size",
        "intermediate_size",
        "num_hidden_layers",
        "num_attention_heads",
        "num_key_value_heads",
        "head_dim",
        "max_position_embeddings",
        "rms_norm_eps",
        "rope_theta",
    ];
    for name in names {
        for value in [serde_json::json!(0), serde_json::json!(1u64 << 40), serde_json::json!(-1)] {
            if name.starts_with('r') && value.as_i64() > Some(0) {
                continue; // large, but a number
            }
            let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
            json[name] = value.clone();
            let outcome = Config::from_json(&json.to_string());
            assert!(matches!(outcome, Err(Error::Damaged(_))), "{name} {value}: {outcome:?}");
        }
    }
    assert!(matches!(Config::from_json("{}"), Err(Error::Damaged(_))));
}
