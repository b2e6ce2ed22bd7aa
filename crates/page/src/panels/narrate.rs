//! Tell aloud what is in a picture.

use std::rc::Rc;

use api::{detect::Detect, speak::Speak};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::{Canvas, use_board},
    desk::{
        Desk, use_desk, use_desk_of,
        views::{Around, Bar, Standing, asks},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, use_look},
    panels::Panel,
    part::during,
    picture::intake::Intake,
    speak::talk::{self, Talk, use_talk},
    things::{Shown, Things, views::result},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "narrate",
    alias: "",
    title: "Narrate a picture",
    group: "Sound",
    icon: Icon::Narrate,
    code: lazy!(narrate, Narration),
};

/// The layer of frames.
const FRAMES: &str = "Things found";
/// How sure the model must be, as in the panel that finds things.
const SURE_PERCENT: u32 = 90;

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Detect>,
    shown: Shown,
    talk: Talk,
    voice: Desk,
}

#[component]
fn Narration() -> impl IntoView {
    let asking = use_desk::<Detect>();
    let desk = asking.desk;
    let voice = use_desk_of::<Speak>("voice");
    let held = Held {
        look: use_look(asking, use_board(&[FRAMES])),
        shown: Shown { things: desk.result(), percent: RwSignal::new(SURE_PERCENT) },
        talk: use_talk(voice),
        voice: voice.desk,
    };
    let shown = held.shown;
    Effect::new(move || held.look.board.lay(FRAMES, shown.shapes()));
    let take = Callback::new(move |taken| {
        shown.things.set(None);
        held.talk.forget();
        held.look.take(taken);
    });
    let found = move || shown.things.with(Option::is_some);
    view! {
        <Around desk=desk title="Narrate a picture"
            lead="One model finds what is in a picture, a sentence is made of it, and another model says it."
            absent="No detection model is here yet: get one on the models page, or open the folder of one \
                (config.json, preprocessor_config.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="actions">
                    {asks(desk, "Narrate", move || held.ask())}
                    {during(found, move || asks(held.voice, "Say it again", move || held.say()))}
                    {talk::saves(held.talk)}
                </div>
                {talk::result(held.talk)}
                <Canvas board=held.look.board told_by="things"/>
                {during(found, move || result(shown, "things"))}
            </Intake>
            <details class="more">
                <summary>"The voice"</summary>
                <Bar desk=held.voice/>
                {talk::wishes(held.talk)}
            </details>
            <Standing desk=held.voice called=None/>
        </Around>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let Some(picture) = self.look.question(Ok) else { return };
        self.shown.things.set(None);
        self.talk.forget();
        self.look.ask(picture, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.shown.things.set(Some(Things::new(output.found.clone())));
                // The voice may still be loading.
                self.voice.when_free("Say it again", Rc::new(move || self.say()));
            }
        });
    }

    /// Says what is shown: another confidence, or a thing that is hidden, makes another sentence.
    fn say(self) {
        self.talk.say(untrack(|| self.shown.told()));
    }
}
