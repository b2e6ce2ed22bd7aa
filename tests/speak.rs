//! The task `speak`, held against its reference: see `golden/vits.py`.

use std::{collections::HashMap, fs, path::Path};

use crate::{
    engine::{Bytes, Engine, read},
    near::{golden, numbers, relative_error},
};
use api::{
    Asked, Failure, Precision,
    speak::{Ask, MOST_CHARACTERS, Output, Partial, Said, Speak},
};
use serde_json::{Value, json};
use tasks::speak::tokens::{Reads, Tokens};

const FILES: [&str; 4] =
    ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.json"];

fn files() -> Vec<(&'static str, Bytes)> {
    FILES.map(|name| (name, read(&format!("golden/vits/{name}")))).to_vec()
}

fn engine() -> Engine {
    Engine::with("tiny", &files())
}

/// The same with another file.
fn other(name: &str, bytes: Bytes) -> Engine {
    let mut files = files();
    files.retain(|(known, _)| *known != name);
    files.push((name.to_owned().leak(), bytes));
    Engine::with("tiny", &files)
}

/// `tokenizer_config.json` with one entry changed.
fn told(key: &str, value: Value) -> Bytes {
    let mut config: Value =
        serde_json::from_slice(&read("golden/vits/tokenizer_config.json")).unwrap();
    config[key] = value;
    config.to_string().into_bytes()
}

fn ask(text: &str) -> Ask {
    Ask {
        text: text.into(),
        speaking_rate: 1.,
        noise_scale: None,
        noise_scale_duration: None,
        seed: 3,
    }
}

/// Without noise there is one way to say a text.
fn plain(text: &str) -> Ask {
    Ask { noise_scale: Some(0.), noise_scale_duration: Some(0.), ..ask(text) }
}

fn asked(engine: &Engine, ask: Ask) -> (Vec<Said>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
    let (partials, output) = engine.call::<Speak>(&input, Box::new(|_| false));
    let said = partials.into_iter().filter_map(|partial| match partial {
        Partial::Said(said) => Some(said),
        Partial::Loading(_) => None,
    });
    (said.collect(), output)
}

#[test]
fn texts_and_phonemes_become_the_reference_s_tokens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/vits");
    let cases: Value =
        serde_json::from_slice(&fs::read(folder.join("tokens.json")).unwrap()).unwrap();
    let letters = Tokens::read(
        &read("golden/vits/vocab.json"),
        &read("golden/vits/tokenizer_config.json"),
        40,
    )
    .unwrap();
    let config = json!({"pad_token": "_", "phonemize": true, "normalize": true}).to_string();
    let vocab = cases["vocab"].to_string();
    let sounds = Tokens::read(vocab.as_bytes(), config.as_bytes(), 178).unwrap();
    assert_eq!((letters.reads(), sounds.reads()), (Reads::Letters, Reads::Phonemes));
    for (name, tokens) in [("letters", &letters), ("sounds", &sounds)] {
        for case in cases[name].as_array().unwrap() {
            let ids: Vec<u32> = serde_json::from_value(case["ids"].clone()).unwrap();
            let (known, _) = tokens.known(case["text"].as_str().unwrap());
            assert_eq!(tokens.ids(&known), ids, "{case}");
        }
    }
    assert_eq!(letters.known("a→b (é)").1, ['→', 'é']);
}

#[test]
fn a_text_is_said_as_the_reference_says_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/vits");
    let want = numbers(&golden(&folder)["plain"]);
    let (said, output) = asked(&engine(), plain("Hello, World!"));
    let output = output.unwrap();
    assert_eq!((output.model.sampling_rate, output.model.phonemes), (8_000, false));
    assert_eq!((said.len(), said[0].read.as_str()), (1, "hello world"));
    let error = relative_error(&said[0].samples, &want);
    assert!(error < 1e-4, "{error:e}");
}

