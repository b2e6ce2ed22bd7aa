//! The models that come with the site, on what their cards say they were measured on: see
//! `recipes/*/evaluate.py`.

use std::{fs, path::Path};

use crate::{
    engine::{Bytes, Engine, read},
    near::FLOAT_ERROR,
    pictures::{png, square},
};
use api::{
    Asked, Precision, Task,
    chat::{self, Chat, End, Message, Sampling},
    classify::{self, Classify},
    classify_sound::{self, ClassifySound, Clip},
    depth::Depth,
    speak::{self, Said, Speak},
    summarize::{self, Summarize},
    transcribe::{self, Form, Goal, Sequential, Sound, Transcribe},
    translate::{self, Translate},
};
use serde_json::Value;

/// A model of the site, called `tiny`.
fn shipped(name: &str) -> Engine {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/models").join(name);
    let files: Vec<(String, Bytes)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    let files: Vec<_> = files.iter().map(|(name, body)| (name.as_str(), body.clone())).collect();
    Engine::with("tiny", &files)
}

fn golden(task: &str) -> Value {
    serde_json::from_slice(&read(&format!("golden/default_{task}.json"))).unwrap()
}

fn list<'g>(golden: &'g Value, name: &str) -> &'g Vec<Value> {
    golden[name].as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn tokens(ids: &Value) -> u32 {
    ids.as_array().unwrap().len() as u32
}

fn run<T: Task>(engine: &Engine, input: &T::Input) -> T::Output {
    engine.call::<T>(input, Box::new(|_| false)).1.unwrap()
}

/// Whether a share of right answers is the one that was promised.
#[track_caller]
fn as_good(right: usize, of: usize, promised: &Value) {
    let (share, promised) = (right as f64 / of as f64, promised.as_f64().unwrap());
    eprintln!("{right} of {of} held-out answers are right: {share:.4}");
    assert!(of > 50 && share >= promised - 1e-9, "{share}, not {promised}");
}

/// What the summarizer says, and with how many tokens.
fn summary(engine: &Engine, text: &str, precision: Precision) -> summarize::Summary {
    let ask = summarize::Ask { text: text.into(), min_tokens: None, max_tokens: None };
    let input = Asked { model: "tiny".into(), precision, ask: Some(ask) };
    let mut rounds = run::<Summarize>(engine, &input).rounds;
    assert_eq!((rounds.len(), rounds[0].len()), (1, 1), "{text}");
    rounds.remove(0).remove(0).summary
}

#[test]
fn the_summarizer_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-summarize"), golden("summarize"));
    let mut right = 0;
    for case in list(&golden, "samples").iter().chain(list(&golden, "cases")) {
        let got = summary(&engine, text(&case["text"]), Precision::Stored);
        assert_eq!(got.text, text(&case["output"]), "{}", case["text"]);
        assert_eq!(got.tokens, tokens(&case["output_ids"]) - 1);
        right += usize::from(case["answer"].as_str() == Some(&got.text));
    }
    as_good(right, list(&golden, "cases").len(), &golden["exact"]);
}

fn answer(engine: &Engine, messages: &Value) -> chat::Answer {
    let message = |message: &Value| Message {
        role: serde_json::from_value(message["role"].clone()).unwrap(),
        text: text(&message["content"]).to_owned(),
    };
    let messages = messages.as_array().unwrap().iter().map(message).collect();
    let ask = chat::Ask { messages, answers: 1, sampling: Sampling::default() };
    run::<Chat>(engine, &chat::Input { model: "tiny".into(), ask: Some(ask) }).answers.remove(0)
}

#[test]
fn small_talk_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-blenderbot"), golden("blenderbot"));
    let mut right = 0;
    for case in list(&golden, "cases") {
        let got = answer(&engine, &case["messages"]);
        assert_eq!(got.text, text(&case["output"]), "{}", case["messages"]);
        assert_eq!(got.cost.prompt_tokens, tokens(&case["source_ids"]), "{}", case["messages"]);
        // The reference counts the token answers start from, and the one that ends the turn.
        let ended = u32::from(got.end == End::Turn);
        assert_eq!(got.cost.answer_tokens + ended + 1, tokens(&case["output_ids"]));
        right += usize::from(list(case, "answers").iter().any(|one| text(one) == got.text));
    }
    as_good(right, list(&golden, "cases").len(), &golden["accuracy"]);
}

