//! Pictures through the worker's door to captions, answers and matches, against `golden/blip.py`.

use crate::{
    engine::{Bytes, Engine, read},
    near::FLOAT_ERROR,
    pictures::{generated, png, square},
};
use api::{
    Asked, Failure, Precision, Task,
    blip::{MOST_CHARACTERS, NEW_TOKENS, Partial, Written},
    caption::{self, Caption},
    itm::{self, Itm, MOST_TEXTS},
    picture::Picture,
    vqa::{self, Vqa},
};
use serde_json::Value;

/// The files of a tiny seeded BLIP.
fn files(kind: &str) -> Vec<(&'static str, Bytes)> {
    let own = ["config.json", "model.safetensors"].map(|name| (name, format!("{kind}/{name}")));
    let shared = ["preprocessor_config.json", "tokenizer.json"].map(|name| (name, name.to_owned()));
    let all = own.into_iter().chain(shared);
    all.map(|(name, path)| (name, read(&format!("golden/blip/{path}")))).collect()
}

fn tiny(kind: &str) -> Engine {
    Engine::with("tiny", &files(kind))
}

/// A tiny one with a file changed, or without it.
fn with(kind: &str, name: &str, change: impl Fn(String) -> Option<String>) -> Engine {
    let mut files = files(kind);
    let at = files.iter().position(|(known, _)| *known == name).unwrap();
    match change(String::from_utf8(files[at].1.clone()).unwrap()) {
        Some(text) => files[at].1 = text.into(),
        None => drop(files.remove(at)),
    }
    Engine::with("tiny", &files)
}

fn input<A>(ask: Option<A>) -> Asked<A> {
    Asked { model: "tiny".into(), precision: Precision::Stored, ask }
}

fn run<T: Task>(engine: &Engine, input: T::Input) -> (Vec<T::Partial>, Result<T::Output, Failure>) {
    engine.call::<T>(&input, Box::new(|_| false))
}

