//! What is said in sounds, through the worker's door: against `golden/transcribe.py`.

use crate::{
    engine::{Bytes, Engine, read},
    near::Q8_0_COSINE,
};
use api::{
    Asked, Failure, Precision,
    transcribe::{
        Ask, Chunk, Form, Goal, Heard, LEAD_S, Listening, Output, Partial, Place, Sequential,
        Sound, Transcribe,
    },
};
use serde_json::{Value, json};

const RATE: u32 = 16_000;
const CODES: [&str; 4] = ["en", "de", "fr", "haw"];
/// What the reference calls the limits that `golden/transcribe.py` sets; none is ever passed.
const NEVER: Sequential = Sequential {
    temperatures: Vec::new(),
    compression_ratio: Some(9.),
    log_probability: Some(-99.),
    no_speech: Some(0.999_999),
    condition_on_previous: false,
};

fn tiny(more: &[(&'static str, Bytes)]) -> Engine {
    let names = [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "preprocessor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    let mut files: Vec<(&str, Bytes)> =
        names.map(|name| (name, read(&format!("golden/transcribe/{name}")))).into();
    for (name, body) in more {
        files.retain(|(other, _)| other != name);
        files.push((name, body.clone()));
    }
    Engine::with("tiny", &files)
}

/// A JSON file of the checkpoint with some of its fields changed; `null` takes one out.
fn changed(name: &str, fields: Value) -> Bytes {
    let mut all: Value =
        serde_json::from_slice(&read(&format!("golden/transcribe/{name}"))).unwrap();
    for (key, value) in fields.as_object().unwrap() {
        match value {
            Value::Null => drop(all.as_object_mut().unwrap().remove(key)),
            value => all[key] = value.clone(),
        }
    }
    all.to_string().into()
}

fn english() -> Engine {
    let fields = json!({"is_multilingual": false, "lang_to_id": null, "task_to_id": null});
    tiny(&[("generation_config.json", changed("generation_config.json", fields))])
}

fn golden(name: &str) -> Value {
    serde_json::from_slice(&read(&format!("golden/transcribe/{name}.json"))).unwrap()
}

/// The sounds of `golden/transcribe.py`.
fn sound(count: usize, seed: i64) -> Vec<f32> {
    let mut state = seed;
    let sample = |i: i64| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        let part = i / 2400;
        let period = 20 + part * 7 % 60;
        let tone = (i % period * 65_536 / period - 32_768).abs() - 16_384;
        let noise = (state >> 16) - 16_384;
        let (tone, noise) = (tone * (1 + part * 5 % 8), noise);
        (tone.div_euclid(8) + noise.div_euclid(8)) as f32 / 32_768.
    };
    (0..count as i64).map(sample).collect()
}

fn one() -> Vec<f32> {
    sound(16_000, 1)
}

fn long() -> Vec<f32> {
    sound(53_000, 7)
}

fn once() -> Sequential {
    Sequential { temperatures: vec![0.], ..NEVER }
}

fn ask(samples: Vec<f32>) -> Ask {
    Ask {
        sound: Sound { samples, channels: 1, rate_hz: RATE, starts_s: 0, ends: true },
        place: None,
        language: None,
        goal: Goal::Transcribe,
        timestamps: false,
        prompt: String::new(),
        form: Form::Sequential(once()),
        seed: 1,
    }
}

fn call(engine: &Engine, ask: Option<Ask>) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask };
    engine.call::<Transcribe>(&input, Box::new(|_| false))
}

#[track_caller]
fn heard(engine: &Engine, ask: Ask) -> Heard {
    call(engine, Some(ask)).1.unwrap().heard.unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-3
}

#[track_caller]
fn check(what: &str, got: &[Chunk], want: &Value) {
    let want: Vec<(f64, f64, String)> = serde_json::from_value(want.clone()).unwrap();
    let told: Vec<_> = got.iter().map(|chunk| (chunk.start_s, chunk.end_s, &chunk.text)).collect();
    assert_eq!(told.len(), want.len(), "{what}: {told:?} for {want:?}");
    for ((start, end, text), (start_s, end_s, said)) in told.iter().zip(&want) {
        assert_eq!(*text, said, "{what}");
        assert!(near(*start, *start_s) && near(*end, *end_s), "{what}: {told:?} for {want:?}");
    }
}

