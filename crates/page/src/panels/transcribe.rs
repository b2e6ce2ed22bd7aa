//! Write down what is said in a recording, with its times.

mod editor;
mod rate;
mod seen;
mod speaking;

use api::{
    Failure,
    transcribe::{
        Ask, Chunk, Form, Goal, Listening, Partial, Place, Sequential, Sound, Spoken, Transcribe,
    },
};
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;

use self::editor::Lines;
use crate::{
    call::{Step, Trouble},
    desk::{
        Asking, use_desk,
        views::{Around, Called, button, copies, entry, form},
    },
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    panels::Panel,
    part::{during, part, press, typed, words},
    sound::{
        intake::{Held as Recorded, Intake, player},
        microphone::{Microphone, use_microphone},
    },
    transcribe::{json, next_cut, srt, vtt},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "transcribe",
    alias: "",
    title: "Transcribe",
    group: "Sound",
    icon: Icon::Microphone,
    code: lazy!(transcribe, Transcription),
};

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    asking: Asking<Transcribe>,
    microphone: Microphone,
    recording: RwSignal<Option<Recorded>, LocalStorage>,
    player: NodeRef<html::Audio>,
    lines: Lines,
    /// What may still change: the part that was heard twice, and the rest.
    open: RwSignal<(String, String)>,
    spoken: RwSignal<Option<Spoken>>,
    stand: RwSignal<Stand>,
    wish: Wish,
    /// Counts recordings and questions: what comes of an earlier one is not shown any more.
    turn: StoredValue<u32>,
}

/// How far a recording is written down.
#[derive(Clone, Debug, PartialEq)]
enum Stand {
    /// Nothing was asked.
    New,
    /// The next piece is being unpacked.
    Unpacking(Option<Place>),
    /// It is being listened to; where to go on if that ends.
    Listening(Option<Place>),
    /// It was given up; where to go on.
    Left(Place),
    /// All of it is written down.
    Whole,
}

/// How it is written down.
#[derive(Clone, Copy)]
struct Wish {
    /// Code of the language; none lets the model tell.
    language: RwSignal<String>,
    english: RwSignal<bool>,
    prompt: RwSignal<String>,
    overlapping: RwSignal<bool>,
    again: RwSignal<bool>,
    reads: RwSignal<bool>,
}

#[component]
fn Transcription() -> impl IntoView {
    let asking = use_desk::<Transcribe>();
    let desk = asking.desk;
    let held = Held {
        asking,
        microphone: use_microphone(),
        recording: RwSignal::new_local(None),
        player: NodeRef::new(),
        lines: Lines::default(),
        open: RwSignal::default(),
        spoken: RwSignal::new(None),
        stand: RwSignal::new(Stand::New),
        wish: Wish {
            language: RwSignal::default(),
            english: RwSignal::new(false),
            prompt: RwSignal::default(),
            overlapping: RwSignal::new(false),
            again: RwSignal::new(true),
            reads: RwSignal::new(false),
        },
        turn: StoredValue::new(0),
    };
    Effect::new(move || {
        desk.loads.track();
        held.forget();
        held.wish.language.set(String::new());
        held.wish.english.set(false);
    });
    // A Stop is told to nobody else.
    Effect::new(move || {
        if !desk.is_busy() && held.stand.with_untracked(|s| matches!(s, Stand::Listening(_))) {
            held.leave(true);
        }
    });
    let recorded = speaking::use_speaking(held);
    let take = Callback::new(move |recording| held.take(recording));
    let called = Called::new(|field: String| match field.as_str() {
        "sound" => Some("the recording".into()),
        "prompt" => Some("the words that occur".into()),
        _ => None,
    });
    let there = move || held.recording.with(Option::is_some);
    view! {
        <Around desk=desk called=called title="Transcribe"
            lead="What is said in a recording, written down with its times: from a file or a microphone, in this tab."
            absent="No speech model is here yet: get one on the models page, or open the folder of one \
                (config.json, generation_config.json, tokenizer.json, model.safetensors).">
            <Intake desk=desk microphone=held.microphone take=take recorded=recorded>
                {player(held.recording, held.player)}
                {wishes(held)}
                {result(held)}
                {during(there, move || seen::seen(held.recording))}
            </Intake>
            {rate::lesson(held.player)}
        </Around>
    }
    .into_any()
}

impl Held {
    fn take(self, recording: Recorded) {
        self.forget();
        self.asking.desk.stop_question();
        self.recording.set(Some(recording));
    }

    /// Forgets what was written down.
    fn forget(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.lines.clear();
        self.open.set(Default::default());
        self.spoken.set(None);
        self.stand.set(Stand::New);
    }

