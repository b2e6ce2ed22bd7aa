//! Each task through the same door the worker uses: bytes in, bytes out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    path::Path,
    rc::Rc,
};

use api::{
    Failure, Task,
    chat::{Answer, Ask, Chat, Cost, End, Format, Input, Message, Output, Partial, Role, Sampling},
    wire,
};
use serde_json::{Value, json};
use tasks::{Files, Later, Memory, Port, Resident, Source};

const FAMILIES: &[&str] = &["llama", "qwen2", "qwen3", "gemma3", "phi3"];
/// What the clock gains whenever it is looked at: two looks are a report apart.
const TICK_MS: f64 = 30.0;

type Bytes = Vec<u8>;

/// Checkpoints in memory.
#[derive(Default)]
struct Shelf {
    models: RefCell<BTreeMap<String, BTreeMap<String, Bytes>>>,
    edition: Cell<u64>,
    opened: RefCell<Vec<String>>,
}

fn now<T: 'static>(value: Result<T, Failure>) -> Later<T> {
    Box::pin(std::future::ready(value))
}

impl Files for Shelf {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let names = self.models.borrow().get(model).map(|files| files.keys().cloned().collect());
        let reason = "it is not there".into();
        now(names.ok_or(Failure::Input { field: "model".into(), reason }))
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        self.opened.borrow_mut().push(format!("{model}/{file}"));
        now(Ok(Rc::new(Memory(self.models.borrow()[model][file].clone()))))
    }

    fn edition(&self, _model: &str) -> u64 {
        self.edition.get()
    }
}

/// One engine: what it can open, what it holds, its clock.
#[derive(Default)]
struct Engine {
    shelf: Rc<Shelf>,
    resident: Rc<Resident>,
    clock_ms: Rc<Cell<f64>>,
}

type Listener = Box<dyn Fn(&Partial) -> bool>;

/// Records partials, and hangs up when the listener says so.
struct Tape {
    shelf: Rc<Shelf>,
    resident: Rc<Resident>,
    clock_ms: Rc<Cell<f64>>,
    seen: RefCell<Vec<Partial>>,
    enough: Listener,
    stopped: Cell<bool>,
}

impl Port for Tape {
    fn partial(&self, body: Bytes) -> Later<()> {
        let partial = wire::decode(&body).unwrap();
        assert!(!self.stopped.get(), "{partial:?} came after the stop");
        self.stopped.set((self.enough)(&partial));
        self.seen.borrow_mut().push(partial);
        self.turn()
    }

    fn turn(&self) -> Later<()> {
        now(if self.stopped.get() { Err(Failure::Stopped) } else { Ok(()) })
    }

    fn now_ms(&self) -> f64 {
        self.clock_ms.set(self.clock_ms.get() + TICK_MS);
        self.clock_ms.get()
    }

    fn files(&self) -> Rc<dyn Files> {
        self.shelf.clone()
    }

    fn resident(&self) -> Rc<Resident> {
        self.resident.clone()
    }
}

impl Engine {
    fn with(model: &str, files: &[(&str, Bytes)]) -> Self {
        let engine = Self::default();
        engine.keep(model, files);
        engine
    }

    /// With one of the tiny seeded checkpoints.
    fn tiny(family: &str) -> Self {
        Self::with("tiny", &[("model.gguf", gguf(family))])
    }

    fn keep(&self, model: &str, files: &[(&str, Bytes)]) {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone()));
        self.shelf.models.borrow_mut().insert(model.into(), files.collect());
        self.shelf.edition.set(self.shelf.edition.get() + 1);
    }

    /// The single place that knows how a task is called.
    fn call(&self, input: &Input, enough: Listener) -> (Vec<Partial>, Result<Output, Failure>) {
        let tape = Rc::new(Tape {
            shelf: self.shelf.clone(),
            resident: self.resident.clone(),
            clock_ms: self.clock_ms.clone(),
            seen: RefCell::default(),
            enough,
            stopped: Cell::default(),
        });
        let entry = tasks::find(Chat::NAME).unwrap();
        let end = pollster::block_on((entry.run)(tape.clone(), wire::encode(input).unwrap()));
        let seen = tape.seen.borrow().clone();
        (seen, end.map(|body| wire::decode(&body).unwrap()))
    }

    fn run(&self, model: &str, ask: Option<Ask>) -> (Vec<Partial>, Result<Output, Failure>) {
        self.call(&Input { model: model.into(), ask }, Box::new(|_| false))
    }

    /// The answers of the model called `tiny`.
    #[track_caller]
    fn answers(&self, ask: &Ask) -> Vec<Answer> {
        self.run("tiny", Some(ask.clone())).1.unwrap().answers
    }

    #[track_caller]
    fn answer(&self, ask: &Ask) -> Answer {
        self.answers(ask).remove(0)
    }

    #[track_caller]
    fn refused(&self, ask: Option<Ask>, words: &str) {
        let said = self.run("tiny", ask).1.unwrap_err().to_string();
        assert!(said.contains(words), "`{said}` lacks `{words}`");
    }

    fn stopped(&self, ask: &Ask, enough: impl Fn(&Partial) -> bool + 'static) {
        let input = Input { model: "tiny".into(), ask: Some(ask.clone()) };
        assert_eq!(self.call(&input, Box::new(enough)).1, Err(Failure::Stopped));
    }
}

