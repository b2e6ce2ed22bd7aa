//! What is said into the microphone, written down while it is said.

use std::rc::Rc;

use api::transcribe::{Chunk, Sound};
use leptos::prelude::*;

use super::{Held, Stand};
use crate::{
    call::Step,
    sound::{Recording, microphone::Heard},
    transcribe::live::{Live, Shown},
};

/// How much has to be new before the model is asked again, in tenths of a second.
const STEP_TENTHS: u32 = 10;
/// A recording that is shorter, in seconds, has nothing to be heard.
const LEAST_S: f64 = 0.1;

/// Listens while the microphone is open; what takes all that it has heard.
pub(super) fn use_speaking(held: Held) -> Callback<Heard> {
    let live = StoredValue::new(Live::default());
    // What was recorded when the model was last asked, in tenths of a second.
    let asked = StoredValue::new(u32::MAX);
    Effect::new(move || {
        if !held.microphone.is_open() {
            return;
        }
        let tenths = held.microphone.tenths();
        if tenths < asked.get_value() {
            // The first of a new recording.
            held.asking.desk.stop_question();
            held.forget();
            held.recording.set(None);
            live.set_value(Live::default());
            asked.set_value(0);
        }
        let desk = held.asking.desk;
        if tenths >= asked.get_value() + STEP_TENTHS && !desk.is_busy() && desk.has_model() {
            asked.set_value(tenths);
            let rate_hz = held.microphone.since(usize::MAX).rate_hz;
            let first = live.with_value(|live| (live.from_s * f64::from(rate_hz)) as usize);
            listen(held, live, held.microphone.since(first), false);
        }
    });
    Callback::new(move |heard: Heard| {
        asked.set_value(u32::MAX);
        finish(held, live, heard);
    })
}

/// Asks about what is not settled yet.
fn listen(held: Held, live: StoredValue<Live>, heard: Heard, last: bool) {
    let from_s = live.with_value(|live| live.from_s);
    let end_s = from_s + heard.samples.len() as f64 / f64::from(heard.rate_hz.max(1));
    let Heard { samples, rate_hz } = heard;
    let sound = Sound { samples, channels: 1, rate_hz, starts_s: 0, ends: true };
    let ask = held.question(sound, None);
    let turn = held.turn.get_value();
    held.stand.set(Stand::New);
    held.asking.start(Some(ask), move |step| {
        let Step::Ended(result) = step else { return };
        if held.turn.try_get_value() != Some(turn) {
            return;
        }
        let Ok(output) = result else { return };
        let Some(said) = &output.heard else { return };
        held.spoken.set(said.spoken.clone());
        let moved = |chunk: &Chunk| Chunk {
            start_s: chunk.start_s + from_s,
            end_s: chunk.end_s + from_s,
            text: chunk.text.clone(),
        };
        let chunks: Vec<_> = said.chunks.iter().map(moved).collect();
        if last {
            held.lines.add(chunks.iter().filter(|chunk| !chunk.text.trim().is_empty()));
            held.open.set(Default::default());
            return held.stand.set(Stand::Whole);
        }
        let window_s = f64::from(output.model.window_ms) / 1000.;
        let shown = live.try_update_value(|live| live.hear(chunks, end_s, window_s));
        let Shown { settled, sure, open } = shown.unwrap_or_default();
        held.lines.add(&settled);
        held.open.set((sure, open));
    });
}

/// The recording has ended: it can be played, and its end is written down.
fn finish(held: Held, live: StoredValue<Live>, heard: Heard) {
    let desk = held.asking.desk;
    let rate_hz = heard.rate_hz;
    let first = live.with_value(|live| (live.from_s * f64::from(rate_hz)) as usize);
    let rest = heard.samples.get(first..).unwrap_or_default().to_vec();
    let len_s = rest.len() as f64 / f64::from(rate_hz.max(1));
    match Recording::of_heard(heard) {
        Ok(recording) => held.recording.set(Some(Rc::new(recording))),
        Err(why) => return desk.notice.set(Some(why)),
    }
    match len_s < LEAST_S {
        true => held.stand.set(Stand::Whole),
        false if desk.has_model() => listen(held, live, Heard { samples: rest, rate_hz }, true),
        false => {}
    }
}
