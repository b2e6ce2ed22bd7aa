//! Texts to vectors through the worker's door, against `golden/sentence.py`.

use crate::engine::{Bytes, Engine, read};
use api::{
    Asked, Failure, Precision,
    embed::{Embed, Embedding, MOST_CHARACTERS, MOST_TEXTS, Output, Partial, Pooling},
};
use serde_json::{Value, json};

/// Relative error of f32, and cosine of weights rounded to 8 bits: as in `encoders.rs`.
const FLOAT_ERROR: f32 = 1e-4;
const Q8_0_COSINE: f32 = 0.999;
/// The same of Q4_0, whose 4 bits leave a weight an error of up to a fourteenth of its block's largest.
const Q4_0_COSINE: f32 = 0.9;

const MODULES: &str = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
    {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]"#;
const WINDOW: &str = r#"{"max_seq_length": 24, "do_lower_case": false}"#;

/// The tiny seeded BERT in a folder, as the hub has sentence models, with some files more.
fn tiny(more: &[(&str, &str)]) -> Engine {
    let of_bert =
        |name: &str| (format!("tiny/{name}"), read(&format!("golden/encoder/bert/{name}")));
    let mut files: Vec<(String, Bytes)> =
        ["config.json", "model.safetensors", "tokenizer.json"].map(of_bert).into();
    files.push(("tiny/sentence_bert_config.json".into(), WINDOW.into()));
    files.extend(more.iter().map(|(name, text)| (format!("tiny/{name}"), Bytes::from(*text))));
    let files: Vec<_> = files.iter().map(|(name, body)| (name.as_str(), body.clone())).collect();
    Engine::with("tiny", &files)
}

fn pooling(mode: &str) -> Engine {
    let config = json!({ "word_embedding_dimension": 32, format!("pooling_mode_{mode}"): true });
    tiny(&[("modules.json", MODULES), ("1_Pooling/config.json", &config.to_string())])
}

fn texts(texts: &[&str]) -> Option<Vec<String>> {
    Some(texts.iter().map(|&text| text.to_owned()).collect())
}

fn run(
    engine: &Engine,
    texts: Option<Vec<String>>,
    precision: Precision,
) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision, ask: texts };
    engine.call::<Embed>(&input, Box::new(|_| false))
}

#[track_caller]
fn embedded(engine: &Engine, of: Option<Vec<String>>) -> Vec<Embedding> {
    run(engine, of, Precision::Stored).1.unwrap().embeddings
}