/// What the translator makes of a text, sentence by sentence.
fn translation(engine: &Engine, case: &Value) -> String {
    let ask = translate::Ask {
        text: text(&case["text"]).into(),
        source: text(&case["source"]).into(),
        target: text(&case["target"]).into(),
        beams: None,
    };
    let (model, precision) = ("tiny".into(), Precision::Stored);
    let output = run::<Translate>(engine, &Asked { model, precision, ask: Some(ask) });
    assert!(output.segments.iter().all(|one| !one.part && !one.unfinished), "{case}");
    output.segments.iter().map(|one| format!("{}{}", one.lead, one.target)).collect()
}

/// The reference translates a text as a whole, which the task does where it is one sentence.
#[test]
fn the_translator_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-translate"), golden("translate"));
    let (mut right, mut same, mut alone) = (0, 0, 0);
    for case in list(&golden, "samples").iter().chain(list(&golden, "cases")) {
        let got = translation(&engine, case);
        let sentences = text(&case["text"]).matches(['.', '!', '?']).count();
        if sentences == 1 {
            assert_eq!(got, text(&case["output"]), "{}", case["text"]);
            alone += 1;
        }
        same += usize::from(got == text(&case["output"]));
        right += usize::from(case["answer"].as_str() == Some(&got));
    }
    eprintln!("{same} as the reference, {alone} of them of one sentence");
    as_good(right, list(&golden, "cases").len(), &golden["exact"]);
}

#[test]
fn the_teller_of_depth_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-depth"), golden("depth"));
    let sheet = png("golden/default_depth.png");
    let number = |name: &str| golden[name].as_u64().unwrap() as usize;
    let (side, stride) = (number("side"), number("stride"));
    let (mut right, mut of) = (0, 0);
    for (at, case) in list(&golden, "cases").iter().enumerate() {
        let ask = Some(square(&sheet, side as u32, at));
        let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask };
        let map = run::<Depth>(&engine, &input).depth.unwrap();
        let level = |two: &[u8]| u16::from_le_bytes([two[0], two[1]]);
        let levels: Vec<u16> = map.levels.chunks_exact(2).map(level).collect();
        let got = levels.iter().step_by(stride).map(|one| f32::from(*one) / 65_535. * map.most);
        for (got, want) in got.zip(list(case, "depth")) {
            let off = (got - want.as_f64().unwrap().max(0.) as f32).abs();
            assert!(off <= 2. * FLOAT_ERROR * map.most, "picture {at}: {got} for {want}");
        }
        let places: Vec<[f64; 3]> = serde_json::from_value(case["places"].clone()).unwrap();
        let told = |[x, y, _]: [f64; 3]| levels[y as usize * side + x as usize];
        for (i, one) in places.iter().enumerate() {
            // See `APART` in `recipes/depth/scores.py`.
            for other in places[i + 1..].iter().filter(|other| (one[2] - other[2]).abs() >= 0.05) {
                right += usize::from((one[2] > other[2]) == (told(*one) > told(*other)));
                of += 1;
            }
        }
    }
    assert_eq!(of, number("pairs"));
    as_good(right, of, &golden["nearer"]);
}

#[test]
fn the_chooser_of_labels_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-classify"), golden("classify"));
    let sheet = png("golden/default_classify.png");
    let side = golden["side"].as_u64().unwrap() as u32;
    let mut right = 0;
    for (at, case) in list(&golden, "cases").iter().enumerate() {
        let labels: Vec<String> =
            list(case, "labels").iter().map(|label| text(label).to_owned()).collect();
        let ask = classify::Ask { picture: square(&sheet, side, at), labels: labels.clone() };
        let (model, precision) = ("tiny".into(), Precision::Stored);
        let input = Asked { model, precision, ask: Some(ask) };
        let scores = run::<Classify>(&engine, &input).scores;
        for score in &scores {
            let of = labels.iter().position(|label| *label == score.label).unwrap();
            let want = case["logits"][of].as_f64().unwrap() as f32;
            // Cosines are off by so much, and the largest of these logits is the scale of all.
            let off = (score.logit - want).abs();
            assert!(off <= 100. * FLOAT_ERROR, "{}: {} for {want}", score.label, score.logit);
        }
        right += usize::from(labels[case["right"].as_u64().unwrap() as usize] == scores[0].label);
    }
    as_good(right, list(&golden, "cases").len(), &golden["accuracy"]);
}

