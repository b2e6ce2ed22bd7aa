//! What a task makes of the files it is given: checkpoints that are held, and those that are refused.

use crate::engine::{Bytes, Engine, ask, gguf, patched, read, without_times};
use api::chat::{End, Format, Partial};
use serde_json::{Value, json};

#[track_caller]
fn check_refused(files: &[(&str, Bytes)], words: &str) {
    let engine = Engine::with("tiny", files);
    engine.refused(None, words);
    engine.refused(Some(ask("hi")), words);
}

#[test]
fn what_is_no_model_says_what_it_is() {
    let page = b"\n<!DOCTYPE html><html><body>404</body></html>".to_vec();
    check_refused(
        &[("m.gguf", page)],
        "model: `m.gguf` is a web page, not a model: download it again",
    );
    let noise: Bytes =
        (0u32..4096).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    check_refused(&[("m.gguf", noise)], "m.gguf");
    check_refused(&[("m.gguf", vec![])], "m.gguf");
    let whole = gguf("llama");
    for len in [3, 40, 900, whole.len() / 2, whole.len() - 1] {
        check_refused(&[("m.gguf", whole[..len].to_vec())], "m.gguf");
    }
}

#[test]
fn an_architecture_that_is_not_known_is_named() {
    let value = |name: &[u8]| [b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0", name].concat();
    let other = patched(&gguf("llama"), &value(b"llama"), &value(b"mamba"));
    check_refused(&[("m.gguf", other)], "mamba");
}

#[test]
fn files_that_are_missing_are_named() {
    check_refused(&[], "model: there is no model in an empty folder: give a .gguf file");
    check_refused(&[("notes.txt", vec![1])], "there is no model in `notes.txt`");
    let weights = read("golden/decoder/qwen2/model.safetensors");
    let config = read("golden/decoder/qwen2/config.json");
    check_refused(&[("model.safetensors", weights.clone())], "config.json is missing");
    let files = [("model.safetensors", weights), ("config.json", config)];
    check_refused(&files, "tokenizer.json is missing");
    let two = [("a.gguf", gguf("llama")), ("b.gguf", gguf("llama"))];
    check_refused(&two, "2 .gguf files at once");
    let said = Engine::default().run("gone", None).1.unwrap_err().to_string();
    assert_eq!(said, "model: it is not there");
}

/// Replaces what the tiny checkpoint has for a template by a comment.
fn with_empty_template(bytes: &[u8]) -> Bytes {
    let begin = b"{% for message in messages %}{{ '<|im_start|>'";
    let comment = [b"{#", &[b' '; 42][..], b"#}"].concat();
    let end = b"{{ '<|im_start|>assistant\n' }}{% endif %}";
    let hidden = [b"{#", &[b' '; 36][..], b" #}"].concat();
    let bytes = patched(bytes, begin, &comment);
    let bytes = patched(&bytes, end, &hidden);
    // Between the two the loop's rest is left: hide it by letting the first comment run on.
    patched(&bytes, b"#} + message['role']", b"   + message['role']")
}

#[test]
fn a_template_that_renders_nothing_is_an_error_in_words() {
    let bytes = with_empty_template(&gguf("qwen2"));
    let engine = Engine::with("tiny", &[("m.gguf", bytes)]);
    engine.run("tiny", None).1.unwrap();
    engine.refused(Some(ask("hi")), "chat template: it renders nothing");
}

#[test]
fn a_model_without_a_template_says_that_its_format_is_plain() {
    let bytes = patched(&gguf("llama"), b"tokenizer.chat_template", b"tokenizer.chat_nothing_");
    let engine = Engine::with("tiny", &[("m.gguf", bytes)]);
    let output = engine.run("tiny", Some(ask("hi"))).1.unwrap();
    assert_eq!(output.model.format, Format::Plain);
    assert!(!output.answers[0].text.is_empty());
}

#[test]
fn one_model_is_held_at_a_time() {
    let engine = Engine::tiny("llama");
    engine.keep("other", &[("m.gguf", gguf("phi3"))]);
    engine.keep("broken", &[("m.gguf", gguf("phi3")[..9000].to_vec())]);
    let load = |model| engine.run(model, None).1.map(|output| output.model.architecture);
    let opened = || std::mem::take(&mut *engine.shelf.opened.borrow_mut());
    for _ in 0..2 {
        assert_eq!(load("tiny").as_deref(), Ok("llama"));
    }
    assert_eq!(opened(), ["tiny/model.gguf"], "the second call finds it loaded");
    assert_eq!(load("other").as_deref(), Ok("phi3"));
    assert_eq!(load("tiny").as_deref(), Ok("llama"));
    assert_eq!(opened(), ["other/m.gguf", "tiny/model.gguf"]);
    assert!(load("broken").is_err());
    assert_eq!(load("tiny").as_deref(), Ok("llama"));
    assert_eq!(opened(), ["broken/m.gguf", "tiny/model.gguf"], "it made room for the broken one");
}

#[test]
fn other_files_under_the_same_name_are_another_model() {
    let engine = Engine::tiny("llama");
    engine.answer(&ask("hi"));
    engine.keep("tiny", &[("model.gguf", gguf("gemma3"))]);
    let output = engine.run("tiny", Some(ask("hi"))).1.unwrap();
    assert_eq!(output.model.architecture, "gemma3");
    let fresh = Engine::tiny("gemma3").answer(&ask("hi"));
    assert_eq!(without_times(output.answers[0].clone()), without_times(fresh));
}

#[test]
fn a_load_tells_how_far_it_has_come_and_a_stopped_one_leaves_nothing() {
    let engine = Engine::tiny("gemma3");
    let (partials, output) = engine.run("tiny", None);
    assert!(output.unwrap().answers.is_empty());
    let progress = partials.iter().map(|partial| match partial {
        Partial::Loading(loading) => (loading.read_bytes, loading.total_bytes),
        other => panic!("{other:?}"),
    });
    let progress: Vec<_> = progress.collect();
    assert!(progress.len() > 3, "{progress:?}");
    assert!(progress.is_sorted() && progress.iter().all(|(read, total)| read <= total));
    assert!(progress[0].0 > 0 && progress[0].0 < progress[0].1);
    let engine = Engine::tiny("gemma3");
    engine.stopped(&ask("hi"), |partial| matches!(partial, Partial::Loading(_)));
    engine.run("tiny", None).1.unwrap();
    assert_eq!(engine.shelf.opened.borrow().len(), 2, "nothing was held");
}

/// `tokenizer.json` of the tiny byte-level checkpoints, without their merges.
fn tokenizer_json() -> Bytes {
    let plain = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut others = 256..;
    let letters = (0..256u32).map(|byte| if plain(&byte) { byte } else { others.next().unwrap() });
    let letters = letters.map(|letter| char::from_u32(letter).unwrap().to_string());
    let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(str::to_owned);
    let words = special.iter().cloned().chain(letters);
    let vocab: serde_json::Map<_, _> = words.zip(0..).map(|(word, id)| (word, json!(id))).collect();
    let added = special.iter().zip(0..).map(|(content, id)| {
        json!({"id": id, "content": content, "special": true, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false})
    });
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
        "use_regex": true});
    let json = json!({"version": "1.0", "truncation": null, "padding": null,
        "added_tokens": added.collect::<Vec<_>>(), "normalizer": null, "pre_tokenizer": byte_level,
        "post_processor": null, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": false, "vocab": vocab, "merges": []}});
    json.to_string().into_bytes()
}

fn safetensors(more: &[(&str, Value)]) -> Engine {
    let mut files = vec![
        ("model.safetensors", read("golden/decoder/qwen2/model.safetensors")),
        ("config.json", read("golden/decoder/qwen2/config.json")),
        ("tokenizer.json", tokenizer_json()),
    ];
    files.extend(more.iter().map(|(name, json)| (*name, json.to_string().into_bytes())));
    Engine::with("tiny", &files)
}

#[test]
fn safetensors_answer_by_their_template_until_any_of_their_ends() {
    let template =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";
    let template = ("tokenizer_config.json", json!({"chat_template": template}));
    let output =
        safetensors(std::slice::from_ref(&template)).run("tiny", Some(ask("hi"))).1.unwrap();
    assert_eq!((output.model.format, &*output.model.architecture), (Format::Own, "qwen2"));
    let whole = &output.answers[0];
    assert_eq!(whole.end, End::Length);
    let letter = whole.text.chars().find(char::is_ascii).unwrap();
    let id = 3 + u32::from(letter);
    for ends in [json!(id), json!([9999, id])] {
        let config = ("generation_config.json", json!({"eos_token_id": ends}));
        let answer = safetensors(&[template.clone(), config]).answer(&ask("hi"));
        assert_eq!(answer.end, End::Turn);
        assert_eq!(Some(&*answer.text), whole.text.split(letter).next());
    }
    let config = ("generation_config.json", json!({"do_sample": true}));
    let answer = safetensors(&[template, config]).answer(&ask("hi"));
    assert_eq!(without_times(answer), without_times(whole.clone()));
}