#[track_caller]
fn refused(engine: &Engine, of: Option<Vec<String>>, words: &str) {
    let said = run(engine, of, Precision::Stored).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

fn golden() -> Vec<Value> {
    let golden: Value = serde_json::from_slice(&read("golden/sentence.json")).unwrap();
    golden["cases"].as_array().unwrap().clone()
}

fn of_cases(cases: &[Value]) -> Option<Vec<String>> {
    Some(cases.iter().map(|case| case["text"].as_str().unwrap().to_owned()).collect())
}

/// The longest difference over the longest number wanted, and the cosine.
fn compared(got: &[f32], want: &Value) -> (f32, f32) {
    let want: Vec<f32> = serde_json::from_value(want.clone()).unwrap();
    assert_eq!(got.len(), want.len());
    let most = |xs: &mut dyn Iterator<Item = f32>| xs.map(f32::abs).fold(0., f32::max);
    let off = most(&mut got.iter().zip(&want).map(|(got, want)| got - want));
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let cosine = dot(got, &want) / (dot(got, got) * dot(&want, &want)).sqrt();
    (off / most(&mut want.iter().copied()), cosine)
}

/// See `recipes/embed/evaluate.py`: the file says how the figures are found.
#[test]
fn the_shipped_model_is_as_good_as_its_card_says() {
    let golden: Value = serde_json::from_slice(&read("golden/default_embed.json")).unwrap();
    let engine = Engine::shipped("wick-embed");
    let place = |list: &str, name: &str| -> Vec<Embedding> {
        let texts = golden[list].as_array().unwrap().iter();
        let texts = texts.map(|item| item[name].as_str().unwrap().to_owned()).collect();
        let (model, precision) = ("wick-embed".into(), Precision::Stored);
        let input = Asked { model, precision, ask: Some(texts) };
        engine.call::<Embed>(&input, Box::new(|_| false)).1.unwrap().embeddings
    };
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() > 5);
    for (case, got) in cases.iter().zip(place("cases", "text")) {
        let (error, _) = compared(&got.vector, &case["vector"]);
        assert!(error <= FLOAT_ERROR, "{}: {error:e}", case["text"]);
        assert_eq!(got.tokens as usize, case["ids"].as_array().unwrap().len(), "{}", case["text"]);
    }
    // Vectors of length one: their product is the cosine.
    let cosine = |(a, b): (&Embedding, &Embedding)| -> f32 {
        a.vector.iter().zip(&b.vector).map(|(a, b)| a * b).sum()
    };
    let (queries, texts) = (place("search", "query"), place("search", "text"));
    let found = |(at, query): &(usize, &Embedding)| {
        let near: Vec<f32> = texts.iter().map(|text| cosine((query, text))).collect();
        near.iter().all(|other| *other <= near[*at])
    };
    let right = queries.iter().enumerate().filter(found).count();
    let accuracy = right as f64 / queries.len() as f64;
    let cosines: Vec<f64> = place("pairs", "one")
        .iter()
        .zip(&place("pairs", "other"))
        .map(cosine)
        .map(f64::from)
        .collect();
    let pairs = golden["pairs"].as_array().unwrap();
    let alike: Vec<f64> = pairs.iter().map(|pair| pair["alike"].as_f64().unwrap()).collect();
    let spearman = correlation(&ranks(&cosines), &ranks(&alike));
    eprintln!("{right} of {} are found, Spearman {spearman:.4}", queries.len());
    assert!(accuracy >= golden["accuracy"].as_f64().unwrap(), "only {right} are found");
    // Two cosines that are nearly equal may change their ranks.
    assert!((spearman - golden["spearman"].as_f64().unwrap()).abs() < 1e-3, "{spearman}");
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let below = values.iter().filter(|other| *other < value).count();
        let equal = values.iter().filter(|other| *other == value).count();
        below as f64 + (equal - 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

fn correlation(xs: &[f64], ys: &[f64]) -> f64 {
    let mean = |xs: &[f64]| xs.iter().sum::<f64>() / xs.len() as f64;
    let (x, y) = (mean(xs), mean(ys));
    let product = |a: &[f64], a_mean: f64, b: &[f64], b_mean: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - a_mean) * (b - b_mean)).sum()
    };
    product(xs, x, ys, y) / (product(xs, x, xs, x) * product(ys, y, ys, y)).sqrt()
}

