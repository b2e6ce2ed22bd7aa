//! How answers are made: every setting with a word on what it does.

use api::chat::Sampling;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::session::Session;
use crate::{icon::Icon, part::press};

/// One number a person can set.
struct Knob {
    name: &'static str,
    help: &'static str,
    min: f64,
    max: f64,
    step: f64,
    get: fn(&Sampling) -> f64,
    set: fn(&mut Sampling, f64),
}

const KNOBS: &[Knob] = &[
    Knob {
        name: "Temperature",
        help: "0 always takes the likeliest word; higher is more varied.",
        min: 0.0,
        max: 2.0,
        step: 0.05,
        get: |s| s.temperature.into(),
        set: |s, value| s.temperature = value as f32,
    },
    Knob {
        name: "Top-k",
        help: "Choose among this many of the likeliest tokens; 0 is all.",
        min: 0.0,
        max: 1000.0,
        step: 1.0,
        get: |s| s.top_k.into(),
        set: |s, value| s.top_k = value as u32,
    },
    Knob {
        name: "Top-p",
        help: "Choose among the likeliest that together reach this share; 1 is all.",
        min: 0.05,
        max: 1.0,
        step: 0.05,
        get: |s| s.top_p.into(),
        set: |s, value| s.top_p = value as f32,
    },
    Knob {
        name: "Min-p",
        help: "Leave out what is less likely than this share of the likeliest.",
        min: 0.0,
        max: 0.95,
        step: 0.05,
        get: |s| s.min_p.into(),
        set: |s, value| s.min_p = value as f32,
    },
    Knob {
        name: "Repetition penalty",
        help: "Above 1 makes words that were already used less likely.",
        min: 0.5,
        max: 2.0,
        step: 0.05,
        get: |s| s.repetition_penalty.into(),
        set: |s, value| s.repetition_penalty = value as f32,
    },
    Knob {
        name: "Frequency penalty",
        help: "Grows with each time the answer used a token.",
        min: -2.0,
        max: 2.0,
        step: 0.1,
        get: |s| s.frequency_penalty.into(),
        set: |s, value| s.frequency_penalty = value as f32,
    },
    Knob {
        name: "Presence penalty",
        help: "Counts once for a token the answer used.",
        min: -2.0,
        max: 2.0,
        step: 0.1,
        get: |s| s.presence_penalty.into(),
        set: |s, value| s.presence_penalty = value as f32,
    },
    Knob {
        name: "Seed",
        help: "The same seed gives the same answer; asked again, the next one is taken.",
        min: 0.0,
        max: 4_294_967_295.0,
        step: 1.0,
        get: |s| s.seed as f64,
        set: |s, value| s.seed = value as u64,
    },
    Knob {
        name: "Max tokens",
        help: "Longest answer; a token is about three quarters of a word.",
        min: 1.0,
        max: 32_768.0,
        step: 1.0,
        get: |s| s.max_tokens.into(),
        set: |s, value| s.max_tokens = value as u32,
    },
];

/// A typed number within its bounds; `None` is not a number.
fn within(typed: &str, min: f64, max: f64) -> Option<f64> {
    decimal(typed.trim()).map(|value| value.clamp(min, max))
}

