//! Texts that encoder-decoders make of texts, through the worker's door: against `golden/written.py`, and
//! what is asked of each task besides.

use crate::engine::{Bytes, Engine, read, said};
use api::{
    Asked, Failure, Precision, Task,
    chat::{self, Chat, End, Role, Sampling},
    summarize::{self, Summarize},
    translate::{self, Segment, Translate},
};
use serde_json::{Value, json};

/// A tiny checkpoint with its tokenizer, and some files changed or added.
fn tiny(kind: &str, more: &[(&str, Bytes)]) -> Engine {
    let of = |name: &str| read(&format!("golden/written/{kind}/{name}"));
    let names = ["config.json", "generation_config.json", "model.safetensors"];
    let mut files: Vec<(&str, Bytes)> = names.map(|name| (name, of(name))).into();
    if kind == "marian" {
        files.push(("source.spm", read("golden/text/marian.spm")));
        files.push(("vocab.json", read("golden/text/marian.vocab.json")));
        files.push((
            "tokenizer_config.json",
            br#"{"source_lang": "en", "target_lang": "fra"}"#.into(),
        ));
    } else {
        files.push(("tokenizer.json", read(&format!("golden/text/{kind}.json"))));
    }
    for (name, body) in more {
        files.retain(|(other, _)| other != name);
        files.push((name, body.clone()));
    }
    Engine::with("tiny", &files)
}