#[test]
fn every_pooling_places_texts_where_the_reference_does() {
    let cases = golden();
    assert!(cases.len() > 5);
    for (mode, name) in [("mean_tokens", "mean"), ("cls_token", "cls"), ("max_tokens", "max")] {
        let engine = pooling(mode);
        for precision in [Precision::Stored, Precision::Q8_0, Precision::Q4_0] {
            let output = run(&engine, of_cases(&cases), precision).1.unwrap();
            for (case, got) in cases.iter().zip(&output.embeddings) {
                let (error, cosine) = compared(&got.vector, &case["vectors"][name]);
                let text = &case["text"];
                match precision {
                    Precision::Stored => assert!(error <= FLOAT_ERROR, "{text} {name}: {error:e}"),
                    Precision::Q8_0 => {
                        assert!(cosine >= Q8_0_COSINE, "{text} {name}: cosine {cosine}");
                        assert!(error > FLOAT_ERROR, "{text} {name}: was never rounded");
                    }
                    Precision::Q4_0 => {
                        assert!(cosine >= Q4_0_COSINE, "{text} {name}: cosine {cosine}");
                        assert!(cosine < Q8_0_COSINE, "{text} {name}: was never rounded to 4 bits");
                    }
                }
                let counted = (json!(got.tokens), json!(got.read_tokens));
                assert_eq!(
                    counted,
                    (case["tokens"].clone(), case["read_tokens"].clone()),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_model_tells_what_it_is() {
    let output = run(&pooling("cls_token"), None, Precision::Stored).1.unwrap();
    assert!(output.embeddings.is_empty());
    let about = output.model;
    assert_eq!((about.dimensions, about.window_tokens), (32, 24));
    assert_eq!((about.pooling, about.normalized), (Pooling::First, true));
}

#[test]
fn without_small_files_it_is_the_mean_at_length_one() {
    let cases = golden();
    let bare = embedded(&tiny(&[]), of_cases(&cases));
    assert_eq!(bare, embedded(&pooling("mean_tokens"), of_cases(&cases)));
    let steps = MODULES.replace("models.Normalize", "models.Transformer");
    let config = r#"{"pooling_mode_mean_tokens": true}"#;
    let plain = tiny(&[("modules.json", &steps), ("1_Pooling/config.json", config)]);
    for (case, got) in cases.iter().zip(embedded(&plain, of_cases(&cases))) {
        let (error, _) = compared(&got.vector, &case["plain_mean"]);
        assert!(error <= FLOAT_ERROR, "{}: {error:e}", case["text"]);
    }
}

#[test]
fn what_the_small_files_ask_for_is_done_or_refused() {
    let dense = MODULES.replace("models.Normalize", "models.Dense");
    let one = || texts(&["a boy"]);
    refused(&tiny(&[("modules.json", &dense)]), one(), "a step `Dense`");
    refused(&tiny(&[("modules.json", MODULES)]), one(), "names 1_Pooling/config.json");
    refused(&pooling("weightedmean_tokens"), one(), "pooling_mode_weightedmean_tokens");
    let bert = |name: &str| read(&format!("golden/encoder/bert/{name}"));
    let files =
        [("config.json", bert("config.json")), ("model.safetensors", bert("model.safetensors"))];
    refused(&Engine::with("tiny", &files), one(), "tokenizer.json is missing");
    let few = String::from_utf8(bert("config.json")).unwrap();
    let gguf =
        Engine::with("tiny", &[("config.json", few.replace("\"bert\"", "\"llama\"").into())]);
    refused(&gguf, one(), "tokenizer.json is missing");
}

#[test]
fn texts_that_cannot_be_read_are_named_by_their_number() {
    let engine = tiny(&[]);
    refused(&engine, Some(vec![]), "texts: there are none");
    refused(&engine, texts(&["a", "the", " \n\t"]), "text 3: it is empty");
    refused(
        &engine,
        Some(vec!["x".repeat(MOST_CHARACTERS + 1)]),
        "text 1: it has 100,001 characters",
    );
    refused(&engine, Some(vec!["a".into(); MOST_TEXTS + 1]), "50,001 are too many");
    assert!(engine.shelf.opened.borrow().is_empty(), "refused before anything is loaded");
    refused(
        &engine,
        texts(&["a", "\u{0}\u{7}\u{200b}"]),
        "text 2: it holds nothing this model can read",
    );
    let clean = embedded(&engine, texts(&["a boy"]));
    assert_eq!(
        embedded(&engine, texts(&["a\u{0} bo\u{7}y"])),
        clean,
        "control characters are no text"
    );
}

#[test]
fn a_long_text_is_cut_at_the_window_and_says_so() {
    let long = "the movie ".repeat(5_000);
    let all = embedded(&tiny(&[]), texts(&[&long, "the movie"]));
    assert_eq!((all[0].tokens, all[0].read_tokens), (10_002, 24));
    assert_eq!((all[1].tokens, all[1].read_tokens), (4, 4));
}

#[test]
fn ten_thousand_texts_come_back_in_order_with_progress() {
    let words = ["boy", "music", "movie", "dog", "ugly"];
    let many: Vec<_> = (0..10_000).map(|at| format!("{} {at}", words[at % 5])).collect();
    let engine = tiny(&[]);
    let (partials, output) = run(&engine, Some(many.clone()), Precision::Stored);
    let got = output.unwrap().embeddings;
    assert_eq!(got.len(), many.len());
    for at in [0, 1, 4_999, 9_999] {
        let alone = embedded(&engine, Some(vec![many[at].clone()])).remove(0);
        let (error, _) = compared(&got[at].vector, &json!(alone.vector));
        assert!(error <= FLOAT_ERROR, "text {at}: {error:e}");
    }
    let told: Vec<u32> = partials
        .iter()
        .filter_map(|partial| match partial {
            Partial::Reading { done_texts, total_texts: 10_000 } => Some(*done_texts),
            _ => None,
        })
        .collect();
    assert!(told.len() > 50 && told.is_sorted() && told[0] == 0, "{told:?}");
}

#[test]
fn a_stop_ends_it_and_the_next_question_is_answered() {
    let engine = tiny(&[]);
    let many = Some(vec!["the movie was awesome".to_owned(); 2_000]);
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: many };
    let some = |partial: &Partial| matches!(partial, Partial::Reading { done_texts: 1.., .. });
    let (partials, end) = engine.call::<Embed>(&input, Box::new(some));
    assert_eq!(end, Err(Failure::Stopped));
    let read = partials.iter().filter(|partial| matches!(partial, Partial::Reading { .. })).count();
    assert_eq!(read, 2, "nothing comes after the stop");
    let opened = engine.shelf.opened.borrow().len();
    assert_eq!(embedded(&engine, texts(&["a", "the"])).len(), 2);
    assert_eq!(engine.shelf.opened.borrow().len(), opened, "it stays loaded");
}
