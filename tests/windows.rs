//! Tokens of windows: where they are cut, how they are merged, how long zlib makes them. Against
//! `golden/transcribe.py`.

use crate::engine::read;
use serde_json::Value;
use tasks::transcribe::{
    merge::{Kinds, Merged, Merger, Stride},
    segments::{Segment, segments},
    zlib::compressed_len,
};

/// `<|0.00|>` of the tiny tokenizer.
const FIRST_TIME: u32 = 342;

fn golden(name: &str) -> Value {
    serde_json::from_slice(&read(&format!("golden/transcribe/{name}.json"))).unwrap()
}

/// What a stream of windows is merged to: texts as tokens, since the tiny tokenizer is not asked here.
fn merged(case: &Value) -> Vec<Merged> {
    let is_word = |id: u32| id < 330;
    let kinds = Kinds { first_time: FIRST_TIME, window_s: 1., is_word: &is_word };
    let (mut merger, mut all) = (Merger::default(), Vec::new());
    for output in case["outputs"].as_array().unwrap() {
        let tokens: Vec<u32> = serde_json::from_value(output["tokens"].clone()).unwrap();
        let [len_s, left_s, right_s] = serde_json::from_value(output["stride"].clone()).unwrap();
        all.extend(merger.push(&tokens, Stride { len_s, left_s, right_s }, kinds));
    }
    all.extend(merger.open());
    all
}

#[test]
fn recorded_streams_are_merged_as_the_reference_does() {
    let cases = golden("merged");
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 40);
    let mut told = 0;
    for (number, case) in cases.iter().enumerate() {
        let got = merged(case);
        let tokens: Vec<Vec<u32>> = serde_json::from_value(case["merged"].clone()).unwrap();
        let got_tokens: Vec<_> = got.iter().map(|chunk| chunk.tokens.clone()).collect();
        assert_eq!(got_tokens, tokens, "{number}");
        if case["timestamps"] == true {
            let want: Vec<(Option<f64>, Option<f64>)> =
                serde_json::from_value(case["chunks"].clone()).unwrap();
            let got: Vec<_> = got.iter().map(|chunk| (chunk.start_s, chunk.end_s)).collect();
            assert_eq!(got, want, "{number}");
            told += got.len();
        }
    }
    assert!(told > 300, "{told}");
}

#[test]
fn repetitions_are_measured_as_zlib_does() {
    let cases = golden("zlib");
    for case in cases.as_array().unwrap() {
        let tokens: Vec<u32> = serde_json::from_value(case["tokens"].clone()).unwrap();
        let each = case["size"].as_u64().unwrap().ilog2() as usize / 8 + 1;
        let bytes = |id: &u32| id.to_le_bytes().into_iter().take(each).collect::<Vec<u8>>();
        let bytes: Vec<u8> = tokens.iter().flat_map(bytes).collect();
        assert_eq!(
            compressed_len(&bytes),
            case["length"].as_u64().map(|len| len as usize),
            "{tokens:?}"
        );
    }
    assert_eq!(compressed_len(&[]), Some(8));
    assert_eq!(compressed_len(&vec![0; 1 << 20]), None);
}

#[test]
fn segments_are_cut_where_times_meet() {
    let time = |step: u32| FIRST_TIME + step;
    let cut = |start: u32, end: u32, tokens: std::ops::Range<usize>| Segment {
        start_s: f64::from(start) * 0.02,
        end_s: f64::from(end) * 0.02,
        tokens,
    };
    let check = |tokens: &[u32], want: Vec<Segment>, next: usize| {
        assert_eq!(segments(tokens, FIRST_TIME, 100), (want, next), "{tokens:?}");
    };
    check(&[], vec![cut(0, 50, 0..0)], 100);
    check(&[7, 8], vec![cut(0, 50, 0..2)], 100);
    check(&[time(0), 7, time(9)], vec![cut(0, 9, 0..3)], 100);
    check(&[time(0), 7, time(9), time(9)], vec![cut(0, 9, 0..4)], 18);
    let two = [time(0), 7, time(9), time(12), 8, time(30)];
    check(&two, vec![cut(0, 9, 0..3), cut(12, 30, 3..6)], 100);
    let cut_off = [time(0), 7, time(9), time(12), 8, 9];
    check(&cut_off, vec![cut(0, 9, 0..4)], 18);
    check(&[time(0), time(0)], vec![cut(0, 0, 0..2)], 0);
}

/// Our own: the reference takes the id of the word for a time, here for 0.76 seconds before the sound.
#[test]
fn a_segment_that_begins_with_a_word_begins_with_its_window() {
    let english = &golden("cases")["english"];
    let tokens: Vec<u32> = serde_json::from_value(english["tokens"][0].clone()).unwrap();
    let words_alone = tokens[0] < FIRST_TIME && english["chunks"][0][0] == -0.76;
    assert!(words_alone && tokens.ends_with(&[FIRST_TIME + 7, FIRST_TIME + 7]));
    let only = Segment { start_s: 0., end_s: 0.14, tokens: 0..tokens.len() };
    assert_eq!(english["chunks"][0][1], only.end_s);
    assert_eq!(segments(&tokens, FIRST_TIME, 100), (vec![only], 14));
}