fn cases(kind: &str) -> Vec<Value> {
    serde_json::from_slice(&read(&format!("golden/written/{kind}/cases.json"))).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// What a task answers, and what it showed early.
fn run<T: Task>(
    engine: &Engine,
    input: &T::Input,
) -> (Vec<T::Partial>, Result<T::Output, Failure>) {
    engine.call::<T>(input, Box::new(|_| false))
}

fn into(text: &str, source: &str, target: &str) -> Asked<translate::Ask> {
    let ask = translate::Ask {
        text: text.into(),
        source: source.into(),
        target: target.into(),
        beams: None,
    };
    Asked { model: "tiny".into(), precision: Precision::Stored, ask: Some(ask) }
}

#[track_caller]
fn segments(engine: &Engine, input: &Asked<translate::Ask>) -> Vec<Segment> {
    run::<Translate>(engine, input).1.unwrap().segments
}

fn short(text: &str, lengths: (Option<u32>, Option<u32>)) -> Asked<summarize::Ask> {
    let (min_tokens, max_tokens) = lengths;
    let ask = Some(summarize::Ask { text: text.into(), min_tokens, max_tokens });
    Asked { model: "tiny".into(), precision: Precision::Stored, ask }
}

#[track_caller]
fn refused<T: Task>(engine: &Engine, input: &T::Input, words: &str) {
    match run::<T>(engine, input).1 {
        Ok(_) => panic!("not refused: {words}"),
        Err(why) => assert!(why.to_string().contains(words), "`{why}` lacks `{words}`"),
    }
}

#[test]
fn translations_are_the_references() {
    for kind in ["nllb", "marian"] {
        let engine = tiny(kind, &[]);
        for case in cases(kind) {
            let input = into(text(&case["text"]), text(&case["source"]), text(&case["target"]));
            let got = segments(&engine, &input);
            assert_eq!(got.len(), 1, "{case}");
            assert_eq!(got[0].target, text(&case["answer"]), "{case}");
            assert_eq!(got[0].source, text(&case["text"]));
            assert!(!got[0].part);
        }
    }
}

#[test]
fn t5_is_told_in_words_what_to_do() {
    let engine = tiny("t5", &[]);
    let mut done = 0;
    for case in cases("t5") {
        let of =
            |target| segments(&engine, &into(text(&case["text"]), "en", target)).remove(0).target;
        let got = match text(&case["task"]) {
            "translation_en_to_de" => of("de"),
            "translation_en_to_fr" => of("fr"),
            _ => {
                let input = short(text(&case["text"]), (None, None));
                let rounds = run::<Summarize>(&engine, &input).1.unwrap().rounds;
                rounds[0][0].summary.text.clone()
            }
        };
        assert_eq!(got, text(&case["answer"]), "{case}");
        done += 1;
    }
    assert_eq!(done, 9);
    refused::<Translate>(
        &engine,
        &into("a", "de", "en"),
        "source: this model has no language `de`: it has en",
    );
}

#[test]
fn summaries_are_the_references() {
    let engine = tiny("bart", &[]);
    for case in cases("bart") {
        let (partials, output) =
            run::<Summarize>(&engine, &short(text(&case["text"]), (None, None)));
        let summarize::Output { model, rounds } = output.unwrap();
        let chunk = &rounds[0][0];
        assert_eq!((rounds.len(), rounds[0].len()), (1, 1));
        assert_eq!(chunk.summary.text, text(&case["answer"]), "{case}");
        let tokens = case["answer_ids"].as_array().unwrap().len() as u32 - 1;
        assert_eq!(chunk.summary.tokens, tokens);
        assert_eq!(chunk.summary.unfinished, tokens == 21, "{case}");
        assert_eq!((model.window_tokens, model.min_tokens, model.max_tokens), (64, 5, 21));
        let done: Vec<_> = partials
            .iter()
            .filter(|partial| !matches!(partial, summarize::Partial::Loading(_)))
            .cloned()
            .collect();
        let round = summarize::Partial::Round { chunks: vec![text(&case["text"]).to_owned()] };
        assert_eq!(done, [round, summarize::Partial::Done(chunk.summary.clone())]);
    }
}

fn talk(case: &Value) -> chat::Ask {
    let roles = [Role::User, Role::Assistant].into_iter().cycle();
    let messages = case["messages"].as_array().unwrap().iter().zip(roles);
    let messages = messages.map(|(message, role)| said(role, text(message))).collect();
    chat::Ask { messages, answers: 1, sampling: Sampling::default() }
}

fn answered(engine: &Engine, ask: chat::Ask) -> (Vec<chat::Partial>, Vec<chat::Answer>) {
    let (partials, output) =
        run::<Chat>(engine, &chat::Input { model: "tiny".into(), ask: Some(ask) });
    (partials, output.unwrap().answers)
}

#[test]
fn a_conversation_with_blenderbot_is_the_references() {
    let engine = tiny("blenderbot", &[]);
    for case in cases("blenderbot") {
        let (partials, answers) = answered(&engine, talk(&case));
        let chat::Answer { text: got, cost, .. } = &answers[0];
        assert_eq!(got, text(&case["answer"]), "{case}");
        assert_eq!(json!(cost.left_out_tokens), case["left_out"], "{case}");
        assert_eq!(cost.prompt_tokens as usize, case["ids"].as_array().unwrap().len());
        assert_eq!(&crate::engine::shown(&partials, 1)[0], got);
    }
    let about =
        run::<Chat>(&engine, &chat::Input { model: "tiny".into(), ask: None }).1.unwrap().model;
    assert_eq!((about.architecture.as_str(), about.context_tokens), ("blenderbot", 64));
}

#[test]
fn blenderbot_draws_stops_and_ends_as_it_is_asked_to() {
    let engine = tiny("blenderbot", &[]);
    let warm = |seed| Sampling { temperature: 1.0, seed, ..Sampling::default() };
    let drawn = |sampling: Sampling, answers| {
        let case = json!({ "messages": ["Hello, you!"] });
        answered(&engine, chat::Ask { sampling, answers, ..talk(&case) })
    };
    let (partials, answers) = drawn(warm(3), 3);
    let texts: Vec<_> = answers.iter().map(|answer| answer.text.clone()).collect();
    assert_eq!(crate::engine::shown(&partials, 3), texts, "what is shown early is the answer");
    assert_ne!(texts[0], texts[1]);
    for (seed, text) in (3..).zip(&texts) {
        assert_eq!(&drawn(warm(seed), 1).1[0].text, text, "seed {seed}");
    }
    let stop: String = texts[0].chars().skip(3).take(2).collect();
    let stopped = drawn(Sampling { stop: vec![stop.clone()], ..warm(3) }, 1).1.remove(0);
    assert_eq!(stopped.text, texts[0][..texts[0].find(&stop).unwrap()]);
    assert_eq!(stopped.end, End::StopString(stop.clone()));
    let four = drawn(Sampling { max_tokens: 4, ..warm(3) }, 1).1.remove(0);
    assert_eq!((four.cost.answer_tokens, four.end), (4, End::Length));
    let beams = drawn(Sampling::default(), 1).1.remove(0).text;
    let stop: String = beams.chars().skip(2).take(2).collect();
    let stopped =
        drawn(Sampling { stop: vec![stop.clone()], ..Sampling::default() }, 1).1.remove(0);
    assert_eq!(
        (stopped.text.as_str(), stopped.end),
        (&beams[..beams.find(&stop).unwrap()], End::StopString(stop))
    );
    let case = json!({ "messages": ["Hello!"] });
    let sampling = Sampling { presence_penalty: 0.5, ..Sampling::default() };
    let ask = chat::Ask { sampling, ..talk(&case) };
    refused::<Chat>(
        &engine,
        &chat::Input { model: "tiny".into(), ask: Some(ask) },
        "presence penalty",
    );
}

#[test]
fn a_model_tells_its_languages() {
    let about = |kind: &str| {
        let input = Asked { ask: None, ..into("", "", "") };
        run::<Translate>(&tiny(kind, &[]), &input).1.unwrap().model
    };
    let nllb = about("nllb");
    assert_eq!((nllb.sources.len(), nllb.targets.len(), nllb.beams), (202, 202, 2));
    assert!(nllb.sources.iter().any(|one| (&*one.code, &*one.name) == ("fra_Latn", "French")));
    assert!(nllb.sources.is_sorted_by(|a, b| a.name < b.name));
    let marian = about("marian");
    let codes =
        |all: &[translate::Language]| all.iter().map(|one| one.code.clone()).collect::<Vec<_>>();
    assert_eq!(
        (codes(&marian.sources), codes(&marian.targets)),
        (vec!["en".into()], vec!["fra".into()])
    );
    let t5 = about("t5");
    assert_eq!(
        (codes(&t5.sources), codes(&t5.targets)),
        (vec!["en".into()], vec!["fr".into(), "de".into()])
    );
}

#[test]
fn a_long_text_comes_back_aligned_and_with_its_lines() {
    let engine = tiny("nllb", &[]);
    let long = "One.  Two!\n\n\tThree is a title\r\n".repeat(20) + &"word ".repeat(90) + "\n";
    let (partials, output) = run::<Translate>(&engine, &into(&long, "eng_Latn", "fra_Latn"));
    let segments = output.unwrap().segments;
    let whole: String = segments.iter().map(|one| format!("{}{}", one.lead, one.source)).collect();
    assert_eq!(whole, long.trim_end());
    assert_eq!(segments[1].lead, "  ");
    assert_eq!(segments[2].lead, "\n\n\t");
    assert!(segments[..60].iter().all(|one| !one.part && !one.target.is_empty()));
    assert!(segments.len() > 62 && segments[60..].iter().all(|one| one.part));
    let told: Vec<_> = partials
        .iter()
        .filter_map(|partial| match partial {
            translate::Partial::Done(segment) => Some(segment.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told, segments);
    let split = translate::Partial::Split { segments: segments.len() as u32 };
    assert!(partials.contains(&split));
    let alone = self::segments(&engine, &into("Two!", "eng_Latn", "fra_Latn"));
    assert_eq!(alone[0].target, segments[1].target);
}

#[test]
fn a_stop_ends_a_translation_and_the_next_is_made() {
    let engine = tiny("nllb", &[]);
    let input = into(&"One. Two! ".repeat(50), "eng_Latn", "fra_Latn");
    let some = |partial: &translate::Partial| matches!(partial, translate::Partial::Done(_));
    let (partials, end) = engine.call::<Translate>(&input, Box::new(some));
    assert_eq!(end.err(), Some(Failure::Stopped));
    assert_eq!(partials.iter().filter(|partial| some(partial)).count(), 1);
    let opened = engine.shelf.opened.borrow().len();
    assert_eq!(segments(&engine, &into("One. Two!", "eng_Latn", "fra_Latn")).len(), 2);
    assert_eq!(engine.shelf.opened.borrow().len(), opened, "it stays loaded");
}

#[test]
fn what_cannot_be_translated_is_refused_in_words() {
    let engine = tiny("nllb", &[]);
    let ask = |text: &str, source, target| into(text, source, target);
    refused::<Translate>(&engine, &ask(" \n", "eng_Latn", "fra_Latn"), "text: it is empty");
    let long = "x".repeat(translate::MOST_CHARACTERS + 1);
    refused::<Translate>(&engine, &ask(&long, "eng_Latn", "fra_Latn"), "1,000,001 characters");
    let mut many = ask("a", "eng_Latn", "fra_Latn");
    many.ask.as_mut().unwrap().beams = Some(17);
    refused::<Translate>(&engine, &many, "beams: 17 is not from 1 to 16");
    assert!(engine.shelf.opened.borrow().is_empty(), "refused before anything is loaded");
    let words = "target: this model has no language `fr`: it has ace_Arab, ace_Latn,";
    refused::<Translate>(&engine, &ask("a", "eng_Latn", "fr"), words);
    refused::<Translate>(
        &engine,
        &ask("a", "</s>", "fra_Latn"),
        "source: this model has no language `</s>`",
    );
    refused::<Translate>(&tiny("bart", &[]), &ask("a", "en", "fr"), "it is no translator");
    let other = tiny("nllb", &[("tokenizer.json", read("golden/text/bart.json"))]);
    refused::<Translate>(&other, &ask("a", "en", "fr"), "names a language");
    let other = tiny("bart", &[("tokenizer.json", read("golden/text/nllb.json"))]);
    refused::<Summarize>(&other, &short("a", (None, None)), "they belong to two models");
    let bare = Engine::with("tiny", &[("config.json", read("golden/written/bart/config.json"))]);
    refused::<Summarize>(&bare, &short("a", (None, None)), "tokenizer.json is missing");
}

#[test]
fn beams_and_precision_are_as_asked() {
    let engine = tiny("nllb", &[]);
    let mut input = into("a b c", "eng_Latn", "fra_Latn");
    let own = segments(&engine, &input);
    let mut with = |beams, precision| {
        input.ask.as_mut().unwrap().beams = Some(beams);
        input.precision = precision;
        segments(&engine, &input)
    };
    assert_eq!(with(2, Precision::Stored), own);
    assert_ne!(with(1, Precision::Stored), own);
    // Sixteen steps between the least and the largest of 32 weights change what a drawn network says.
    let rounded = with(2, Precision::Q4_0);
    assert!(!rounded[0].target.is_empty());
    assert_ne!(rounded, own);
}

#[test]
fn a_long_text_is_summarized_in_rounds() {
    let engine = tiny("bart", &[]);
    let long = "The tower is tall. It was built long ago! Nobody knows why?\n\n".repeat(9);
    let (partials, output) = run::<Summarize>(&engine, &short(&long, (Some(2), Some(12))));
    let rounds = output.unwrap().rounds;
    assert!(rounds.len() > 1 && rounds[0].len() > 2, "{}", rounds.len());
    assert!(rounds.is_sorted_by(|a, b| a.len() > b.len()));
    assert_eq!(rounds.last().unwrap().len(), 1);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let first: Vec<_> = rounds[0].iter().flat_map(|chunk| words(&chunk.text)).collect();
    assert_eq!(first, words(&long), "every sentence is in one chunk");
    for pair in rounds.windows(2) {
        let said: Vec<_> = pair[0].iter().flat_map(|chunk| words(&chunk.summary.text)).collect();
        let read: Vec<_> = pair[1].iter().flat_map(|chunk| words(&chunk.text)).collect();
        assert_eq!(said, read);
    }
    assert!(rounds.iter().flatten().all(|chunk| (2..=12).contains(&chunk.summary.tokens)));
    let shown = partials.iter().filter(|one| matches!(one, summarize::Partial::Round { .. }));
    assert_eq!(shown.count(), rounds.len());
    let again = |partial: &summarize::Partial| matches!(partial, summarize::Partial::Done(_));
    let stopped = engine.call::<Summarize>(&short(&long, (None, None)), Box::new(again)).1;
    assert_eq!(stopped.err(), Some(Failure::Stopped));
}

#[test]
fn what_cannot_be_summarized_is_refused_in_words() {
    let engine = tiny("bart", &[]);
    refused::<Summarize>(&engine, &short("\t", (None, None)), "text: it is empty");
    refused::<Summarize>(&engine, &short("a", (None, Some(0))), "at least one token");
    refused::<Summarize>(
        &engine,
        &short("a", (Some(9), Some(8))),
        "fewest tokens: 9 are more than the 8",
    );
    refused::<Summarize>(
        &engine,
        &short("a", (None, Some(65))),
        "most tokens: this model writes at most 64",
    );
    let long = "x".repeat(summarize::MOST_CHARACTERS + 1);
    refused::<Summarize>(&engine, &short(&long, (None, None)), "1,000,001 characters");
}