    /// The question about a sound.
    fn question(self, sound: Sound, place: Option<Place>) -> Ask {
        let Wish { language, english, prompt, overlapping, again, reads } = self.wish;
        let usual = Sequential::default();
        let sequential = Sequential {
            temperatures: if again.get_untracked() { usual.temperatures } else { vec![0.] },
            condition_on_previous: reads.get_untracked(),
            ..usual
        };
        let language = language.get_untracked();
        Ask {
            sound,
            place,
            language: (!language.is_empty()).then_some(language),
            goal: if english.get_untracked() { Goal::Translate } else { Goal::Transcribe },
            timestamps: true,
            prompt: prompt.get_untracked(),
            form: match overlapping.get_untracked() {
                true => Form::Chunks,
                false => Form::Sequential(sequential),
            },
            seed: 0,
        }
    }

    fn ask(self) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        if self.recording.with_untracked(Option::is_none) {
            return desk
                .notice
                .set(Some("there is no recording yet: open or record one first".into()));
        }
        self.forget();
        self.piece(None);
    }

    /// Asks about the next piece of the recording, and then about what comes after it.
    fn piece(self, place: Option<Place>) {
        let Some(recording) = self.recording.get_untracked() else { return };
        let turn = self.turn.get_value();
        self.stand.set(Stand::Unpacking(place.clone()));
        spawn_local(async move {
            // One channel of so many moments is always few enough.
            let Some(cut) = next_cut(place.as_ref(), 1, recording.rate_hz) else { return };
            let part = recording.part(cut).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let part = match part {
                Ok(part) => part,
                Err(why) => {
                    self.leave(true);
                    return self.asking.desk.notice.set(Some(why));
                }
            };
            if part.note.is_some() {
                self.asking.desk.notice.set(part.note);
            }
            let sound = Sound {
                samples: part.samples,
                channels: 1,
                rate_hz: recording.rate_hz,
                starts_s: cut.starts_s,
                ends: part.ends,
            };
            self.hear(self.question(sound, place), turn, part.ends);
        });
    }

    /// Asks, and writes down what is heard.
    fn hear(self, ask: Ask, turn: u32, ends: bool) {
        // How many chunks of the answer are written down already.
        let mut written = 0;
        self.stand.set(Stand::Listening(ask.place.clone()));
        self.asking.start(Some(ask), move |step| {
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match step {
                Step::Partial(Partial::Loading(_)) => {}
                Step::Partial(Partial::Language(spoken)) => self.spoken.set(Some(spoken.clone())),
                Step::Partial(Partial::Listening(heard)) => {
                    written += heard.settled.len();
                    self.settle(heard);
                }
                Step::Ended(Ok(output)) => {
                    let Some(heard) = &output.heard else { return };
                    self.lines.add(heard.chunks.iter().skip(written));
                    self.open.set(Default::default());
                    if heard.spoken.is_some() && self.spoken.with_untracked(Option::is_none) {
                        self.spoken.set(heard.spoken.clone());
                    }
                    match ends {
                        true => self.stand.set(Stand::Whole),
                        false => self.piece(Some(heard.place.clone())),
                    }
                }
                Step::Ended(Err(why)) => {
                    self.leave(!matches!(why, Trouble::Failed(Failure::Input { .. })));
                }
            }
        });
    }

    fn settle(self, heard: &Listening) {
        self.lines.add(&heard.settled);
        self.open
            .set((String::new(), heard.open.iter().map(|chunk| chunk.text.as_str()).collect()));
        if let Some(place) = &heard.place {
            self.stand.set(Stand::Listening(Some(place.clone())));
        }
    }

    /// What is written down stays; and it can be gone on with, unless something is wrong with the question.
    fn leave(self, can_go_on: bool) {
        self.open.set(Default::default());
        self.stand.update(|stand| {
            *stand = match std::mem::replace(stand, Stand::New) {
                Stand::Unpacking(Some(place)) | Stand::Listening(Some(place)) if can_go_on => {
                    Stand::Left(place)
                }
                _ => Stand::New,
            };
        });
    }

    fn go_on(self) {
        if let Stand::Left(place) = self.stand.get_untracked() {
            self.piece(Some(place));
        }
    }

    fn save(self, name: &str, file: fn(&[Chunk], Option<&str>) -> String) {
        let language = self.spoken.with_untracked(|s| s.as_ref().map(|s| s.language.code.clone()));
        let text = file(&self.lines.chunks(), language.as_deref());
        self.asking.desk.save(name, &text);
    }
}

