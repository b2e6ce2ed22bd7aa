//! Tokenizers against the reference libraries' ids, and against files that lie.

use std::{path::PathBuf, rc::Rc, time::Instant};

use models::{Gguf, Memory};
use serde::Deserialize;
use tasks::tokenizer::{Piece, Special, Tokenizer};

const GGUF: &[&str] = &[
    "default",
    "gemma",
    "gpt-2",
    "gpt-4o",
    "llama",
    "llama-bpe",
    "phi3",
    "qwen2",
    "smollm",
    "tekken",
    "unigram",
    "unigram-bytes",
];
const JSON: &[&str] = &[
    "gemma-library",
    "gpt-2",
    "llama-bpe",
    "metaspace",
    "metaspace-bytes",
    "phi3",
    "qwen2",
    "smollm",
];

/// One text and its ids. `pieces` is a conversation: template, person, template.
#[derive(Deserialize)]
struct Case {
    text: Option<String>,
    #[serde(default)]
    pieces: Vec<String>,
    ids: Vec<u32>,
    back: Option<String>,
}

impl Case {
    fn pieces(&self) -> Vec<Piece<'_>> {
        match &self.text {
            Some(text) => vec![Piece::Person(text)],
            None => self.pieces.iter().enumerate().map(|(i, text)| turn(i, text)).collect(),
        }
    }
}

fn turn(i: usize, text: &str) -> Piece<'_> {
    if i == 1 { Piece::Person(text) } else { Piece::Template(text) }
}

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/tokenizer").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn from_gguf(bytes: Vec<u8>) -> Result<Tokenizer, String> {
    let gguf = Gguf::read(Rc::new(Memory(bytes))).map_err(|e| e.to_string())?;
    Tokenizer::from_gguf(gguf.metadata()).map_err(|e| e.to_string())
}

fn gguf(kind: &str) -> Tokenizer {
    from_gguf(file(&format!("{kind}.gguf"))).unwrap_or_else(|e| panic!("{kind}: {e}"))
}

fn json(kind: &str) -> Tokenizer {
    let config = file(&format!("{kind}.config.json"));
    Tokenizer::from_json(&file(&format!("{kind}.json")), Some(&config))
        .unwrap_or_else(|e| panic!("{kind}: {e}"))
}

fn cases(kind: &str) -> Vec<Case> {
    serde_json::from_slice(&file(&format!("{kind}.ids.json"))).unwrap()
}

fn text(tokenizer: &Tokenizer, ids: &[u32]) -> String {
    let bytes = ids.iter().filter_map(|&id| tokenizer.bytes(id)).flatten().collect();
    String::from_utf8(bytes).unwrap()
}

/// Every difference is listed, so that one run shows which rule is wrong.
fn differences(kind: &str, tokenizer: &Tokenizer) -> Vec<String> {
    let mut differences = Vec::new();
    for case in cases(kind) {
        let ids = tokenizer.encode(&case.pieces()).unwrap();
        if ids != case.ids {
            let what = (case.text.as_deref(), &case.pieces);
            differences.push(format!("{kind}: {what:?}\n  ids {ids:?}\n want {:?}", case.ids));
        }
    }
    differences
}