#[test]
fn words_without_times_are_the_reference_s() {
    let (cases, engine) = (golden("cases"), tiny(&[]));
    let got = heard(&engine, ask(one()));
    let spoken = got.spoken.unwrap();
    assert_eq!(spoken.language.code, cases["language"]["code"].as_str().unwrap());
    let off =
        f64::from(spoken.probability.unwrap()) - cases["language"]["probability"].as_f64().unwrap();
    assert!(off.abs() < 1e-4, "{off}");
    check("plain", &got.chunks, &cases["plain"]["chunks"]);
    // No time is told of a sound that is shorter than the window: there, the window's end stands for it.
    let mut short = cases["short"]["chunks"].clone();
    short[0][1] = json!(0.6);
    check("short", &heard(&engine, ask(one()[..9_600].to_vec())).chunks, &short);
    for code in CODES {
        let got = heard(&engine, Ask { language: Some(code.into()), ..ask(one()) });
        check(code, &got.chunks, &cases[format!("plain_{code}")]["chunks"]);
        let spoken = got.spoken.unwrap();
        assert_eq!((spoken.language.code.as_str(), spoken.probability), (code, None));
    }
    let prompted = Ask { prompt: "the sea".into(), language: Some("en".into()), ..ask(one()) };
    check("prompted", &heard(&engine, prompted).chunks, &cases["prompted"]["chunks"]);
    // Times that come unasked: see `a_segment_that_begins_with_a_word_begins_with_its_window`.
    let mut english_chunks = cases["english"]["chunks"].clone();
    english_chunks[0][0] = json!(0.);
    check("english", &heard(&english(), ask(one())).chunks, &english_chunks);
}

#[test]
fn times_are_the_reference_s() {
    let (cases, engine) = (golden("cases"), tiny(&[]));
    for code in CODES {
        let timed = Ask { language: Some(code.into()), timestamps: true, ..ask(one()) };
        let got = heard(&engine, timed.clone());
        check(code, &got.chunks, &cases[format!("timed_{code}")]["chunks"]);
        let texts: String = got.chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        assert_eq!(texts, got.text);
        let got = heard(&engine, Ask { goal: Goal::Translate, ..timed });
        check(code, &got.chunks, &cases[format!("translated_{code}")]["chunks"]);
    }
    let timed = Ask { timestamps: true, ..ask(one()) };
    check("english", &heard(&english(), timed).chunks, &cases["english_timed"]["chunks"]);
}

#[test]
fn a_long_sound_is_gone_through_as_the_reference_does() {
    let (cases, engine) = (golden("cases"), tiny(&[]));
    let conditioned = Form::Sequential(Sequential { condition_on_previous: true, ..once() });
    for code in CODES {
        let plain = Ask { language: Some(code.into()), ..ask(long()) };
        check(
            code,
            &heard(&engine, plain.clone()).chunks,
            &cases[format!("long_{code}")]["chunks"],
        );
        let got = heard(&engine, Ask { form: conditioned.clone(), ..plain });
        check(code, &got.chunks, &cases[format!("long_conditioned_{code}")]["chunks"]);
    }
    let prompted = Ask { prompt: "the sea".into(), language: Some("en".into()), ..ask(long()) };
    let got = heard(&engine, prompted.clone());
    check("prompted", &got.chunks, &cases["long_prompted"]["chunks"]);
    let got = heard(&engine, Ask { form: conditioned, ..prompted });
    check("conditioned", &got.chunks, &cases["long_prompted_conditioned"]["chunks"]);
    check("english", &heard(&english(), ask(long())).chunks, &cases["english_long"]["chunks"]);
    let spoken = heard(&engine, ask(long())).spoken.unwrap();
    assert_eq!(spoken.language.code, cases["language_long"]["code"].as_str().unwrap());
}

#[test]
fn windows_that_overlap_are_merged_as_the_pipeline_does() {
    let (cases, engine, english) = (golden("cases"), tiny(&[]), english());
    let chunks = || Ask { form: Form::Chunks, ..ask(long()) };
    let check = |engine: &Engine, code: &str, plain: Ask| {
        let got = heard(engine, plain.clone());
        assert_eq!(got.text, cases[format!("chunked_plain_{code}")]["text"], "{code}");
        let got = heard(engine, Ask { timestamps: true, ..plain });
        let want = &cases[format!("chunked_{code}")];
        assert_eq!(got.text, want["text"], "{code}");
        let mut chunks: Vec<Value> = want["chunks"].as_array().unwrap().clone();
        chunks.retain(|chunk| chunk[2] != "");
        for (got, want) in got.chunks.iter().zip(&chunks) {
            let told = |got: f64, want: &Value| want.as_f64().is_none_or(|want| near(got, want));
            assert_eq!(got.text, want[2].as_str().unwrap());
            assert!(told(got.start_s, &want[0]) && told(got.end_s, &want[1]), "{got:?}, {want}");
        }
        assert_eq!(got.chunks.len(), chunks.len());
    };
    for code in CODES {
        check(&engine, code, Ask { language: Some(code.into()), ..chunks() });
    }
    check(&english, "english", chunks());
}