#[test]
fn sentences_come_one_by_one_and_each_is_said_the_same_wherever_it_stands() {
    let engine = engine();
    let (said, output) = asked(&engine, ask("The first one. And the 2nd → one!\n\nOut"));
    assert_eq!(output.unwrap().left_out, "→");
    let texts: Vec<_> = said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(texts, ["The first one.", "And the 2nd → one!", "Out"]);
    let counted: Vec<_> = said.iter().map(|said| (said.done, said.total)).collect();
    assert_eq!(counted, [(1, 3), (2, 3), (3, 3)]);
    let (again, _) = asked(&engine, ask("The first one. Then others."));
    assert_eq!(again[0].samples, said[0].samples);
    let seeds = (0..4).map(|seed| asked(&engine, Ask { seed, ..ask("The first one.") }).0);
    let mut lengths: Vec<_> = seeds.map(|said| said[0].samples.len()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 1, "{lengths:?}");
    assert!(said.iter().flat_map(|said| &said.samples).all(|x| x.abs() <= 1.));
}

#[test]
fn twice_the_rate_takes_about_half_the_time() {
    let engine = engine();
    let len = |speaking_rate| {
        let ask = Ask { speaking_rate, ..plain("and the other one is over there") };
        asked(&engine, ask).0[0].samples.len() as f32
    };
    let (slow, usual, fast) = (len(0.5), len(1.), len(2.));
    assert!(slow > 1.6 * usual && usual > 1.2 * fast, "{slow} {usual} {fast}");
}

#[test]
fn a_sentence_that_is_too_long_is_said_in_parts() {
    let long = "and the other ".repeat(60);
    let (said, output) = asked(&engine(), plain(&long));
    output.unwrap();
    assert!(said.len() > 1);
    let whole: Vec<_> = said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(whole.join(" "), long.trim());
}

#[test]
fn what_cannot_be_said_is_told() {
    let engine = engine();
    let refused = |engine: &Engine, ask: Ask, field: &str, words: &str| match asked(engine, ask)
        .1
        .unwrap_err()
    {
        Failure::Input { field: at, reason } => {
            assert!(at == field && reason.contains(words), "{at}: {reason}");
        }
        other => panic!("{other}"),
    };
    refused(&engine, ask(" \n"), "text", "there is none");
    refused(&engine, ask(&"a ".repeat(MOST_CHARACTERS)), "text", "characters");
    refused(&engine, ask("→ 漢字"), "text", "nothing that this model can say");
    let rate = |speaking_rate| Ask { speaking_rate, ..ask("a") };
    refused(&engine, rate(0.), "speaking rate", "from 0.25 to 4");
    refused(&engine, rate(f32::NAN), "speaking rate", "from 0.25 to 4");
    refused(&engine, Ask { noise_scale: Some(-1.), ..ask("a") }, "noise", "from 0 to 2");
    let pace = Ask { noise_scale_duration: Some(f32::INFINITY), ..ask("a") };
    refused(&engine, pace, "noise of durations", "from 0 to 2");
    let roman = other("tokenizer_config.json", told("is_uroman", true.into()));
    refused(&roman, ask("привет"), "text", "Roman letters");
    let other_language = |language: &str| {
        let mut config: HashMap<String, Value> =
            serde_json::from_slice(&told("phonemize", true.into())).unwrap();
        config.insert("language".into(), language.into());
        other("tokenizer_config.json", serde_json::to_vec(&config).unwrap())
    };
    refused(&other_language("de"), ask("a"), "model", "phonemes of \"de\"");
    let vocab = json!({"a": 1, "b": 40}).to_string().into_bytes();
    refused(&other("vocab.json", vocab), ask("a"), "model", "two models");
    let bert = json!({"model_type": "bert"}).to_string().into_bytes();
    refused(&other("config.json", bert), ask("a"), "model", "does not speak");
}

#[test]
fn stopping_between_sentences_leaves_the_next_answer_as_it_would_be() {
    let engine = engine();
    let want = asked(&engine, ask("One. Two. Three.")).0;
    let input = Asked {
        model: "tiny".into(),
        precision: Precision::Stored,
        ask: Some(ask("Ten. Eleven. Twelve.")),
    };
    let stops = |partial: &Partial| matches!(partial, Partial::Said(said) if said.done == 2);
    let (_, stopped) = engine.call::<Speak>(&input, Box::new(stops));
    assert!(matches!(stopped, Err(Failure::Stopped)), "{stopped:?}");
    assert_eq!(asked(&engine, ask("One. Two. Three.")).0, want);
}