fn read(path: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn gguf(family: &str) -> Bytes {
    read(&format!("golden/decoder/{family}/model-float.gguf"))
}

/// `bytes` with the one `old` in it replaced by as many `new`.
fn patched(bytes: &[u8], old: &[u8], new: &[u8]) -> Bytes {
    assert_eq!(old.len(), new.len());
    let mut places = bytes.windows(old.len()).enumerate().filter(|(_, window)| *window == old);
    let (at, _) = places.next().unwrap();
    assert!(places.next().is_none(), "there are two");
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

/// The tiny llama with a context of so many tokens.
fn short(context: u32) -> Engine {
    let value =
        |tokens: u32| [b"llama.context_length\x04\0\0\0", &tokens.to_le_bytes()[..]].concat();
    let bytes = patched(&gguf("llama"), &value(4096), &value(context));
    Engine::with("tiny", &[("model.gguf", bytes)])
}

fn said(role: Role, text: &str) -> Message {
    Message { role, text: text.into() }
}

fn ask(text: &str) -> Ask {
    Ask { messages: vec![said(Role::User, text)], answers: 1, sampling: sampling() }
}

fn sampling() -> Sampling {
    Sampling { max_tokens: 40, ..Sampling::default() }
}

fn warm(seed: u64) -> Sampling {
    Sampling { temperature: 1.0, seed, ..sampling() }
}

fn without_times(mut answer: Answer) -> Answer {
    let Cost { prompt_tokens, answer_tokens, .. } = answer.cost;
    answer.cost = Cost { prompt_tokens, answer_tokens, ..Cost::default() };
    answer
}

/// What was shown of each answer.
fn shown(partials: &[Partial], answers: usize) -> Vec<String> {
    let mut texts = vec![String::new(); answers];
    for partial in partials {
        if let Partial::Text { answer, text } = partial {
            assert!(!text.is_empty());
            texts[usize::from(*answer)].push_str(text);
        }
    }
    texts
}

#[test]
fn what_is_shown_early_is_the_answer_for_every_architecture() {
    for family in FAMILIES {
        for file in ["model-float.gguf", "model-q8_0.gguf"] {
            let bytes = read(&format!("golden/decoder/{family}/{file}"));
            let engine = Engine::with("tiny", &[(file, bytes)]);
            let question =
                Ask { answers: 2, sampling: warm(3), ..ask("Grüße, the 😀 is here") };
            let (partials, output) = engine.run("tiny", Some(question));
            let Output { model, answers } = output.unwrap();
            let texts: Vec<_> = answers.iter().map(|answer| answer.text.clone()).collect();
            assert_eq!(shown(&partials, 2), texts, "{family}");
            assert!(texts.iter().any(|text| text.chars().count() > 9), "{family}");
            assert_eq!(model.architecture, *family);
            assert_eq!(model.name, format!("tiny seeded {family}"));
            assert_eq!((model.format, model.context_tokens), (Format::Own, 4096));
        }
    }
}

#[test]
fn stopping_anywhere_leaves_the_next_answer_as_it_would_be() {
    let long = "the one and the other ".repeat(9);
    for family in FAMILIES {
        let want = without_times(Engine::tiny(family).answer(&ask(&long)));
        let engine = Engine::tiny(family);
        engine.stopped(&ask(&long), |partial| matches!(partial, Partial::Reading { .. }));
        assert_eq!(without_times(engine.answer(&ask(&long))), want, "{family}");
        let shown = Cell::new(0);
        engine.stopped(&ask("another"), move |partial| {
            shown.set(shown.get() + usize::from(matches!(partial, Partial::Text { .. })));
            shown.get() == 7
        });
        assert_eq!(without_times(engine.answer(&ask(&long))), want, "{family}");
        let again = engine.answer(&ask(&long));
        assert_eq!(again.cost.kept_tokens, again.cost.prompt_tokens - 1, "{family}");
        assert_eq!(without_times(again), want, "{family}");
    }
}

#[test]
fn a_second_turn_keeps_the_first_and_answers_the_same() {
    for family in FAMILIES {
        let engine = Engine::tiny(family);
        let first = engine.answer(&ask("the first of them"));
        assert_eq!(first.cost.kept_tokens, 0);
        let mut question = ask("the first of them");
        question.messages.push(said(Role::Assistant, &first.text));
        question.messages.push(said(Role::User, "and the second"));
        let second = engine.answer(&question);
        let kept = second.cost.kept_tokens;
        assert!(kept + 2 > first.cost.prompt_tokens, "{family} kept {kept} tokens");
        assert!(kept < second.cost.prompt_tokens);
        let fresh = Engine::tiny(family).answer(&question);
        assert_eq!(fresh.cost.kept_tokens, 0);
        assert_eq!(without_times(second), without_times(fresh), "{family}");
    }
}

#[test]
fn each_of_several_answers_is_the_one_its_seed_gives() {
    let engine = Engine::tiny("qwen3");
    let answers = engine.answers(&Ask { answers: 3, sampling: warm(5), ..ask("hi") });
    let texts: Vec<_> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert!(texts[0] != texts[1] && texts[1] != texts[2], "{texts:?}");
    for (seed, answer) in (5..).zip(&answers) {
        let alone = Engine::tiny("qwen3").answer(&Ask { sampling: warm(seed), ..ask("hi") });
        assert_eq!(without_times(alone), without_times(answer.clone()), "seed {seed}");
    }
    for answers in [0, 9] {
        engine.refused(Some(Ask { answers, ..ask("hi") }), "answers: ask for 1 to 8 of them");
    }
}

#[test]
fn times_of_answers_do_not_overlap() {
    let engine = Engine::tiny("llama");
    engine.run("tiny", None).1.unwrap();
    let begin = engine.clock_ms.get();
    let answers = engine.answers(&Ask { answers: 4, ..ask("hi") });
    let took = engine.clock_ms.get() - begin;
    let each = answers.iter().map(|answer| answer.cost.first_token_ms + answer.cost.answer_ms);
    let sum: f64 = each.sum();
    assert!(0.0 < sum && sum <= took, "{sum} of {took} ms");
    assert!(answers.iter().all(|answer| answer.cost.first_token_ms > 0.0));
}

#[test]
fn an_answer_ends_before_a_stop_string() {
    let engine = Engine::tiny("llama");
    let whole = engine.answer(&ask("hi")).text;
    let characters: Vec<char> = whole.chars().collect();
    let stop: String = characters[8..11].iter().collect();
    let sampling = Sampling { stop: vec!["never said".into(), stop.clone()], ..sampling() };
    let (partials, output) = engine.run("tiny", Some(Ask { sampling, ..ask("hi") }));
    let answer = output.unwrap().answers.remove(0);
    assert_eq!(answer.text, whole[..whole.find(&stop).unwrap()]);
    assert_eq!(answer.end, End::StopString(stop));
    assert_eq!(shown(&partials, 1), [answer.text]);
}

#[test]
fn an_answer_ends_at_its_length_or_where_the_context_does() {
    let sampling = Sampling { max_tokens: 5, ..sampling() };
    let answer = Engine::tiny("qwen2").answer(&Ask { sampling: sampling.clone(), ..ask("hi") });
    assert_eq!((answer.end, answer.cost.answer_tokens), (End::Length, 5));
    let engine = short(50);
    let sampling = Sampling { max_tokens: 1000, ..sampling };
    let answer = engine.answer(&Ask { sampling, ..ask("hi") });
    assert_eq!(answer.end, End::Context);
    // The last token is said but needs no place.
    assert_eq!(answer.cost.prompt_tokens + answer.cost.answer_tokens, 51);
}

#[test]
fn a_conversation_past_the_context_is_refused_with_the_numbers() {
    let engine = Engine::tiny("llama");
    engine.refused(
        Some(ask(&"x".repeat(5000))),
        "messages: the conversation takes 5,020 tokens, and this model holds 4,096 with its answer: \
         shorten it, or start a new one",
    );
    assert_eq!(engine.answer(&ask("hi")).cost.kept_tokens, 0, "it still answers");
}

#[test]
fn an_empty_conversation_is_refused_before_anything_is_loaded() {
    let engine = Engine::tiny("llama");
    let mut ends_with_an_answer = ask("hi");
    ends_with_an_answer.messages.push(said(Role::Assistant, "ho"));
    let none = Ask { messages: vec![], ..ask("") };
    for question in [none, ask(""), ask(" \n\t"), ends_with_an_answer] {
        engine.refused(Some(question), "message: write something first");
    }
    assert!(engine.shelf.opened.borrow().is_empty());
}

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
        Partial::Loading { read_bytes, total_bytes } => (*read_bytes, *total_bytes),
        other => panic!("{other:?}"),
    });
    let progress: Vec<_> = progress.collect();
    assert!(progress.len() > 3, "{progress:?}");
    assert!(progress.is_sorted() && progress.iter().all(|(read, total)| read <= total));
    assert!(progress[0].0 > 0 && progress[0].0 < progress[0].1);
    let engine = Engine::tiny("gemma3");
    engine.stopped(&ask("hi"), |partial| matches!(partial, Partial::Loading { .. }));
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