#[test]
fn a_doubtful_answer_is_tried_again_or_passed_over() {
    let (cases, engine) = (golden("cases"), tiny(&[]));
    let plain = Ask { language: Some("en".into()), timestamps: true, ..ask(long()) };
    let want = &cases["long_en"]["chunks"];
    let doubt = |name: &str| cases["long_en"]["doubts"][0][name].as_f64().unwrap();
    let tried =
        |how: Sequential| heard(&engine, Ask { form: Form::Sequential(how), ..plain.clone() });
    let warm = || Sequential { temperatures: vec![0., 1.], ..NEVER };
    let greedy = |got: &Heard| got.chunks[0].text == want[0][2].as_str().unwrap();
    // Just above what the first window has, it is taken; just below, it is tried again.
    let sides = [(-2e-3, true), (2e-3, false)];
    for (off, taken) in sides {
        let least = (doubt("log_probability") + off) as f32;
        let got = tried(Sequential { log_probability: Some(least), ..warm() });
        assert_eq!(greedy(&got), taken, "{least}");
        let most = (doubt("ratio") - off) as f32;
        let got = tried(Sequential { compression_ratio: Some(most), ..warm() });
        assert_eq!(greedy(&got), taken, "{most}");
        // One that is not doubtful is never passed over.
        let most = (doubt("no_speech") * (1. - off)) as f32;
        let got = tried(Sequential { no_speech: Some(most), ..once() });
        assert!(got.silences.is_empty() && greedy(&got));
        let doubtful = Sequential { no_speech: Some(most), log_probability: Some(0.), ..once() };
        let got = tried(doubtful);
        let passed = got.silences.first().is_some_and(|span| span.start_s == 0.);
        assert_eq!(passed, !taken, "{most}");
    }
    // Drawn tokens are the same for the same seed.
    let drawn = |seed| {
        let how = Sequential { temperatures: vec![1.], ..NEVER };
        heard(&engine, Ask { form: Form::Sequential(how), seed, ..plain.clone() }).text
    };
    assert_eq!(drawn(5), drawn(5));
    assert_ne!(drawn(5), drawn(6));
}

/// Goes through a sound in pieces of whole seconds, as a page does.
fn in_pieces(engine: &Engine, whole: &Ask, seconds: u32, rate: u32, channels: usize) -> Vec<Chunk> {
    let per_second = rate as usize * channels;
    let total = whole.sound.samples.len();
    let (mut place, mut chunks): (Option<Place>, Vec<Chunk>) = (None, Vec::new());
    for _ in 0..40 {
        let from_s = place.as_ref().map_or(0, |place| place.from_s as u32);
        let starts_s = from_s.saturating_sub(LEAD_S);
        let begin = starts_s as usize * per_second;
        let end = total.min(begin + (LEAD_S + seconds) as usize * per_second);
        let ends = end == total;
        let samples = whole.sound.samples[begin..end].to_vec();
        let sound = Sound { samples, channels: channels as u16, rate_hz: rate, starts_s, ends };
        let heard = heard(engine, Ask { sound, place: place.clone(), ..whole.clone() });
        chunks.extend(heard.chunks);
        if ends {
            return chunks;
        }
        assert!(place.is_none_or(|before| before.from_s < heard.place.from_s), "it goes on");
        place = Some(heard.place);
    }
    panic!("it never ends");
}

#[test]
fn pieces_are_heard_as_the_whole_is() {
    let engine = tiny(&[]);
    let conditioned = Sequential { condition_on_previous: true, ..once() };
    for form in [Form::Sequential(once()), Form::Sequential(conditioned), Form::Chunks] {
        for timestamps in [true, false] {
            let whole = Ask { form: form.clone(), timestamps, ..ask(sound(120_000, 7)) };
            let want = heard(&engine, whole.clone());
            // A piece holds its lead, what is left of a second, and a window.
            for seconds in [3, 4] {
                assert_eq!(in_pieces(&engine, &whole, seconds, RATE, 1), want.chunks, "{form:?}");
            }
        }
    }
    // Another rate, two channels.
    let both: Vec<f32> = sound(300_000, 3).iter().flat_map(|x| [*x, x / 2.]).collect();
    let mut whole = ask(both);
    (whole.sound.channels, whole.sound.rate_hz) = (2, 44_100);
    let want = heard(&engine, whole.clone());
    assert_eq!(in_pieces(&engine, &whole, 3, 44_100, 2), want.chunks);
}

