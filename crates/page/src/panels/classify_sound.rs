//! Tell which of some labels fits a sound, from a file or while it is heard.

use api::{
    classify::Score,
    classify_sound::{Ask, ClassifySound, Clip, TEMPLATE},
};
use leptos::{html, prelude::*};
use wasm_bindgen_futures::spawn_local;

use crate::{
    call::Step,
    classify::{LABELS, Labels, bars, csv, json},
    desk::{
        Asking,
        field::Field,
        use_desk,
        views::{Around, asks, entry},
    },
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    panels::Panel,
    part::{during, part, typed},
    picker::title,
    sound::{
        Recording,
        intake::{Held as Recorded, Intake, player},
        microphone::{Heard, Microphone, use_microphone},
    },
    transcribe::Cut,
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "classify_sound",
    alias: "",
    title: "Match a sound",
    group: "Sound",
    icon: Icon::Pulse,
    code: lazy!(classify_sound, SoundLabels),
};

/// What the panel is opened with: labels of the site's own model.
const EXAMPLES: &str =
    "a siren\na bell\na dog barking\na bird singing\nrain\nan engine\na person speaking";
/// Of longer recordings the beginning is taken, in seconds.
const MOST_S: u32 = 600;
/// How much has to be new before the model is asked again, in tenths of a second.
const STEP_TENTHS: u32 = 10;

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    asking: Asking<ClassifySound>,
    microphone: Microphone,
    recording: RwSignal<Option<Recorded>, LocalStorage>,
    typed: RwSignal<String>,
    template: RwSignal<String>,
    /// What was asked last, for whoever must say what was wrong with it.
    asked: StoredValue<Labels>,
    scores: RwSignal<Option<Vec<Score>>, LocalStorage>,
    /// Counts recordings: what is heard in one is not shown for another.
    turn: StoredValue<u32>,
}

#[component]
fn SoundLabels() -> impl IntoView {
    let asking = use_desk::<ClassifySound>();
    let desk = asking.desk;
    let held = Held {
        asking,
        microphone: use_microphone(),
        recording: RwSignal::new_local(None),
        typed: RwSignal::new(EXAMPLES.into()),
        template: RwSignal::new(TEMPLATE.into()),
        asked: StoredValue::new(Labels::default()),
        scores: desk.result(),
        turn: StoredValue::new(0),
    };
    held.listen();
    let take = Callback::new(move |recording| {
        held.forget();
        held.recording.set(Some(recording));
    });
    let recorded = Callback::new(move |heard| held.record(heard));
    let called = move |field: String| held.asked.with_value(|asked| asked.called(&field));
    view! {
        <Around desk=desk title="Match a sound" called=Callback::new(called)
            lead="Which of some labels fits a sound best. The model only compares: if none fits, one still comes out \
                first."
            absent="No model that knows sounds and texts is here yet: open the folder of one, such as \
                laion/clap-htsat-unfused (config.json, preprocessor_config.json, tokenizer.json, model.safetensors).">
            <Intake desk=desk microphone=held.microphone take=take recorded=recorded>
                {player(held.recording, NodeRef::<html::Audio>::new())}
                <div class="wishes">
                    <Field desk=desk kind=LABELS name="Labels" typed=held.typed/>
                    <label class="template">
                        <span>"Template " <small>"{} is where the label goes"</small></span>
                        <input type="text" autocomplete="off" prop:value=held.template
                            on:input=typed(move |typed| held.template.set(typed))/>
                    </label>
                    <div class="actions">
                        {asks(desk, "Match", move || held.ask())}
                        {during(move || held.scores.with(Option::is_some), move || save(held))}
                    </div>
                </div>
                {part(move || held.scores.with(|scores| scores.as_deref().map(bars)))}
            </Intake>
        </Around>
    }
    .into_any()
}

impl Held {
    fn forget(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.scores.set(None);
    }

    /// While the microphone is open, the last seconds are listened to again and again.
    fn listen(self) {
        let asked = StoredValue::new(0_u32);
        Effect::new(move || {
            let (open, tenths) = (self.microphone.is_open(), self.microphone.tenths());
            if !open || tenths < asked.get_value() {
                asked.set_value(0);
            }
            let desk = self.asking.desk;
            if open && tenths >= asked.get_value() + STEP_TENTHS && !desk.is_busy() {
                asked.set_value(tenths);
                let seconds = self
                    .asking
                    .about
                    .with_untracked(|about| about.as_ref().map(|a| a.length_ms / 1000));
                self.hear(self.microphone.last(seconds.unwrap_or_default()));
            }
        });
    }

    fn record(self, heard: Heard) {
        self.forget();
        match Recording::of_heard(heard) {
            Ok(recording) => {
                self.recording.set(Some(recording.into()));
                self.ask();
            }
            Err(why) => self.asking.desk.notice.set(Some(why)),
        }
    }

    fn ask(self) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        let Some(recording) = self.recording.get_untracked() else {
            return desk.notice.set(Some("there is no sound yet: open or record one first".into()));
        };
        let turn = self.turn.get_value();
        spawn_local(async move {
            let part = recording.part(Cut { starts_s: 0, ends_s: MOST_S }).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match part {
                Ok(part) => {
                    let long = (!part.ends)
                        .then(|| format!("Only the first {} minutes are taken.", MOST_S / 60));
                    desk.notice.set(part.note.or(long));
                    self.hear(Heard { samples: part.samples, rate_hz: recording.rate_hz });
                }
                Err(why) => desk.notice.set(Some(why)),
            }
        });
    }

    /// Asks what was heard.
    fn hear(self, heard: Heard) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        let labels = match self.typed.with_untracked(|typed| Labels::read(typed, "")) {
            Ok(labels) => labels,
            Err(why) => return desk.notice.set(Some(why)),
        };
        let ask = Ask {
            clip: Clip { samples: heard.samples, channels: 1, rate_hz: heard.rate_hz },
            labels: labels.texts.clone(),
            template: self.template.get_untracked(),
            seed: 0,
        };
        self.asked.set_value(labels);
        let turn = self.turn.get_value();
        self.asking.start(Some(ask), move |step| {
            let shown = self.turn.try_get_value() == Some(turn);
            if let (Step::Ended(Ok(output)), true) = (step, shown) {
                self.scores.set(Some(output.scores.clone()));
            }
        });
    }
}

fn save(held: Held) -> AnyView {
    let desk = held.asking.desk;
    let scores = move || held.scores.get_untracked().unwrap_or_default();
    let name = move || held.recording.with_untracked(|r| r.as_ref().map(|r| r.name.clone()));
    let save_json = move || {
        let model = title(&desk.model.get_untracked());
        desk.save("labels.json", &json(&scores(), &model, &name().unwrap_or_default()));
    };
    view! {
        <Menu name="Save" icon=Icon::Download>
            {entry("Scores as CSV", move || desk.save("labels.csv", &csv(&scores())))}
            {entry("Scores as JSON", save_json)}
        </Menu>
    }
    .into_any()
}
