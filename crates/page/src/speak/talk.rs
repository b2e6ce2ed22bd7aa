//! A text that a model says, heard while it is made.

use api::speak::{About, Ask, MOST_NOISE, Partial, Said, Speak};
use leptos::{html, prelude::*};

use super::{begins_s, drawn, joined, view_box, with_pause};
use crate::{
    call::Step,
    desk::{Asking, views::entry},
    icon::Icon,
    menu::Menu,
    part::{during, part, press, typed, words},
    rows::rows,
    sound::{
        Recording,
        intake::{Held as Recorded, player},
        playing::{Playing, use_playing},
        wav::wav,
    },
};

/// What the file is called.
const FILE: &str = "speech.wav";

/// A voice, and what it said last.
#[derive(Clone, Copy)]
pub struct Talk {
    asking: Asking<Speak>,
    said: RwSignal<Vec<Said>>,
    recording: RwSignal<Option<Recorded>, LocalStorage>,
    player: NodeRef<html::Audio>,
    playing: Playing,
    wish: Wish,
    /// Counts the texts, so that no sentence is taken for one of an earlier text.
    asked: RwSignal<u32>,
    /// It said all of it.
    whole: StoredValue<bool>,
}

/// How it speaks.
#[derive(Clone, Copy)]
struct Wish {
    rate: RwSignal<f32>,
    voice: RwSignal<Option<f32>>,
    pace: RwSignal<Option<f32>>,
    seed: RwSignal<u64>,
    aloud: RwSignal<bool>,
}

/// What the component that asks for it lets a voice say.
pub fn use_talk(asking: Asking<Speak>) -> Talk {
    let talk = Talk {
        asking,
        said: RwSignal::new(Vec::new()),
        recording: RwSignal::new_local(None),
        player: NodeRef::new(),
        playing: use_playing(),
        wish: Wish {
            rate: RwSignal::new(1.),
            voice: RwSignal::new(None),
            pace: RwSignal::new(None),
            seed: RwSignal::new(0),
            aloud: RwSignal::new(true),
        },
        asked: RwSignal::new(0),
        whole: StoredValue::new(false),
    };
    Effect::new(move || {
        asking.desk.loads.track();
        talk.forget();
    });
    // A Stop is told to nobody else.
    Effect::new(move || {
        if !asking.desk.is_busy() {
            talk.finish();
        }
    });
    talk
}

impl Talk {
    fn rate_hz(self) -> u32 {
        let rate = |about: &Option<About>| about.as_ref().map(|a| a.sampling_rate);
        self.asking.about.with_untracked(rate).unwrap_or_default()
    }

    /// Forgets what was said, and is silent.
    pub fn forget(self) {
        self.playing.end();
        self.said.set(Vec::new());
        self.recording.set(None);
        self.asked.update(|asked| *asked += 1);
        self.whole.set_value(false);
    }

    /// Says a text.
    pub fn say(self, text: String) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        if text.trim().is_empty() {
            return desk.notice.set(Some("the text is empty: write what to say".into()));
        }
        self.forget();
        if self.wish.aloud.get_untracked() {
            self.playing.begin();
        }
        let Wish { rate, voice, pace, seed, .. } = self.wish;
        let ask = Ask {
            text,
            speaking_rate: rate.get_untracked(),
            noise_scale: voice.get_untracked(),
            noise_scale_duration: pace.get_untracked(),
            seed: seed.get_untracked(),
        };
        self.asking.start(Some(ask), move |step| match step {
            Step::Partial(Partial::Said(said)) => {
                let rate_hz = self.rate_hz();
                self.playing.add(&with_pause(&said.samples, rate_hz), rate_hz);
                self.said.update(|all| all.push(said.clone()));
            }
            Step::Ended(Ok(output)) => {
                self.whole.set_value(true);
                if !output.left_out.is_empty() {
                    let left_out = &output.left_out;
                    let told = format!(
                        "This model has no sound for these characters and left them out: {left_out}"
                    );
                    desk.notice.set(Some(told));
                }
            }
            _ => {}
        });
    }

    /// Makes a recording of what was said; of what was stopped, nothing more is heard.
    fn finish(self) {
        if self.recording.with_untracked(Option::is_some) || self.said.with_untracked(Vec::is_empty)
        {
            return;
        }
        if !self.whole.get_value() {
            self.playing.end();
        }
        let rate_hz = self.rate_hz();
        let samples = self.said.with_untracked(|said| joined(said, rate_hz));
        match Recording::of_samples(FILE.into(), samples, rate_hz) {
            Ok(recording) => self.recording.set(Some(recording.into())),
            Err(why) => self.asking.desk.notice.set(Some(why)),
        }
    }

    /// Plays the recording from sentence number `at` on.
    fn hear(self, at: usize) {
        self.playing.end();
        let Some(player) = self.player.get_untracked() else { return };
        let rate_hz = self.rate_hz();
        player.set_current_time(self.said.with_untracked(|said| begins_s(said, at, rate_hz)));
        // It is refused where the person may not hear anything now.
        let _ = player.play();
    }

    fn save(self) {
        let rate_hz = self.rate_hz();
        let file = self.said.with_untracked(|said| wav(&joined(said, rate_hz), rate_hz));
        self.asking.desk.save_bytes(FILE, &file);
    }

    fn save_read(self) {
        let line =
            |said: &Said| format!("{}\t{}\n", said.text.replace(['\n', '\t'], " "), said.read);
        let lines: String = self.said.with_untracked(|said| said.iter().map(line).collect());
        self.asking.desk.save("speech.tsv", &lines);
    }
}