#[track_caller]
fn check(kinds: &[&str], open: fn(&str) -> Tokenizer) {
    let differences: Vec<_> =
        kinds.iter().flat_map(|kind| differences(kind, &open(kind))).collect();
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn gguf_metadata_gives_the_references_ids() {
    check(GGUF, gguf);
}

#[test]
fn tokenizer_json_gives_the_references_ids() {
    check(JSON, json);
}

/// Decoding adds up to the reference's text; SentencePiece drops the space it put in front.
#[test]
fn ids_spell_the_text_they_came_from() {
    let kinds = GGUF
        .iter()
        .map(|kind| (kind, gguf(kind)))
        .chain(JSON.iter().map(|kind| (kind, json(kind))));
    for (kind, tokenizer) in kinds {
        let mut compared = 0;
        for case in cases(kind) {
            let Some(back) = &case.back else { continue };
            let spelled = text(&tokenizer, &case.ids);
            let prefixed = spelled.strip_prefix(' ').unwrap_or(&spelled);
            assert!(&spelled == back || prefixed == back, "{kind}: {spelled:?} is not {back:?}");
            compared += 1;
        }
        let unknowns = ["metaspace", "metaspace-bytes", "gemma-library"].contains(kind);
        assert!(unknowns || compared > 5, "{kind}: {compared} compared");
    }
}

#[test]
fn a_person_never_spells_a_control_token() {
    let kinds = GGUF
        .iter()
        .map(|kind| (kind, gguf(kind)))
        .chain(JSON.iter().map(|kind| (kind, json(kind))));
    for (kind, tokenizer) in kinds {
        let controls: Vec<u32> =
            (0..tokenizer.vocab_size() as u32).filter(|&id| tokenizer.is_control(id)).collect();
        assert!(controls.len() >= 3, "{kind}: {controls:?}");
        for name in [
            "<s>",
            "</s>",
            "<|begin|>",
            "<|im_start|>",
            "<|im_end|>",
            "<|user|>",
            "<|end|>",
            "<start_of_turn>",
        ] {
            let Some(id) = tokenizer.id(name) else { continue };
            let (half, rest) = name.split_at(2);
            assert_eq!(tokenizer.encode(&[Piece::Template(name)]).unwrap(), [id], "{kind} {name}");
            for pieces in [
                &[Piece::Person(name)][..],
                &[Piece::Person("a "), Piece::Person(name), Piece::Person("\n")],
                &[Piece::Template(half), Piece::Person(rest)],
                &[Piece::Person(half), Piece::Template(rest)],
            ] {
                let ids = tokenizer.encode(pieces).unwrap();
                assert!(
                    !ids.iter().any(|&id| tokenizer.is_control(id)),
                    "{kind}: {pieces:?} gave {ids:?}"
                );
            }
            assert_eq!(tokenizer.bytes(id), None, "{kind} {name}");
        }
    }
}

#[test]
fn markup_that_is_text_is_for_templates_too() {
    let tokenizer = gguf("qwen2");
    let think = tokenizer.id("<think>").unwrap();
    assert_eq!(tokenizer.encode(&[Piece::Template("<think>")]).unwrap(), [think]);
    assert!(!tokenizer.encode(&[Piece::Person("<think>")]).unwrap().contains(&think));
    assert_eq!(tokenizer.bytes(think).unwrap(), b"<think>");
}

#[test]
fn beginnings_and_ends_are_those_of_the_file() {
    for (kind, tokenizer, begins, bos, end) in [
        ("llama-bpe", gguf("llama-bpe"), true, "<|begin|>", "<|im_end|>"),
        ("llama-bpe", json("llama-bpe"), true, "<|begin|>", "<|im_end|>"),
        ("qwen2", gguf("qwen2"), false, "<|begin|>", "<|im_end|>"),
        ("llama", gguf("llama"), true, "<s>", "</s>"),
        ("phi3", gguf("phi3"), false, "<s>", "<|end|>"),
        ("phi3", json("phi3"), false, "<s>", "<|end|>"),
        ("gemma", gguf("gemma"), true, "<s>", "</s>"),
    ] {
        let begin = tokenizer.id(bos).filter(|_| begins);
        assert_eq!(tokenizer.begin(), begin, "{kind}");
        assert_eq!(tokenizer.special(Special::Begin), Some(bos), "{kind}");
        assert_eq!(tokenizer.special(Special::End), Some(end), "{kind}");
        assert_eq!(tokenizer.ends().first().copied(), tokenizer.id(end), "{kind}");
    }
    let gemma = gguf("gemma");
    assert!(
        gemma.ends().contains(&gemma.id("<end_of_turn>").unwrap()),
        "a well-known end is an end"
    );
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a native test has a clock")]
fn long_texts_take_well_under_a_second() {
    let prose = "It's 2024: the quick brown fox — naïve, 你好 👍 — jumps\n  over 13 lazy dogs. "
        .repeat(1100);
    let texts = [
        prose,
        "a".repeat(20_000),
        "ab1 ".repeat(25_000),
        " ".repeat(100_000),
        "<".repeat(100_000),
        "\n".repeat(100_000),
    ];
    let kinds = GGUF
        .iter()
        .map(|kind| (kind, gguf(kind)))
        .chain(JSON.iter().map(|kind| (kind, json(kind))));
    for (kind, tokenizer) in kinds {
        for text in &texts {
            let start = Instant::now();
            tokenizer.encode(&[Piece::Person(text)]).unwrap();
            let ms = start.elapsed().as_millis();
            // A tenth of this on an idle machine; a quadratic loop takes minutes.
            assert!(ms < 3000, "{kind}: {} bytes of {:?} took {ms} ms", text.len(), &text[..4]);
        }
    }
}

/// A metadata-only GGUF file, value by value.
#[derive(Default)]
struct File(Vec<(&'static str, Vec<u8>)>);

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn array(kind: u32, items: Vec<Vec<u8>>) -> Vec<u8> {
    let head = [&9u32.to_le_bytes()[..], &kind.to_le_bytes(), &(items.len() as u64).to_le_bytes()]
        .concat();
    [head, items.concat()].concat()
}

impl File {
    fn set(mut self, key: &'static str, value: Vec<u8>) -> Self {
        self.0.retain(|(name, _)| *name != key);
        self.0.push((key, value));
        self
    }

    fn text(self, key: &'static str, text: &str) -> Self {
        self.set(key, [8u32.to_le_bytes().to_vec(), string(text)].concat())
    }

    fn id(self, key: &'static str, id: u32) -> Self {
        self.set(key, [4u32.to_le_bytes(), id.to_le_bytes()].concat())
    }

    fn texts(self, key: &'static str, texts: &[&str]) -> Self {
        self.set(key, array(8, texts.iter().map(|text| string(text)).collect()))
    }

    fn kinds(self, kinds: &[i32]) -> Self {
        let kinds = kinds.iter().map(|kind| kind.to_le_bytes().to_vec()).collect();
        self.set("tokenizer.ggml.token_type", array(5, kinds))
    }

    fn scores(self, scores: &[f32]) -> Self {
        let scores = scores.iter().map(|score| score.to_le_bytes().to_vec()).collect();
        self.set("tokenizer.ggml.scores", array(6, scores))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(0u64.to_le_bytes());
        bytes.extend((self.0.len() as u64).to_le_bytes());
        for (key, value) in &self.0 {
            bytes.extend(string(key));
            bytes.extend(value);
        }
        bytes
    }
}

fn byte_level() -> File {
    File::default()
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", "gpt-2")
        .texts("tokenizer.ggml.tokens", &["<|im_end|>", "a", "b", "ab"])
        .texts("tokenizer.ggml.merges", &["a b"])
        .kinds(&[3, 1, 1, 1])
}

fn scored() -> File {
    File::default()
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", &["<unk>", "a", "b", "ab"])
        .kinds(&[2, 1, 1, 1])
        .scores(&[0.0, -1.0, -2.0, -3.0])
        .id("tokenizer.ggml.unknown_token_id", 0)
}

#[track_caller]
fn refused(file: &File, want: &str) {
    let error = from_gguf(file.bytes()).expect_err("it was read");
    assert!(error.contains(want), "{error}");
}

#[test]
fn metadata_that_lies_is_refused_by_name() {
    let tokenizer = from_gguf(byte_level().bytes()).unwrap();
    assert_eq!(tokenizer.encode(&[Piece::Person("ab")]).unwrap(), [3]);
    let tokenizer = from_gguf(scored().bytes()).unwrap();
    assert_eq!(tokenizer.encode(&[Piece::Person("ab")]).unwrap(), [0, 3]);

    refused(&File::default(), "tokenizer.ggml.model");
    refused(&byte_level().text("tokenizer.ggml.model", "bert"), "`bert`");
    refused(&byte_level().text("tokenizer.ggml.pre", "viking"), "`viking`");
    refused(&byte_level().id("tokenizer.ggml.pre", 1), "tokenizer.ggml.pre");
    refused(&byte_level().kinds(&[3, 1, 1]), "tokenizer.ggml.token_type");
    refused(&byte_level().kinds(&[3, 1, 1, 9]), "9 is no kind");
    refused(
        &byte_level().texts("tokenizer.ggml.tokens", &[]).kinds(&[]),
        "the vocabulary is empty",
    );
    refused(&byte_level().id("tokenizer.ggml.eos_token_id", 4), "tokenizer.ggml.eos_token_id: 4");
    refused(
        &byte_level().id("tokenizer.ggml.bos_token_id", u32::MAX),
        "tokenizer.ggml.bos_token_id",
    );
    refused(&byte_level().texts("tokenizer.ggml.merges", &["ab ab"]), "`abab`");
    refused(&byte_level().texts("tokenizer.ggml.merges", &["ab"]), "`ab` is no pair");
    refused(&scored().scores(&[0.0, -1.0]), "tokenizer.ggml.scores");
    refused(&scored().scores(&[0.0, f32::NAN, 0.0, 0.0]), "tokenizer.ggml.scores");
    refused(
        &scored().kinds(&[1, 1, 1, 1]).id("tokenizer.ggml.unknown_token_id", 7),
        "tokenizer.ggml.unknown_token_id",
    );
}

#[test]
fn a_merge_cannot_make_a_control_token() {
    let file = byte_level().texts("tokenizer.ggml.merges", &["a b"]).kinds(&[3, 1, 1, 3]);
    let tokenizer = from_gguf(file.bytes()).unwrap();
    assert_eq!(tokenizer.encode(&[Piece::Person("ab")]).unwrap(), [1, 2]);
    let tokenizer = from_gguf(scored().kinds(&[2, 1, 1, 3]).bytes()).unwrap();
    assert_eq!(tokenizer.encode(&[Piece::Person("ab")]).unwrap(), [0, 1, 2]);
}

#[test]
fn json_that_lies_is_refused_in_words() {
    let check = |json: &str, config: Option<&str>, want: &str| {
        let error = Tokenizer::from_json(json.as_bytes(), config.map(str::as_bytes))
            .expect_err("it was read");
        assert!(error.to_string().contains(want), "{error}");
    };
    let file = |model: &str, decoder: &str| {
        format!(r#"{{"model":{model},"decoder":{{"type":"{decoder}"}}}}"#)
    };
    let good = r#"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}"#;
    assert!(Tokenizer::from_json(file(good, "ByteLevel").as_bytes(), None).is_ok());
    check("{", None, "tokenizer.json");
    check(&file(good, "CTC"), None, "`CTC`");
    check(&file(good, "ByteLevel"), Some(r#"{"eos_token":"</s>"}"#), "`</s>`");
    check(&file(r#"{"type":"WordPiece","vocab":{}}"#, "ByteLevel"), None, "`WordPiece`");
    check(
        &file(r#"{"vocab":{"a":0,"b":0},"merges":[]}"#, "ByteLevel"),
        None,
        "two tokens have the id 0",
    );
    check(&file(r#"{"vocab":{"a":0},"merges":["a c"]}"#, "ByteLevel"), None, "`c`");
    check(&file(r#"{"vocab":{"a":0},"merges":[],"unk_token":"u"}"#, "ByteLevel"), None, "`u`");
    check(&file(r#"{"type":"Unigram","vocab":[["a",0.0]],"unk_id":4}"#, "Metaspace"), None, "4");
    check(
        &file(r#"{"type":"Unigram","vocab":[["a",0.0]],"unk_id":null}"#, "Metaspace"),
        None,
        "unknown token",
    );
}
