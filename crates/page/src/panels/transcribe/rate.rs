//! What happens to a sound whose rate a model is not told.

use js_sys::Reflect;
use leptos::{html, prelude::*};

use crate::part::{press, typed, words};

/// Moments a second that a speech model expects.
const EXPECTED_HZ: u32 = 16_000;
/// Rates of telephones, speech models, compact discs, films, and studios.
const RATES_HZ: [u32; 5] = [8_000, 16_000, 44_100, 48_000, 192_000];
/// How long the sound of the example is, in seconds.
const LONG_S: u32 = 5;

/// Rates, and what a model would hear at each; the recording can be heard so.
pub(super) fn lesson(player: NodeRef<html::Audio>) -> AnyView {
    let rate = RwSignal::new(192_000_u32);
    let choose = typed(move |text| rate.set(text.parse().unwrap_or(EXPECTED_HZ)));
    let option = |hz: u32| {
        let chosen = hz == rate.get_untracked();
        view! { <option value=hz.to_string() selected=chosen>{format!("{} Hz", grouped(hz))}</option> }.into_any()
    };
    let play = move |hz: u32| {
        if let Some(player) = player.get_untracked() {
            // Pitch goes with pace; a browser without it keeps the pitch.
            let _ = Reflect::set(&player, &"preservesPitch".into(), &false.into());
            player.set_playback_rate(f64::from(EXPECTED_HZ) / f64::from(hz));
            player.set_current_time(0.);
            let _ = player.play();
        }
    };
    view! {
        <details class="card rate">
            <summary>"Why the rate matters"</summary>
            <label>
                "A recording of 5 seconds has so many moments a second:"
                <select on:change=choose>{RATES_HZ.map(option).collect_view()}</select>
            </label>
            <p aria-live="polite">{words(move || told(rate.get()))}</p>
            <p class="quiet">"Here every recording is first mixed to one channel and then brought to the model's rate, whatever it had."</p>
            <div class="actions">
                <button type="button" on:click=press(move || play(rate.get_untracked()))>"Hear the recording as the model would"</button>
                <button type="button" on:click=press(move || play(EXPECTED_HZ))>"Hear it as it is"</button>
            </div>
        </details>
    }
    .into_any()
}

/// How many numbers there are, and how long a model takes them to last.
fn told(hz: u32) -> String {
    let count = hz * LONG_S;
    let tenths = count * 10 / EXPECTED_HZ;
    let lasts = match tenths % 10 {
        0 => format!("{}", tenths / 10),
        tenth => format!("{}.{tenth}", tenths / 10),
    };
    let heard = match hz.cmp(&EXPECTED_HZ) {
        std::cmp::Ordering::Less => "too fast and too high",
        std::cmp::Ordering::Equal => "as it is",
        std::cmp::Ordering::Greater => "too slow and too deep",
    };
    format!(
        "{} numbers. A model that expects {} a second and is not told otherwise takes them for {lasts} seconds: it hears \
         everything {heard}.",
        grouped(count),
        grouped(EXPECTED_HZ)
    )
}

/// `16000` becomes `16,000`.
fn grouped(number: u32) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{thousands},{:03}", number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_seconds_are_counted_as_the_course_counts_them() {
        let begins = |hz: u32, words: &str| assert!(told(hz).starts_with(words), "{}", told(hz));
        begins(8_000, "40,000 numbers");
        begins(16_000, "80,000 numbers");
        begins(192_000, "960,000 numbers");
        assert!(told(192_000).contains("for 60 seconds") && told(192_000).contains("too slow"));
        assert!(told(8_000).contains("for 2.5 seconds") && told(16_000).contains("as it is"));
        assert_eq!((grouped(5), grouped(16_000)), ("5".into(), "16,000".into()));
    }
}