fn shipped() -> Engine {
    Engine::with("tiny", &[("wick-chat.gguf", read("../www/models/wick-chat-q8_0.gguf"))])
}

fn conversation(json: &Value, max_tokens: u32) -> Ask {
    let message = |message: &Value| Message {
        role: serde_json::from_value(message["role"].clone()).unwrap(),
        text: message["content"].as_str().unwrap().to_owned(),
    };
    Ask {
        messages: json.as_array().unwrap().iter().map(message).collect(),
        answers: 1,
        sampling: Sampling { max_tokens, ..Sampling::default() },
    }
}

/// See `recipes/chat/golden.py`.
#[test]
fn the_shipped_model_says_what_transformers_says_with_it() {
    let golden: Value = serde_json::from_slice(&read("golden/default_chat.json")).unwrap();
    let most = golden["max_new_tokens"].as_u64().unwrap() as u32;
    let engine = shipped();
    let cases = golden["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let answer = engine.answer(&conversation(&case["messages"], most));
        assert_eq!(json!(answer.text), case["text"], "{}", case["messages"]);
        let count = |name: &str| case[name].as_array().unwrap().len() as u32;
        assert_eq!(answer.cost.prompt_tokens, count("prompt_ids"), "{}", case["messages"]);
        // The reference counts the token that ends the turn.
        let ended = u32::from(answer.end == End::Turn);
        assert_eq!(answer.cost.answer_tokens + ended, count("continuation_ids"));
    }
}