/// How to write it down, and the button that asks.
fn wishes(held: Held) -> AnyView {
    let about = held.asking.about;
    let several = move || about.with(|about| about.as_ref().is_some_and(|a| a.languages.len() > 1));
    let translates = move || about.with(|about| about.as_ref().is_some_and(|a| a.translates));
    let options = move || {
        let known =
            about.with(|about| about.as_ref().map(|a| a.languages.clone()).unwrap_or_default());
        let option = |l: api::transcribe::Language| {
            view! { <option value=l.code>{l.name}</option> }.into_any()
        };
        Some(known.into_iter().map(option).collect_view().into_any())
    };
    let language = typed(move |code| held.wish.language.set(code));
    let goal = typed(move |goal| held.wish.english.set(goal == "english"));
    let (language, goal) = (StoredValue::new_local(language), StoredValue::new_local(goal));
    let choose = move |event, what: StoredValue<Box<dyn FnMut(web_sys::Event)>, LocalStorage>| {
        what.update_value(|act| act(event));
    };
    let fields = view! {
        {during(several, move || view! {
            <label>
                "Spoken language"
                <select prop:value=held.wish.language on:change=move |event| choose(event, language)>
                    <option value="">"Let the model tell"</option>
                    {part(options)}
                </select>
            </label>
        }.into_any())}
        {during(translates, move || view! {
            <label>
                "Write"
                <select on:change=move |event| choose(event, goal)>
                    <option value="said">"What is said"</option>
                    <option value="english">"It in English"</option>
                </select>
            </label>
        }.into_any())}
    };
    let asked = form(held.asking.desk, "Write it down", move || held.ask(), fields.into_any());
    view! {
        {asked}
        <details class="more">
            <summary>"More settings"</summary>
            <label>
                "Names and words that occur, as they are spelled"
                <input type="text" autocomplete="off" prop:value=held.wish.prompt
                    on:input=typed(move |text| held.wish.prompt.set(text))/>
            </label>
            {tick("Listen again, more freely, where the text repeats itself or is doubtful", held.wish.again)}
            {tick("Read what was written before each window: names stay the same, and so do mistakes", held.wish.reads)}
            {tick("Go through it in windows that overlap, instead of one after the other", held.wish.overlapping)}
        </details>
    }
    .into_any()
}

fn tick(name: &'static str, on: RwSignal<bool>) -> AnyView {
    let turn = press(move || on.update(|on| *on = !*on));
    view! { <label class="tick"><input type="checkbox" prop:checked=on on:click=turn/> {name}</label> }.into_any()
}

/// What was heard.
fn result(held: Held) -> AnyView {
    let lines = held.lines;
    let said = move || match held.stand.get() {
        Stand::Whole if lines.is_empty() => "No speech was heard in this recording.".into(),
        _ => held.spoken.get().map(|spoken| told(&spoken)).unwrap_or_default(),
    };
    let left = move || matches!(held.stand.get(), Stand::Left(_)) && !held.asking.desk.is_busy();
    let open = move || held.open.with(|(sure, open)| !sure.is_empty() || !open.is_empty());
    view! {
        <section class="transcript" aria-label="What is said">
            <p class="told" role="status">{words(said)}</p>
            {during(move || !lines.is_empty(), move || taken(held))}
            {editor::editor(lines, held.player)}
            {during(open, move || view! {
                <p class="heard" aria-hidden="true">
                    {words(move || held.open.with(|(sure, _)| sure.clone()))}
                    <span class="quiet">{words(move || held.open.with(|(_, open)| open.clone()))}</span>
                </p>
            }.into_any())}
            {during(left, move || button("Go on listening", Icon::Right, move || held.go_on()))}
        </section>
    }
    .into_any()
}

fn told(spoken: &Spoken) -> String {
    match spoken.probability {
        Some(sure) => {
            let sure = sure * 100.;
            format!("{} is spoken, the model is {sure:.0} % sure.", spoken.language.name)
        }
        None => format!("{} is spoken.", spoken.language.name),
    }
}

/// What can be taken away.
fn taken(held: Held) -> AnyView {
    let text = move || held.lines.text();
    let plain = |chunks: &[Chunk], _: Option<&str>| {
        chunks.iter().map(|chunk| format!("{}\n", chunk.text.trim())).collect()
    };
    view! {
        <div class="actions">
            {copies(held.asking.desk, "Copy the text", text)}
            <Menu name="Save" icon=Icon::Download>
                {entry("Plain text", move || held.save("transcript.txt", plain))}
                {entry("Subtitles (SRT)", move || held.save("transcript.srt", |chunks, _| srt(chunks)))}
                {entry("Subtitles (WebVTT)", move || held.save("transcript.vtt", |chunks, _| vtt(chunks)))}
                {entry("Chunks with times (JSON)", move || held.save("transcript.json", json))}
            </Menu>
        </div>
    }
    .into_any()
}
