//! Every message crosses the line whole, or is refused.

use std::fmt::Debug;

use api::{
    Failure, Loading, chat, store,
    wire::{CallId, Event, Request, VERSION, decode, encode},
};
use serde::{Serialize, de::DeserializeOwned};

/// Round trip, then every way a message can be damaged at its end.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, longest: usize) {
    let bytes = encode(value).unwrap();
    assert!(bytes.len() <= longest, "{value:?} takes {} bytes", bytes.len());
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(value));
    for end in 0..bytes.len() {
        let cut = decode::<T>(&bytes[..end]);
        assert!(cut.is_err(), "{value:?} cut at {end} is {cut:?}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(decode::<T>(&longer).is_err(), "{value:?} with a byte too many is taken");
}

fn failures() -> Vec<Failure> {
    vec![
        Failure::Input { field: "model".into(), reason: "it is not there".into() },
        Failure::Fetch { file: "a/b".into(), reason: "cut".into() },
        Failure::Stopped,
        Failure::Bug("ü".into()),
    ]
}

#[test]
fn requests_cross_whole() {
    let call = CallId(u32::MAX);
    check(&Request::Start { call, task: "chat".into(), input: vec![0; 1000] }, 1020);
    check(&Request::Stop { call }, 6);
    check(&Request::Ping { count: 0 }, 2);
}

#[test]
fn events_cross_whole() {
    let call = CallId(1);
    check(&Event::Ready { version: VERSION, threads: 64 }, 7);
    check(&Event::Pong { count: 1, memory_bytes: 4 << 30 }, 12);
    check(&Event::Partial { call, body: vec![255; 100] }, 110);
    check(&Event::End { call, result: Ok(vec![]) }, 4);
    for failure in failures() {
        check(&Event::End { call, result: Err(failure) }, 40);
    }
}

#[test]
fn the_words_of_chat_cross_whole() {
    let message = |role| chat::Message { role, text: "Grüße 🙂".into() };
    let roles = [chat::Role::System, chat::Role::User, chat::Role::Assistant];
    let ask = chat::Ask {
        messages: roles.map(message).to_vec(),
        answers: 2,
        sampling: chat::Sampling { stop: vec!["\n".into()], ..Default::default() },
    };
    check(&chat::Input { model: "m".into(), ask: None }, 4);
    check(&chat::Input { model: "m".into(), ask: Some(ask) }, 120);
    check(&chat::Partial::Loading(Loading { read_bytes: 1, total_bytes: u64::MAX }), 13);
    check(&chat::Partial::Reading { read_tokens: 1, total_tokens: 2 }, 4);
    check(&chat::Partial::Text { answer: 0, text: "a".into() }, 5);
    let about = |format| chat::About {
        name: "n".into(),
        architecture: "llama".into(),
        parameters: 1,
        quantization: "Q8_0".into(),
        context_tokens: 2048,
        weight_bytes: 3,
        format,
    };
    let ends =
        [chat::End::Turn, chat::End::StopString("x".into()), chat::End::Length, chat::End::Context];
    let answer = |end| chat::Answer { text: "t".into(), end, cost: chat::Cost::default() };
    for format in [chat::Format::Own, chat::Format::Plain] {
        let answers = ends.clone().map(answer).to_vec();
        check(&chat::Output { model: about(format), answers }, 200);
    }
}

#[test]
fn the_words_of_the_store_cross_whole() {
    let remote = store::Remote {
        url: "https://a".into(),
        path: "p".into(),
        size_bytes: Some(1),
        sha256: None,
    };
    let custom = store::Custom { model: "m".into(), licence: String::new(), files: vec![remote] };
    let model = || "m".to_owned();
    for wish in [
        store::Wish::List,
        store::Wish::Download(store::What::Model(model())),
        store::Wish::Download(store::What::Url("https://a/b".into())),
        store::Wish::Download(store::What::Files(custom)),
        store::Wish::Import { dropped: "file:m".into() },
        store::Wish::Verify { model: model() },
        store::Wish::Delete { model: model() },
        store::Wish::Touch { model: model() },
    ] {
        check(&store::Input { now_unix_ms: 1_700_000_000_000, wish }, 40);
    }
    let progress = store::Progress {
        file: "f".into(),
        done_bytes: 1,
        total_bytes: None,
        bytes_per_s: 1.5,
        left_s: Some(2.5),
    };
    check(&store::Partial::Asking, 1);
    check(&store::Partial::Checking(progress.clone()), 24);
    check(&store::Partial::Fetching(progress), 24);
    let (file, reason) = ("f".into(), "r".into());
    check(&store::Partial::Waiting { file, reason, retry_in_ms: 500, attempt: 1 }, 8);
    let state = [store::State::Whole, store::State::Partial, store::State::Damaged];
    let file = |state| store::StoredFile {
        path: "p".into(),
        have_bytes: 1,
        size_bytes: None,
        sha256: Some("ab".into()),
        state,
    };
    let stored = store::Stored {
        model: model(),
        origin: "o".into(),
        licence: "MIT".into(),
        files: state.map(file).to_vec(),
        added_unix_ms: 1,
        used_unix_ms: 2,
    };
    let room = Some(store::Room { used_bytes: 1, quota_bytes: 2 });
    check(&store::Output { models: vec![stored], room }, 60);
}

/// Noise is refused or taken for some message, but never crashes or asks for memory it does not back.
#[test]
fn noise_is_survived() {
    let mut state = 7_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    let mut refused = 0;
    for length in (0..64).cycle().take(20_000) {
        let noise: Vec<u8> = (0..length).map(|_| next()).collect();
        refused += u32::from(decode::<Request>(&noise).is_err());
        refused += u32::from(decode::<Event>(&noise).is_err());
        refused += u32::from(decode::<chat::Input>(&noise).is_err());
        refused += u32::from(decode::<store::Input>(&noise).is_err());
        refused += u32::from(decode::<store::Output>(&noise).is_err());
    }
    assert!(refused > 90_000, "only {refused} of 100000 were refused");
}

#[test]
fn a_length_that_lies_is_refused_before_memory_is_asked_for() {
    // A `Start` whose task name claims 2^63 bytes.
    let lie = [0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 127];
    assert!(decode::<Request>(&lie).is_err());
}