/// How it is said.
pub fn wishes(talk: Talk) -> AnyView {
    let Wish { rate, voice, pace, seed, aloud } = talk.wish;
    let change = typed(move |typed| {
        if let Ok(percent) = typed.parse::<f32>() {
            rate.set(percent / 100.);
        }
    });
    let turn = press(move || aloud.update(|aloud| *aloud = !*aloud));
    view! {
        <div class="pace">
            <label class="slider">
                <span>"Pace"</span>
                <input type="range" min="50" max="200" step="5" prop:value=move || (rate.get() * 100.).round().to_string() on:input=change/>
                <output>{words(move || format!("{:.2} times", rate.get()))}</output>
            </label>
            <label class="tick"><input type="checkbox" prop:checked=aloud on:click=turn/> "Let it be heard while it is made"</label>
        </div>
        <details class="more">
            <summary>"More settings"</summary>
            {noise(talk, "How much the voice varies, from 0", voice, |about| about.noise_scale)}
            {noise(talk, "How much the pace varies, from 0", pace, |about| about.noise_scale_duration)}
            <label>
                "Seed: the same one says a text in the same way"
                <input type="number" min="0" step="1" prop:value=move || seed.get().to_string()
                    on:change=typed(move |typed| seed.set(typed.parse().unwrap_or_default()))/>
            </label>
        </details>
    }
    .into_any()
}

/// A field for one of the noises; empty, it is the model's own.
fn noise(
    talk: Talk,
    name: &'static str,
    noise: RwSignal<Option<f32>>,
    own: fn(&About) -> f32,
) -> AnyView {
    let usual = move || talk.asking.about.with(|about| about.as_ref().map(|a| own(a).to_string()));
    let given = move || noise.get().map(|noise| noise.to_string()).unwrap_or_default();
    let change = typed(move |typed| {
        noise.set(typed.parse().ok().map(|x: f32| x.clamp(0., MOST_NOISE)));
    });
    view! {
        <label>
            {name}
            <input type="number" min="0" max=MOST_NOISE.to_string() step="any" on:change=change
                placeholder=Signal::derive(move || usual().unwrap_or_default())
                prop:value=Signal::derive(given)/>
        </label>
    }
    .into_any()
}

/// What was said: the recording, and its sentences.
pub fn result(talk: Talk) -> AnyView {
    let some = move || talk.said.with(|said| !said.is_empty());
    view! {
        {player(talk.recording, talk.player)}
        {during(some, move || sentences(talk))}
    }
    .into_any()
}

/// What can be taken away, once there is something.
pub fn saves(talk: Talk) -> AnyView {
    let there = move || talk.recording.with(Option::is_some);
    let menu = move || {
        view! {
            <Menu name="Save" icon=Icon::Download>
                {entry("Speech (WAV)", move || talk.save())}
                {entry("Sentences as the model read them (TSV)", move || talk.save_read())}
            </Menu>
        }
        .into_any()
    };
    during(there, menu)
}

/// Each sentence with what it sounds like.
fn sentences(talk: Talk) -> AnyView {
    let each = move || {
        let asked = talk.asked.get();
        talk.said.with(|said| {
            let number = |(at, said): (usize, &Said)| {
                (asked, at, said.text.clone(), said.read.clone(), drawn(&said.samples))
            };
            said.iter().enumerate().map(number).collect::<Vec<_>>()
        })
    };
    let draw = move |(_, at, text, read, way): (u32, usize, String, String, String)| {
        let hear = move || {
            let name = format!("Hear sentence {}", at + 1);
            let press = press(move || talk.hear(at));
            talk.recording.with(Option::is_some).then(|| {
                view! {
                    <button type="button" class="round" aria-label=name.clone() title=name on:click=press>{Icon::Speaker.view()}</button>
                }
                .into_any()
            })
        };
        view! {
            <li>
                {part(hear)}
                <div>
                    <p dir="auto">{text}</p>
                    <p class="quiet read">{read}</p>
                    <svg class="wave" viewBox=view_box() preserveAspectRatio="none" role="img" aria-label="How loud it is, from left to right"><path d=way/></svg>
                </div>
            </li>
        }
        .into_any()
    };
    view! {
        <ol class="sentences" aria-label="Sentences, and how they were read">
            {rows(each, |(asked, at, ..)| format!("{asked}-{at}"), draw)}
        </ol>
    }
    .into_any()
}
