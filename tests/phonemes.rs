//! English phonemes of the shipped table against `golden/phonemes.json`, which `recipes/phonemes` writes.

use std::time::Instant;

use crate::engine::read;
use serde::Deserialize;
use tasks::speak::phonemes::Phonemes;

const TABLE: &str = "../www/models/wick-speak/phonemes.txt";
/// Bytes; the page waits for it.
const LARGEST: usize = 350_000;

/// A text, what espeak-ng says, and what the recipe says.
type Case = (String, String, String);

/// What is held out, and in percent of espeak-ng's symbols how many are said in another way.
#[derive(Deserialize)]
struct Held {
    with_stress: f64,
    without: f64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Golden {
    words: Held,
    sentences: Held,
}

fn shipped() -> Phonemes {
    Phonemes::from_bytes(&read(TABLE)).unwrap()
}

fn golden() -> Golden {
    serde_json::from_slice(&read("golden/phonemes.json")).unwrap()
}

/// The fewest symbols put in, taken out or changed.
fn edits(ours: &str, theirs: &str) -> usize {
    let theirs: Vec<char> = theirs.chars().collect();
    let mut row: Vec<usize> = (0..=theirs.len()).collect();
    for (i, ours) in ours.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, theirs) in theirs.iter().enumerate() {
            let kept = corner + usize::from(ours != *theirs);
            corner = row[j + 1];
            row[j + 1] = kept.min(corner + 1).min(row[j] + 1);
        }
    }
    row[theirs.len()]
}

/// In percent, of texts read in one way.
fn rate(said: &[(String, &str)], read: fn(&str) -> String) -> f64 {
    let wrong: usize = said.iter().map(|(ours, theirs)| edits(&read(ours), &read(theirs))).sum();
    let all: usize = said.iter().map(|(_, theirs)| read(theirs).chars().count()).sum();
    100.0 * wrong as f64 / all as f64
}

fn check(held: &Held, least: usize) {
    let phonemes = shipped();
    assert!(held.cases.len() >= least, "{}", held.cases.len());
    let mut said = Vec::new();
    for (text, theirs, recipes) in &held.cases {
        let ours = phonemes.of(text);
        assert_eq!(ours, *recipes, "{text}");
        said.push((ours, theirs.as_str()));
    }
    // Stated with two digits behind the point.
    let with_stress = rate(&said, str::to_owned);
    assert!(with_stress <= held.with_stress + 0.01, "{with_stress}");
    let without = rate(&said, |sound| sound.replace(['ˈ', 'ˌ'], ""));
    assert!(without <= held.without + 0.01, "{without}");
}

#[test]
fn the_table_is_small() {
    assert!(read(TABLE).len() <= LARGEST);
}

#[test]
fn words_that_were_held_out_are_as_near_as_is_stated() {
    check(&golden().words, 400);
}

#[test]
fn sentences_that_were_held_out_are_as_near_as_is_stated() {
    check(&golden().sentences, 80);
}

#[test]
fn marks_spaces_and_strange_letters_are_kept_or_folded() {
    let phonemes = shipped();
    for (text, want) in [
        ("hello world.", "həlˈoʊ wˈɜːld."),
        ("  Hello…\n world — \"yes\" (no)! ", "həlˈoʊ… wˈɜːld — \"jˈɛs\" (nˈoʊ)!"),
        ("of the man in the house", "ʌvðə mˈæn ɪnðə hˈaʊs"),
        ("The apple, the dog, a dog, to eat.", "ðɪ ˈæpəl, ðə dˈɑːɡ, ɐ dˈɑːɡ, tʊ ˈiːt."),
        ("GPT and NASA", "dʒˌiːpˌiːtˈiː ænd nˈæsɐ"),
        ("seven AM", "sˈɛvən ˌeɪˈɛm"),
        ("café don’t", "kˈæfeɪ dˈoʊnt"),
        ("12 + 中 🙂", ""),
        ("", ""),
    ] {
        assert_eq!(phonemes.of(text), want, "{text:?}");
    }
}

#[test]
fn a_table_that_lies_is_refused_in_words() {
    let bytes = read(TABLE);
    let table = std::str::from_utf8(&bytes).unwrap();
    let refused = |table: &str| Phonemes::from_bytes(table.as_bytes()).err();
    assert!(Phonemes::from_bytes(b"\xff").is_err());
    assert!(refused("").unwrap().contains("first line"));
    let lines: Vec<&str> = table.lines().collect();
    for kind in ["letter", "chunks", "phones", "affixes", "spelled", "alphabet"] {
        let kept = lines.iter().filter(|line| !line.starts_with(kind));
        let kept: Vec<&str> = kept.copied().collect();
        assert!(refused(&kept.join("\n")).is_some(), "{kind}");
    }
    for more in [
        "nothing",
        "= word",
        "= word \u{e9}",
        "letter",
        "letter a",
        "op s",
        "op s so",
        "op - plain",
        "join s",
        "ways a b",
        "ways a b ~",
        "affixes \"",
        "spelled !",
    ] {
        let wrong = refused(&format!("{table}{more}\n")).unwrap_or_else(|| panic!("{more}"));
        assert!(wrong.starts_with("phonemes: line "), "{wrong}");
    }
    let long = "x".repeat(65);
    for kind in ["chunks", "phones", "alphabet", "join s t -", "ways the"] {
        let wrong = refused(&format!("{table}{kind} {long}\n")).unwrap_or_else(|| panic!("{kind}"));
        assert!(wrong.starts_with("phonemes: line "), "{wrong}");
    }
    // Cut anywhere it is refused, or is a table of fewer words.
    for end in (0..table.len()).step_by(997).filter(|end| table.is_char_boundary(*end)) {
        if let Ok(phonemes) = Phonemes::from_bytes(&bytes[..end]) {
            phonemes.of("some of these words");
        }
    }
}

#[test]
fn a_table_with_wrong_bytes_is_refused_or_read() {
    let bytes = read(TABLE);
    let mut seed = 1_u64;
    for _ in 0..40 {
        let mut wrong = bytes.to_vec();
        for _ in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (seed >> 33) as usize % wrong.len();
            wrong[at] = b' ' + (seed >> 25) as u8 % 95;
        }
        if let Ok(phonemes) = Phonemes::from_bytes(&wrong) {
            phonemes.of("The quick brown foxes jumped over 'em, unbelievably; GPT's.");
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a native test has a clock")]
fn long_texts_take_no_time() {
    let phonemes = shipped();
    for text in ["a", "the ", "unbelievable ", "z-", "é", ".", "\n", "aB", "''", "of the ", "ooo"]
    {
        let long = text.repeat(100_000 / text.len());
        let begun = Instant::now();
        phonemes.of(&long);
        assert!(begun.elapsed().as_secs() < 5, "{text:?}: {:?}", begun.elapsed());
    }
}