fn listened(partials: &[Partial]) -> Vec<&Listening> {
    let mut all = Vec::new();
    for partial in partials {
        if let Partial::Listening(listening) = partial {
            all.push(listening);
        }
    }
    all
}

#[test]
fn a_listener_shows_how_far_it_is_and_goes_on_where_it_was_stopped() {
    let engine = tiny(&[]);
    for form in [Form::Sequential(once()), Form::Chunks] {
        let whole = Ask { form, timestamps: true, ..ask(long()) };
        let (partials, output) = call(&engine, Some(whole.clone()));
        let want = output.unwrap().heard.unwrap();
        assert!(partials.iter().any(|partial| matches!(partial, Partial::Language(_))));
        let shown = listened(&partials);
        let settled: Vec<Chunk> = shown.iter().flat_map(|one| one.settled.clone()).collect();
        assert_eq!(settled, want.chunks);
        assert!(shown.iter().any(|one| one.open.iter().any(|chunk| !chunk.text.is_empty())));
        assert!(shown.windows(2).all(|two| two[0].done_s <= two[1].done_s));
        let last = shown.last().unwrap();
        assert!(near(last.total_s, 53_000. / 16_000.) && last.total_s - last.done_s < 0.01);
        // Stopped after the second window, and asked again from there.
        let input =
            Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(whole.clone()) };
        let enough = |partial: &Partial| matches!(partial, Partial::Listening(Listening { place: Some(place), .. }) if place.from_s > 1.);
        let (partials, output) = engine.call::<Transcribe>(&input, Box::new(enough));
        assert_eq!(output, Err(Failure::Stopped));
        let shown = listened(&partials);
        let mut chunks: Vec<Chunk> = shown.iter().flat_map(|one| one.settled.clone()).collect();
        let place = shown.last().unwrap().place.clone();
        chunks.extend(heard(&engine, Ask { place, ..whole }).chunks);
        assert_eq!(chunks, want.chunks);
    }
}

#[test]
fn a_model_tells_what_it_knows() {
    let about = call(&tiny(&[]), None).1.unwrap();
    assert!(about.heard.is_none());
    let names: Vec<_> =
        about.model.languages.iter().map(|language| language.name.as_str()).collect();
    assert_eq!(names, ["English", "French", "German", "Hawaiian"]);
    assert!(about.model.translates);
    assert_eq!((about.model.window_ms, about.model.prompt_tokens), (1000, 19));
    let about = call(&english(), None).1.unwrap().model;
    assert!(about.languages.is_empty() && !about.translates);
}

#[test]
fn silence_and_short_sounds_are_no_speech_and_no_trouble() {
    let engine = tiny(&[]);
    for form in [Form::Sequential(once()), Form::Chunks] {
        for samples in [vec![0.; 16_000], vec![1e-5; 40_000], vec![0.; 1]] {
            let end_s = samples.len() as f64 / 16_000.;
            let got = heard(&engine, Ask { form: form.clone(), ..ask(samples) });
            assert_eq!((got.chunks.len(), got.text.as_str(), got.spoken), (0, "", None));
            assert_eq!(got.silences.len(), 1, "{:?}", got.silences);
            assert!(got.silences[0].start_s == 0. && (got.silences[0].end_s - end_s).abs() < 0.01);
        }
        // A tenth of a second is heard; what is silent in the middle is passed over.
        heard(&engine, Ask { form: form.clone(), ..ask(one()[..1_600].to_vec()) });
        let parted = [one(), vec![0.; 48_000], one()].concat();
        let got = heard(&engine, Ask { form: form.clone(), timestamps: true, ..ask(parted) });
        assert!(!got.silences.is_empty() && !got.chunks.is_empty());
    }
    // Eight channels of 192 kHz.
    let mut loud = ask(sound(192_000 * 4, 2));
    (loud.sound.channels, loud.sound.rate_hz) = (8, 192_000);
    heard(&engine, loud);
}

#[test]
fn weights_of_eight_bits_hear_the_same_language() {
    let input = Asked { model: "tiny".into(), precision: Precision::Q8_0, ask: Some(ask(one())) };
    let engine = tiny(&[]);
    let rounded = engine.call::<Transcribe>(&input, Box::new(|_| false)).1.unwrap().heard.unwrap();
    let whole = heard(&engine, ask(one()));
    let share = |heard: &Heard| heard.spoken.clone().unwrap().probability.unwrap();
    assert_eq!(rounded.spoken.as_ref().unwrap().language, whole.spoken.as_ref().unwrap().language);
    assert!((share(&rounded) - share(&whole)).abs() < 20. * (1. - Q8_0_COSINE));
    assert_ne!(share(&rounded), share(&whole));
}