/// A sound of the sheet, 8 bits a sample.
fn sound(sheet: &[u8], case: &Value, rate_hz: u32) -> Sound {
    let number = |name: &str| case[name].as_u64().unwrap() as usize;
    let bytes = &sheet[number("begin")..][..number("count")];
    let samples = bytes.iter().map(|byte| (f32::from(*byte) - 128.) / 128.).collect();
    Sound { samples, channels: 1, rate_hz, starts_s: 0, ends: true }
}

/// What the site's model hears, greedily.
fn heard(
    engine: &Engine,
    sound: Sound,
    (language, goal): (Option<&str>, Goal),
    timestamps: bool,
) -> transcribe::Heard {
    let greedy = Sequential {
        temperatures: vec![0.],
        compression_ratio: None,
        log_probability: None,
        no_speech: None,
        condition_on_previous: false,
    };
    let ask = transcribe::Ask {
        sound,
        place: None,
        language: language.map(ToOwned::to_owned),
        goal,
        timestamps,
        prompt: String::new(),
        form: Form::Sequential(greedy),
        seed: 0,
    };
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
    run::<Transcribe>(engine, &input).heard.unwrap()
}

/// Words without case and marks.
fn spelled(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('\'', "");
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.map(ToOwned::to_owned).collect()
}

/// The fewest words put in, taken out or changed between two texts.
fn word_errors(got: &str, wanted: &str) -> usize {
    let (got, wanted) = (spelled(got), spelled(wanted));
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (i, word) in got.iter().enumerate() {
        let mut next = vec![i + 1];
        for (at, other) in wanted.iter().enumerate() {
            let changed = row[at] + usize::from(word != other);
            next.push(changed.min(next[at] + 1).min(row[at + 1] + 1));
        }
        row = next;
    }
    row[wanted.len()]
}

#[test]
fn the_listener_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-listen"), golden("listen"));
    let sheet = read("golden/default_listen.wav");
    // What comes before the samples.
    let sheet = &sheet[44..];
    let rate_hz = golden["rate"].as_u64().unwrap() as u32;
    let (mut errors, mut of) = (0, 0);
    for case in list(&golden, "cases") {
        let (wanted, language) = (text(&case["wanted"]), text(&case["language"]));
        let hear = |how, timestamps| heard(&engine, sound(sheet, case, rate_hz), how, timestamps);
        let said = hear((None, Goal::Transcribe), false);
        assert_eq!(said.text.trim(), text(&case["text"]).trim(), "{wanted}");
        let spoken = said.spoken.unwrap();
        assert_eq!(spoken.language.code, language, "{wanted}");
        let off = spoken.probability.unwrap() - case["probability"].as_f64().unwrap() as f32;
        assert!(off.abs() < 10. * FLOAT_ERROR, "{wanted}: {spoken:?}");
        let english = hear((Some(language), Goal::Translate), false);
        assert_eq!(english.text.trim(), text(&case["translation"]).trim(), "{wanted}");
        let chunks = hear((Some(language), Goal::Transcribe), true).chunks;
        let want: Vec<(f64, f64, String)> = serde_json::from_value(case["chunks"].clone()).unwrap();
        assert_eq!(chunks.len(), want.len(), "{wanted}");
        for (got, (start_s, end_s, said)) in chunks.iter().zip(want) {
            assert_eq!(got.text.trim(), said.trim());
            assert!(
                (got.start_s - start_s).abs() < 0.011 && (got.end_s - end_s).abs() < 0.011,
                "{got:?}"
            );
        }
        errors += word_errors(&said.text, wanted);
        of += spelled(wanted).len();
    }
    let right = 1. - golden["cases_word_errors"].as_f64().unwrap();
    as_good(of - errors, of, &right.into());
}

