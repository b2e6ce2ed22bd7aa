//! Each task through the same door the worker uses: bytes in, bytes out.

use std::cell::Cell;

use crate::engine::{
    Engine, FAMILIES, ask, gguf, patched, read, said, sampling, shown, warm, without_times,
};
use api::chat::{Answer, Ask, Cost, End, Format, Message, Output, Partial, Role, Sampling};
use serde_json::{Value, json};

/// The tiny llama with a context of so many tokens.
fn short(context: u32) -> Engine {
    let value =
        |tokens: u32| [b"llama.context_length\x04\0\0\0", &tokens.to_le_bytes()[..]].concat();
    let bytes = patched(&gguf("llama"), &value(4096), &value(context));
    Engine::with("tiny", &[("model.gguf", bytes)])
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

/// See `golden/answers.py`; `browser/parity.test.js` expects the same of both engines.
#[test]
fn every_architecture_answers_as_transformers_does() {
    let golden: Value = serde_json::from_slice(&read("golden/answers.json")).unwrap();
    let most = golden["max_tokens"].as_u64().unwrap() as u32;
    for family in FAMILIES {
        let engine = Engine::tiny(family);
        let cases = golden["families"][family].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let Answer { text, cost, .. } = engine.answer(&conversation(&case["messages"], most));
            assert_eq!(json!(cost.prompt_tokens), case["prompt_tokens"], "{family}");
            assert_eq!(json!(text), case["text"], "{family} after {} tokens", cost.prompt_tokens);
            assert_eq!(json!(cost.answer_tokens), case["answer_tokens"], "{family}");
        }
    }
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
    eprintln!("{right} of {} held-out answers are right: {accuracy:.4}", items.len());
    let promised = held_out["accuracy"].as_f64().unwrap();
    assert!(accuracy >= promised - 1e-9, "{right} of {} are right, not {promised}", items.len());
}