#[track_caller]
fn refused<T: Task>(engine: &Engine, input: T::Input, words: &str) {
    let said = run::<T>(engine, input).1.err().unwrap().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

fn describe(picture: Picture, prefix: &str, max_new_tokens: u32) -> Asked<caption::Ask> {
    input(Some(caption::Ask { picture, prefix: prefix.into(), max_new_tokens }))
}

fn question(picture: Picture, question: &str) -> Asked<vqa::Ask> {
    input(Some(vqa::Ask { picture, question: question.into() }))
}

fn texts(picture: Picture, texts: &[&str]) -> Asked<itm::Ask> {
    let texts = texts.iter().map(|&text| text.to_owned()).collect();
    input(Some(itm::Ask { picture, texts }))
}

fn cases(kind: &str) -> Vec<Value> {
    let cases: Vec<Value> =
        serde_json::from_slice(&read(&format!("golden/blip/{kind}/cases.json"))).unwrap();
    assert!(cases.len() > 10);
    cases
}

fn shown(case: &Value) -> Picture {
    generated(case["picture"].as_str().unwrap())
}

/// What was written is what the reference has written, and came word by word.
#[track_caller]
fn check(case: &Value, (partials, written): (Vec<Partial>, Written), begun: usize) {
    assert_eq!(case["answer"].as_str().unwrap(), written.text, "{case}");
    let ids = case["ids"].as_array().unwrap();
    let ended = ids.last().unwrap().as_u64() == Some(3);
    assert_eq!(written.new_tokens as usize, ids.len() - begun - usize::from(ended), "{case}");
    assert_eq!(written.unfinished, !ended, "{case}");
    let told: Vec<_> = partials
        .iter()
        .filter_map(|partial| match partial {
            Partial::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told.len() as u32, written.new_tokens);
    assert_eq!(told.last().copied().unwrap_or(&written.text), written.text);
}

#[test]
fn captions_are_the_references() {
    let engine = tiny("caption");
    for case in cases("caption") {
        let prefix = case["text"].as_str().unwrap_or_default();
        let most = case["most"].as_u64().map_or(NEW_TOKENS, |most| most as u32);
        let (partials, output) = run::<Caption>(&engine, describe(shown(&case), prefix, most));
        let begun = match prefix {
            "" => 1,
            "a picture of" => 4,
            _ => 7,
        };
        check(&case, (partials, output.unwrap().caption.unwrap()), begun);
    }
}

#[test]
fn answers_are_the_references() {
    let engine = tiny("vqa");
    for case in cases("vqa").iter().filter(|case| case["most"].is_null()) {
        let asked = question(shown(case), case["text"].as_str().unwrap());
        let (partials, output) = run::<Vqa>(&engine, asked);
        check(case, (partials, output.unwrap().answer.unwrap()), 1);
    }
}

#[test]
fn texts_fit_as_well_as_the_reference_finds() {
    let (engine, cases) = (tiny("itm"), cases("itm"));
    for some in cases.chunks(4) {
        let said: Vec<_> = some.iter().map(|case| case["text"].as_str().unwrap()).collect();
        let (partials, output) = run::<Itm>(&engine, texts(shown(&some[0]), &said));
        let fits = output.unwrap().fits;
        assert_eq!(fits.len(), 4);
        for (fit, case) in fits.iter().zip(some) {
            let near = |got: f32, name: &str| {
                let want = case[name].as_f64().unwrap() as f32;
                assert!((got - want).abs() <= FLOAT_ERROR, "{name}: {got} for {case}");
            };
            assert_eq!(fit.text, case["text"].as_str().unwrap());
            near(fit.probability, "probability");
            near(fit.cosine, "cosine");
        }
        let last = Partial::Reading { done_texts: 3, total_texts: 4 };
        assert_eq!(partials.last(), Some(&last));
    }
}

#[test]
fn a_picture_that_is_asked_about_again_is_not_looked_at_again() {
    let engine = tiny("vqa");
    let looked = |picture: &str| {
        let (partials, output) = run::<Vqa>(&engine, question(generated(picture), "what is it"));
        (partials.contains(&Partial::Looking), output.unwrap().answer)
    };
    let (first, second) = (looked("17x30"), looked("17x30"));
    assert_eq!((first.0, second.0), (true, false));
    assert_eq!(first.1, second.1);
    let other = looked("61x44");
    assert!(other.0 && other.1 != first.1);
    let opened = engine.shelf.opened.borrow().len();
    assert_eq!(looked("17x30"), first);
    assert_eq!(engine.shelf.opened.borrow().len(), opened, "the model stays loaded");
}

#[test]
fn a_model_tells_what_it_is() {
    let (partials, output) = run::<Caption>(&tiny("caption"), input(None));
    let caption::Output { model, caption } = output.unwrap();
    assert!(caption.is_none() && partials.iter().all(|one| matches!(one, Partial::Loading(_))));
    assert_eq!((model.name.as_str(), model.side_px, model.window_tokens), ("tiny", 18, 40));
    assert_eq!(run::<Vqa>(&tiny("vqa"), input(None)).1.unwrap().answer, None);
    assert_eq!(run::<Itm>(&tiny("itm"), input(None)).1.unwrap().fits, []);
}

#[test]
fn what_cannot_be_read_is_told() {
    let (caption, vqa, itm) = (tiny("caption"), tiny("vqa"), tiny("itm"));
    let picture = || generated("17x30");
    let flat = || Picture { width: 3, height: 2, rgb: vec![0; 17] };
    let (long, wordy) = ("x".repeat(MOST_CHARACTERS + 1), "the man ".repeat(20));
    refused::<Vqa>(&vqa, question(picture(), " \n"), "question: it is empty");
    refused::<Vqa>(&vqa, question(picture(), &long), "question: it has 2,001 characters");
    refused::<Vqa>(&vqa, question(flat(), "what"), "picture: 3 × 2 pixels are 18 bytes, not 17");
    refused::<Caption>(&caption, describe(picture(), &long, 5), "prefix: it has 2,001");
    refused::<Caption>(&caption, describe(picture(), "", 0), "a caption needs at least one");
    refused::<Itm>(&itm, texts(picture(), &[]), "texts: there are none");
    refused::<Itm>(&itm, texts(picture(), &["a", ""]), "text 2: it is empty");
    refused::<Itm>(&itm, texts(picture(), &vec!["a"; MOST_TEXTS + 1]), "201 are too many at once");
    for engine in [&caption, &vqa, &itm] {
        assert!(engine.shelf.opened.borrow().is_empty(), "refused before anything is loaded");
    }
    let words = "it takes 42 tokens, and this model reads 40: shorten it";
    refused::<Vqa>(&vqa, question(picture(), &wordy), &format!("question: {words}"));
    refused::<Caption>(&caption, describe(picture(), &wordy, 5), &format!("prefix: {words}"));
    refused::<Itm>(&itm, texts(picture(), &["a", &wordy]), &format!("text 2: {words}"));
    let whole = "the man ".repeat(19);
    let written = run::<Caption>(&caption, describe(picture(), &whole, 50)).1.unwrap().caption;
    assert_eq!(written.unwrap().new_tokens, 1, "positions end");
    for (width, height) in [(1, 1), (5_000, 1), (1, 5_000)] {
        let rgb = [200, 40, 40].repeat((width * height) as usize);
        let thin = Picture { width, height, rgb };
        assert!(run::<Vqa>(&vqa, question(thin.clone(), "what")).1.unwrap().answer.is_some());
        assert!(run::<Caption>(&caption, describe(thin, "", 3)).1.unwrap().caption.is_some());
    }
}

#[test]
fn a_stop_ends_it_and_the_next_question_is_answered() {
    let engine = tiny("caption");
    let asked = || describe(generated("17x30"), "", NEW_TOKENS);
    let whole = run::<Caption>(&engine, asked()).1.unwrap();
    let enough = |partial: &Partial| matches!(partial, Partial::Text(text) if text.len() > 8);
    let (partials, end) = engine.call::<Caption>(&asked(), Box::new(enough));
    assert_eq!(end, Err(Failure::Stopped));
    assert!(matches!(partials.last(), Some(Partial::Text(_))));
    assert_eq!(run::<Caption>(&engine, asked()).1.unwrap(), whole);
}

#[test]
fn files_that_do_not_fit_together_or_are_for_another_task_are_told() {
    refused::<Vqa>(&tiny("caption"), input(None), "describes pictures: open it where");
    refused::<Caption>(&tiny("itm"), input(None), "how well a text fits a picture");
    refused::<Itm>(&tiny("vqa"), input(None), "answers questions about pictures");
    for missing in ["tokenizer.json", "preprocessor_config.json", "config.json"] {
        let engine = with("vqa", missing, |_| None);
        refused::<Vqa>(&engine, input(None), &format!("{missing} is missing"));
    }
    let other = with("vqa", "config.json", |text| Some(text.replace("\"blip\"", "\"git\"")));
    refused::<Vqa>(&other, input(None), "\"git\" does not tell of pictures");
    let small = with("vqa", "preprocessor_config.json", |text| Some(text.replace("18", "16")));
    refused::<Vqa>(&small, question(generated("17x30"), "what"), "16 × 16, and the network looks");
    let few = with("vqa", "config.json", |text| {
        let text = text.replace("\"vocab_size\": 74", "\"vocab_size\": 70");
        Some(text.replace("\"bos_token_id\": 72", "\"bos_token_id\": 2"))
    });
    refused::<Vqa>(&few, input(None), "knows 72 tokens and config.json 70");
}

/// What `recipes/blip/evaluate.py` has written of a model of the site, with its pictures.
struct Promised {
    golden: Value,
    engine: Engine,
    pictures: Vec<Picture>,
}

impl Promised {
    fn of(task: &str) -> Self {
        let golden = read(&format!("golden/default_{task}.json"));
        let golden: Value = serde_json::from_slice(&golden).unwrap();
        let sheet = png("golden/default_classify.png");
        let side = golden["side"].as_u64().unwrap() as u32;
        let pictures = (0..100).map(|at| square(&sheet, side, at)).collect();
        Self { golden, engine: Engine::shipped(&format!("wick-{task}")), pictures }
    }

    fn cases(&self) -> &[Value] {
        self.golden["cases"].as_array().unwrap()
    }

    fn ask<T: Task<Input = Asked<A>>, A>(&self, ask: Asked<A>) -> T::Output {
        let model = self.golden["model"].as_str().unwrap().into();
        run::<T>(&self.engine, Asked { model, ..ask }).1.unwrap()
    }

    /// Whether as many are right as the card says.
    #[track_caller]
    fn kept(&self, right: usize) {
        let share = right as f64 / self.cases().len() as f64;
        eprintln!("{right} of {} held-out answers are right: {share:.4}", self.cases().len());
        let promised = self.golden["accuracy"].as_f64().unwrap();
        assert!(self.cases().len() >= 100 && share >= promised - 1e-9, "{share}, not {promised}");
    }
}

#[test]
fn the_sites_captions_are_as_good_as_its_card_says() {
    let promised = Promised::of("caption");
    let mut right = 0;
    for (case, picture) in promised.cases().iter().zip(&promised.pictures) {
        let asked = describe(picture.clone(), "", NEW_TOKENS);
        let got = promised.ask::<Caption, _>(asked).caption.unwrap();
        assert_eq!(got.text, case["caption"].as_str().unwrap());
        right += usize::from(case["right"] == true);
    }
    promised.kept(right);
}

#[test]
fn the_sites_answers_are_as_good_as_its_card_says() {
    let promised = Promised::of("vqa");
    let mut right = 0;
    for case in promised.cases() {
        let picture = &promised.pictures[case["picture"].as_u64().unwrap() as usize];
        let asked = question(picture.clone(), case["question"].as_str().unwrap());
        let got = promised.ask::<Vqa, _>(asked).answer.unwrap();
        assert_eq!(got.text, case["answer"].as_str().unwrap(), "{case}");
        right += usize::from(case["wanted"] == got.text);
    }
    promised.kept(right);
}

#[test]
fn the_sites_matches_are_as_good_as_its_card_says() {
    let promised = Promised::of("itm");
    let mut right = 0;
    for (case, picture) in promised.cases().iter().zip(&promised.pictures) {
        let of = |name: &str| -> Vec<f32> { serde_json::from_value(case[name].clone()).unwrap() };
        let said: Vec<String> = serde_json::from_value(case["texts"].clone()).unwrap();
        let said: Vec<_> = said.iter().map(String::as_str).collect();
        let fits = promised.ask::<Itm, _>(texts(picture.clone(), &said)).fits;
        let (probabilities, cosines) = (of("probabilities"), of("cosines"));
        for (fit, (probability, cosine)) in fits.iter().zip(probabilities.iter().zip(&cosines)) {
            assert!((fit.probability - probability).abs() < 1e-3, "{fit:?} for {case}");
            assert!((fit.cosine - cosine).abs() < 1e-3, "{fit:?} for {case}");
        }
        right += usize::from(fits[0].probability > fits[1].probability);
    }
    promised.kept(right);
}