/// The site's voice without noise, as the reference was asked.
fn said(engine: &Engine, what: &str) -> (Vec<Said>, u32) {
    let ask = speak::Ask {
        text: what.into(),
        speaking_rate: 1.,
        noise_scale: Some(0.),
        noise_scale_duration: Some(0.),
        seed: 0,
    };
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
    let (partials, output) = engine.call::<Speak>(&input, Box::new(|_| false));
    let said = partials.into_iter().filter_map(|partial| match partial {
        speak::Partial::Said(said) => Some(said),
        speak::Partial::Loading(_) => None,
    });
    (said.collect(), output.unwrap().model.sampling_rate)
}

#[test]
fn the_voice_says_what_the_reference_says() {
    let (engine, golden) = (shipped("wick-speak"), golden("speak"));
    let mut alike = 0;
    for case in list(&golden, "cases") {
        let (said, rate_hz) = said(&engine, text(&case["text"]));
        assert_eq!((said.len(), u64::from(rate_hz)), (1, golden["rate"].as_u64().unwrap()));
        let samples = &said[0].samples;
        // Where our phonemes are not espeak-ng's, it is another sentence.
        if said[0].read != text(&case["phonemes"]) {
            continue;
        }
        alike += 1;
        assert_eq!(samples.len() as u64, case["count"].as_u64().unwrap(), "{}", case["text"]);
        let power = |block: &[f32]| block.iter().map(|x| x * x).sum::<f32>() / block.len() as f32;
        let levels: Vec<f32> = samples.chunks(1024).map(|block| power(block).sqrt()).collect();
        let middle = &samples[samples.len() / 2..][..64];
        for (got, name) in [(levels.as_slice(), "levels"), (middle, "middle")] {
            let want: Vec<f32> = serde_json::from_value(case[name].clone()).unwrap();
            assert_eq!(got.len(), want.len());
            for (got, want) in got.iter().zip(want) {
                assert!((got - want).abs() < 1e-3, "{}: {got} for {want}", case["text"]);
            }
        }
    }
    assert!(alike >= 10, "only {alike} are read as espeak-ng reads them");
}

#[test]
fn the_voice_is_understood_as_its_card_says() {
    let (voice, listener, golden) =
        (shipped("wick-speak"), shipped("wick-listen"), golden("speak"));
    let (mut errors, mut of) = (0, 0);
    for case in list(&golden, "heard") {
        let wanted = text(&case["text"]);
        let (said, rate_hz) = said(&voice, wanted);
        let samples = said.into_iter().flat_map(|said| said.samples).collect();
        let sound = Sound { samples, channels: 1, rate_hz, starts_s: 0, ends: true };
        let got = heard(&listener, sound, (Some("en"), Goal::Transcribe), false).text;
        errors += word_errors(&got, wanted);
        of += spelled(wanted).len();
    }
    let right = 1. - golden["figures"]["word_errors"].as_f64().unwrap();
    as_good(of - errors, of, &right.into());
}

#[test]
fn the_judge_of_sounds_is_as_good_as_its_card_says() {
    let (engine, golden) = (shipped("wick-sound"), golden("sound"));
    let sheet = read("golden/default_sound.wav");
    let sheet = &sheet[44..];
    let rate_hz = golden["rate"].as_u64().unwrap() as u32;
    let labels: Vec<String> = serde_json::from_value(golden["labels"].clone()).unwrap();
    let mut right = 0;
    for case in list(&golden, "cases") {
        let Sound { samples, channels, .. } = sound(sheet, case, rate_hz);
        let ask = classify_sound::Ask {
            clip: Clip { samples, channels, rate_hz },
            labels: labels.clone(),
            template: text(&golden["template"]).into(),
            seed: 0,
        };
        let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) };
        let scores = run::<ClassifySound>(&engine, &input).scores;
        let wanted: Vec<f32> = serde_json::from_value(case["logits"].clone()).unwrap();
        for score in &scores {
            let want = wanted[labels.iter().position(|label| *label == score.label).unwrap()];
            assert!((score.logit - want).abs() < 1e-2, "{}: {score:?} for {want}", case["label"]);
        }
        right += usize::from(scores[0].label == text(&case["label"]));
    }
    as_good(right, list(&golden, "cases").len(), &golden["accuracy"]);
}
