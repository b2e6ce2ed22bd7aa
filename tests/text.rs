//! Tokenizers of encoder-decoders against their reference: see `golden/text.py`.

use std::{fs, path::PathBuf};

use serde::Deserialize;
use tasks::text::Text;

/// A text, its ids alone and with what the model expects around them, and what these spell.
#[derive(Deserialize)]
struct Case {
    text: String,
    plain: Vec<u32>,
    whole: Vec<u32>,
    /// Of a kind that writes none, there is none.
    back: Option<String>,
}

fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/text").join(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn text(kind: &str) -> Text {
    match kind {
        "marian" => Text::from_marian(&file("marian.spm"), &file("marian.vocab.json")).unwrap(),
        _ => Text::from_json(&file(&format!("{kind}.json"))).unwrap(),
    }
}

const KINDS: &[&str] = &["bart", "blenderbot", "clip", "nllb", "t5", "marian"];

#[test]
fn ids_and_texts_are_the_references() {
    let mut differences = Vec::new();
    for kind in KINDS {
        let tokenizer = text(kind);
        let cases: Vec<Case> = serde_json::from_slice(&file(&format!("{kind}.ids.json"))).unwrap();
        assert!(cases.len() > 70, "{kind}: {}", cases.len());
        for Case { text, plain, whole, back } in cases {
            for (what, got, want) in [
                ("plain", tokenizer.plain(&text).unwrap(), plain),
                ("whole", tokenizer.whole(&text).unwrap(), whole.clone()),
            ] {
                if got != want {
                    differences.push(format!("{kind}, {what}: {text:?}\n  {got:?}\n  {want:?}"));
                }
            }
            let spelled = back.is_some().then(|| tokenizer.spell(&whole).unwrap());
            if spelled != back {
                differences.push(format!("{kind}, back: {spelled:?}\n  {back:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{} differ\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn no_text_becomes_a_token_that_steers_the_model() {
    for kind in KINDS {
        let tokenizer = text(kind);
        let mut found = 0;
        for token in [
            "<s>",
            "</s>",
            "<pad>",
            "<mask>",
            "eng_Latn",
            "<extra_id_0>",
            ">>fra<<",
            "<|startoftext|>",
            "<|endoftext|>",
        ] {
            let Some(id) = tokenizer.id(token) else { continue };
            found += 1;
            for said in [token.to_string(), format!("a {token} b"), format!("{token}{token}")] {
                let ids = tokenizer.plain(&said).unwrap();
                assert!(!ids.contains(&id) && !ids.is_empty(), "{kind}: {said} is {ids:?}");
            }
        }
        assert!(found >= 2, "{kind}");
    }
}

#[test]
fn a_language_has_its_token() {
    let nllb = text("nllb");
    let (code, end) = (nllb.id("fra_Latn").unwrap(), nllb.id("</s>").unwrap());
    let plain = nllb.plain("bonjour").unwrap();
    assert!(!plain.contains(&code) && !plain.contains(&end));
    assert_eq!(nllb.whole("bonjour").unwrap().len(), plain.len() + 2);
    assert!(nllb.vocab_size() > code as usize);
    assert_eq!(nllb.spell(&[code, end]).unwrap(), "");
    assert!(text("marian").id(">>fra<<").is_some());
}

#[test]
fn files_that_are_none_are_refused_by_name() {
    let told = |result: Result<Text, api::Failure>| result.err().unwrap().to_string();
    assert!(told(Text::from_json(b"{}")).starts_with("tokenizer.json: "));
    let (spm, vocab) = (file("marian.spm"), file("marian.vocab.json"));
    assert!(told(Text::from_marian(b"<html>", &vocab)).starts_with("source.spm: "));
    assert!(told(Text::from_marian(&spm[..100], &vocab)).starts_with("source.spm: "));
    assert!(told(Text::from_marian(&spm, b"[]")).starts_with("vocab.json: "));
    assert!(told(Text::from_marian(&spm, b"{\"a\":0}")).contains("`</s>`"));
}

#[test]
fn no_byte_of_a_model_file_traps() {
    let (spm, vocab) = (file("marian.spm"), file("marian.vocab.json"));
    let (mut read, mut refused) = (0, 0);
    for at in (0..spm.len()).step_by(spm.len() / 500 + 1) {
        for byte in [0, 0x7f, 0x80, 0xff, spm[at] ^ 1] {
            let mut changed = spm.clone();
            changed[at] = byte;
            match Text::from_marian(&changed, &vocab) {
                Ok(text) => {
                    read += 1;
                    // Whatever it is cut into: a text of letters, of none, and of what no piece spells.
                    for said in ["Hello, my world", " ", "日本 😀 \u{301}"] {
                        drop(text.whole(said));
                    }
                }
                Err(failure) => {
                    refused += 1;
                    assert!(failure.to_string().starts_with("source.spm: "), "{failure}");
                }
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}
