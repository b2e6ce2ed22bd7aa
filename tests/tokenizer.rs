//! Tokenizers against the reference libraries' ids, and against files that lie.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

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
const JSON: &[&str] =
    &["gpt-2", "llama-bpe", "phi3", "qwen2", "smollm", "unigram", "unigram-bytes"];

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
    let gguf = pollster::block_on(Gguf::read(Rc::new(Memory(bytes)))).map_err(|e| e.to_string())?;
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