/// A plain decimal. The standard library's reader knows more, and its tables alone weigh 10 kB.
fn decimal(typed: &str) -> Option<f64> {
    let (sign, digits) = typed.strip_prefix('-').map_or((1.0, typed), |digits| (-1.0, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, part].concat();
    // Fifteen digits are exact in double precision, and so is the power of ten below them.
    if all.is_empty() || all.len() > 15 || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = part.bytes().fold(1.0, |scale, _| scale * 10.0);
    Some(sign * all.parse::<u64>().ok()? as f64 / scale)
}

/// Stop strings out of lines; `\n` stands for a line break.
fn stop_strings(lines: &str) -> Vec<String> {
    lines.lines().filter(|line| !line.is_empty()).map(|line| line.replace("\\n", "\n")).collect()
}

fn stop_lines(stops: &[String]) -> String {
    stops.iter().map(|stop| stop.replace('\n', "\\n")).collect::<Vec<_>>().join("\n")
}

/// All settings.
#[component]
pub fn Settings(
    /// Whose answers they are for.
    session: Session,
    /// Whether they are shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let reset = move |_| {
        session.sampling.set(Sampling::default());
        session.answers.set(1);
        session.keep();
    };
    let system = move |event| {
        session.conversation.update(|c| c.system = event_target_value(&event));
        session.keep();
    };
    let stops = move |event| {
        session.sampling.update(|s| s.stop = stop_strings(&event_target_value(&event)));
        session.keep();
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            // It would stop an answer, too.
            event.stop_propagation();
            close(open);
        }
    };
    view! {
        <aside class="settings" id="settings" aria-label="Settings" on:keydown=key>
            <header>
                <h2>"Settings"</h2>
                <button type="button" class="quiet round" aria-label="Close" on:click=press(move || close(open))>
                    {Icon::Close.view()}
                </button>
            </header>
            <label class="wide">
                "System message"
                <textarea rows="2" prop:value=move || session.conversation.with(|c| c.system.clone()) on:change=system
                    placeholder="Standing orders for the model, such as: Answer in one sentence."></textarea>
            </label>
            <div class="knobs">
                <label class="knob">
                    <span>"Answers"</span>
                    <input type="number" min="1" max="8" step="1"
                        prop:value=move || session.answers.get().to_string()
                        on:change=move |event| {
                            if let Some(count) = within(&event_target_value(&event), 1.0, 8.0) {
                                session.answers.set(count as u8);
                            }
                            session.answers.notify();
                            session.keep();
                        }/>
                    <small>"How many to give to each question, side by side."</small>
                </label>
                {KNOBS.iter().map(|knob| view! { <One session knob/> }).collect_view()}
            </div>
            <label class="wide">
                "Stop strings"
                <textarea rows="2" prop:value=move || session.sampling.with(|s| stop_lines(&s.stop)) on:change=stops
                    placeholder="One on each line; the answer ends before the first of them."></textarea>
            </label>
            <button type="button" on:click=reset>"Reset"</button>
        </aside>
    }
}

/// Gives the focus back to the button that opened them.
fn close(open: RwSignal<bool>) {
    open.set(false);
    let opener =
        gloo::utils::document().query_selector("[aria-controls='settings']").ok().flatten();
    if let Some(opener) = opener.and_then(|opener| opener.dyn_into::<HtmlElement>().ok()) {
        // Focus that fails leaves the field where it was.
        let _ = opener.focus();
    }
}

#[component]
fn One(session: Session, knob: &'static Knob) -> impl IntoView {
    let shown = move || {
        session.sampling.with(|s| {
            // Settings are single precision: their noise in the seventh digit is nobody's choice.
            let value = ((knob.get)(s) * 1e4).round() / 1e4;
            value.to_string()
        })
    };
    let change = move |event| {
        if let Some(value) = within(&event_target_value(&event), knob.min, knob.max) {
            session.sampling.update(|s| (knob.set)(s, value));
        }
        // What was typed may not be what is meant: show what holds.
        session.sampling.notify();
        session.keep();
    };
    view! {
        <label class="knob">
            <span>{knob.name}</span>
            <input type="number" min=knob.min.to_string() max=knob.max.to_string() step=knob.step.to_string()
                prop:value=shown on:change=change/>
            <small>{knob.help}</small>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stays_within_its_bounds() {
        assert_eq!(within(" 0.5 ", 0.0, 2.0), Some(0.5));
        assert_eq!(within("9", 0.0, 2.0), Some(2.0));
        for exact in ["0.1", "-1.25", ".5", "7.", "4294967295", "0.000000000001"] {
            assert_eq!(within(exact, -1e10, 1e10), exact.parse().ok(), "{exact}");
        }
        for bad in ["", "x", "NaN", "inf", "-", ".", "1.2.3", "--1", "1234567890123456"] {
            assert_eq!(within(bad, 0.0, 2.0), None, "{bad}");
        }
    }

    #[test]
    fn every_default_is_within_its_knob_and_every_knob_sets_what_it_gets() {
        for knob in KNOBS {
            let mut sampling = Sampling::default();
            let value = (knob.get)(&sampling);
            assert!((knob.min..=knob.max).contains(&value), "{}", knob.name);
            (knob.set)(&mut sampling, knob.max);
            assert!(((knob.get)(&sampling) - knob.max).abs() < 1e-6, "{}", knob.name);
        }
    }

    #[test]
    fn stop_strings_are_lines() {
        assert_eq!(stop_strings("a\n\\n\\n\n"), ["a", "\n\n"]);
        assert_eq!(stop_lines(&stop_strings("a\n\\nb")), "a\n\\nb");
    }
}
