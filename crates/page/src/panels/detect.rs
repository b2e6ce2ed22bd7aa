//! Find the things in a picture.

use api::detect::Detect;
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::{Canvas, use_board},
    desk::{
        use_desk,
        views::{Around, asks, copies, entry},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    menu::Menu,
    panels::Panel,
    part::during,
    picture::intake::Intake,
    things::{
        Shown, Things,
        views::{result, save_coco},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "detect",
    alias: "",
    title: "Find things",
    group: "Pictures",
    icon: Icon::Detect,
    code: lazy!(detect, Detection),
};

/// The layer of frames.
const FRAMES: &str = "Things found";
/// What the reference takes for found unless it is told otherwise.
const SURE_PERCENT: u32 = 90;

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Detect>,
    shown: Shown,
}

#[component]
fn Detection() -> impl IntoView {
    let asking = use_desk::<Detect>();
    let desk = asking.desk;
    let shown = Shown { things: desk.result(), percent: RwSignal::new(SURE_PERCENT) };
    let held = Held { look: use_look(asking, use_board(&[FRAMES])), shown };
    Effect::new(move || held.look.board.lay(FRAMES, shown.shapes()));
    let take = Callback::new(move |taken| {
        shown.things.set(None);
        held.look.take(taken);
    });
    view! {
        <Around desk=desk title="Find things"
            lead="What is in a picture, where it is, and how sure the model is of it."
            absent="No detection model is here yet: get one on the models page, or open the folder of one \
                (config.json, preprocessor_config.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="actions">
                    {asks(desk, "Find things", move || held.ask())}
                    {during(move || shown.things.with(Option::is_some), move || save(held))}
                </div>
                <Canvas board=held.look.board told_by="things"/>
                {during(move || shown.things.with(Option::is_some), move || result(shown, "things"))}
            </Intake>
        </Around>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let Some(picture) = self.look.question(Ok) else { return };
        self.shown.things.set(None);
        self.look.ask(picture, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.shown.things.set(Some(Things::new(output.found.clone())));
                self.look.keep(Told { found: output.found.clone(), ..Told::default() });
            }
        });
    }
}

fn save(held: Held) -> AnyView {
    let desk = held.look.asking.desk;
    view! {
        {copies(desk, "Copy the sentence", move || untrack(|| held.shown.told()))}
        <Menu name="Save" icon=Icon::Download>
            {entry("Picture with frames (PNG)", move || held.look.save_picture("things.png"))}
            {entry("Frames as COCO JSON", move || save_coco(desk, held.look.board, held.shown, "things.json"))}
        </Menu>
    }
    .into_any()
}