#[test]
fn whatever_listens_can_be_stopped() {
    let engine = tiny(&[]);
    for stop_at in [1, 2, 4, 7] {
        let seen = std::cell::Cell::new(0);
        let input =
            Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask(long())) };
        let enough = move |_: &Partial| {
            seen.set(seen.get() + 1);
            seen.get() == stop_at
        };
        let (partials, output) = engine.call::<Transcribe>(&input, Box::new(enough));
        assert_eq!((output, partials.len()), (Err(Failure::Stopped), stop_at));
    }
}

#[track_caller]
fn refused(engine: &Engine, ask: Ask, words: &str) {
    let said = call(engine, Some(ask)).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_in_words() {
    let engine = tiny(&[]);
    refused(&engine, ask(Vec::new()), "there is none");
    refused(&engine, ask(vec![0.1, f32::NAN]), "sample 1 is not a finite number");
    let sound_of = |change: &dyn Fn(&mut Sound)| {
        let mut ask = ask(one());
        change(&mut ask.sound);
        ask
    };
    refused(&engine, sound_of(&|sound| sound.rate_hz = 0), "0 Hz");
    refused(&engine, sound_of(&|sound| sound.rate_hz = 4_000_000), "4000000 Hz");
    refused(&engine, sound_of(&|sound| sound.channels = 0), "0 channels");
    refused(&engine, sound_of(&|sound| sound.channels = 3), "3 channels");
    refused(&engine, Ask { language: Some("xx".into()), ..ask(one()) }, "does not know \"xx\"");
    refused(&english(), Ask { language: Some("en".into()), ..ask(one()) }, "one language only");
    refused(&english(), Ask { goal: Goal::Translate, ..ask(one()) }, "the language that is spoken");
    refused(&engine, Ask { prompt: "sea ".repeat(60), ..ask(one()) }, "at most 19");
    refused(&engine, Ask { prompt: "a".repeat(20_000), ..ask(one()) }, "10,000");
    let how = |how: Sequential| Ask { form: Form::Sequential(how), ..ask(one()) };
    refused(&engine, how(NEVER), "0 are not from 1 to 20");
    refused(
        &engine,
        how(Sequential { temperatures: vec![-1.], ..NEVER }),
        "-1 is not from 0 to 100",
    );
    refused(&engine, how(Sequential { temperatures: vec![f32::NAN], ..NEVER }), "NaN");
    refused(&engine, how(Sequential { log_probability: None, ..once() }), "log-probability");
    refused(&engine, how(Sequential { no_speech: Some(f32::NAN), ..once() }), "no speech");
    let place = heard(&engine, ask(one())).place;
    for from_s in [-1., 5., f64::NAN, f64::INFINITY] {
        let place = Some(Place { from_s, ..place.clone() });
        refused(&engine, Ask { place, ..ask(one()) }, "outside the sound");
    }
    let place = Some(Place { from_s: 0., known: vec![255; 9] });
    refused(&engine, Ask { place, ..ask(one()) }, "cannot decode");
}

#[test]
fn a_checkpoint_that_is_no_whisper_is_refused_in_words() {
    let check = |name: &'static str, fields: Value, words: &str| {
        let engine = tiny(&[(name, changed(name, fields))]);
        let said = call(&engine, None).1.unwrap_err().to_string();
        assert!(said.contains(words), "`{said}` lacks `{words}`");
    };
    check("preprocessor_config.json", json!({"hop_length": 128}), "hop_length of 128");
    check("preprocessor_config.json", json!({"sampling_rate": 8000}), "sampling_rate of 8000");
    check("generation_config.json", json!({"lang_to_id": null}), "lang_to_id");
    check("generation_config.json", json!({"lang_to_id": {"<|en|>": 999}}), "<|en|>");
    check("generation_config.json", json!({"decoder_start_token_id": 5}), "two models");
    check("generation_config.json", json!({"suppress_tokens": [9999]}), "9999");
    let plain = String::from_utf8(read("golden/transcribe/tokenizer.json")).unwrap();
    let other = plain.replace("<|notimestamps|>", "<|notimes|>").into_bytes();
    let said = call(&tiny(&[("tokenizer.json", other)]), None).1.unwrap_err().to_string();
    assert!(said.contains("<|notimestamps|>"), "{said}");
}