#[test]
fn the_shipped_model_keeps_its_own_answer_too() {
    let engine = shipped();
    let mut question = ask("Hello!");
    let first = engine.answer(&question);
    assert_eq!(first.end, End::Turn);
    question.messages.push(said(Role::Assistant, &first.text));
    question.messages.push(said(Role::User, "What is 2 + 3?"));
    let second = engine.answer(&question);
    let Cost { prompt_tokens, answer_tokens, .. } = first.cost;
    assert!(second.cost.kept_tokens >= prompt_tokens + answer_tokens - 1, "{:?}", second.cost);
    assert_eq!(without_times(shipped().answer(&question)), without_times(second));
}

/// See `recipes/chat/evaluate.py`: the file says how an answer is scored and which share was right.
#[test]
fn the_shipped_model_is_as_good_as_its_card_says() {
    let held_out: Value =
        serde_json::from_slice(&read("../www/models/wick-chat.heldout.json")).unwrap();
    let most = held_out["max_new_tokens"].as_u64().unwrap() as u32;
    let (engine, items) = (shipped(), held_out["items"].as_array().unwrap());
    let is_right = |item: &&Value| {
        let answer = engine.answer(&conversation(&item["messages"], most));
        answer.text.trim() == item["answer"].as_str().unwrap().trim()
    };
    let right = items.iter().filter(is_right).count();
    let accuracy = right as f64 / items.len() as f64;
    let promised = held_out["accuracy"].as_f64().unwrap();
    assert!(accuracy >= promised - 1e-9, "{right} of {} are right, not {promised}", items.len());
}
