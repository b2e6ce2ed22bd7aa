//! Find the things in a picture.

use api::{detect::Detect, picture::Found};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::{
        board::{Board, Canvas, use_board},
        colour::Colour,
        paint,
    },
    desk::{
        Asking, use_desk,
        views::{Around, asks, copies, entry, notice},
    },
    detect::{SURE_PERCENT, Things, sure},
    files,
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    narrate::narration,
    panels::Panel,
    part::{during, part, press, typed, words},
    picture::{Taken, intake::Intake},
    rows::rows,
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

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    asking: Asking<Detect>,
    board: Board,
    things: RwSignal<Option<Things>, LocalStorage>,
    percent: RwSignal<u32>,
    /// Counts pictures: what is found in one is not drawn on another.
    pictures: RwSignal<u32>,
}

#[component]
fn Detection() -> impl IntoView {
    let asking = use_desk::<Detect>();
    let held = Held {
        asking,
        board: use_board(&[FRAMES]),
        things: asking.desk.result(),
        percent: RwSignal::new(SURE_PERCENT),
        pictures: RwSignal::new(0),
    };
    Effect::new(move || held.board.lay(FRAMES, held.shapes()));
    view! {
        <Around desk=asking.desk title="Find things"
            lead="What is in a picture, where it is, and how sure the model is of it."
            absent="No detection model is here yet: get one on the models page, or open the folder of one \
                (config.json, preprocessor_config.json, model.safetensors).">
            <Intake desk=asking.desk take=Callback::new(move |taken| held.take(taken))>
                <div class="actions">
                    {asks(asking.desk, "Find things", move || held.ask())}
                    {during(move || held.things.with(Option::is_some), move || save(held))}
                </div>
                <Canvas board=held.board told_by="things"/>
                {during(move || held.things.with(Option::is_some), move || result(held))}
            </Intake>
        </Around>
    }
    .into_any()
}

impl Held {
    fn take(self, taken: Taken) {
        self.pictures.update(|count| *count += 1);
        self.things.set(None);
        self.board.show(taken);
    }

    fn ask(self) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        let picture = self.board.taken.with_untracked(|taken| match taken {
            Some(taken) => taken.picture(),
            None => Err("there is no picture yet: open one first".into()),
        });
        match picture {
            Err(why) => desk.notice.set(Some(why)),
            Ok(picture) => {
                let shown = self.pictures.get_untracked();
                self.things.set(None);
                self.asking.start(Some(picture), move |step| {
                    if let Step::Ended(Ok(output)) = step
                        && self.pictures.get_untracked() == shown
                    {
                        self.things.set(Some(Things::new(output.found.clone())));
                    }
                });
            }
        }
    }

    /// What `read` makes of the things and the confidence; both are followed.
    fn read<T: Default>(self, read: impl FnOnce(&Things, u32) -> T) -> T {
        let percent = self.percent.get();
        self.things.with(|things| things.as_ref().map(|t| read(t, percent)).unwrap_or_default())
    }

    fn shapes(self) -> Vec<crate::canvas::Shape> {
        self.read(Things::shapes)
    }

    fn told(self) -> String {
        self.read(|things, percent| {
            narration(things.shown(percent).map(|found| found.label.as_str()))
        })
    }

    fn coco(self) -> String {
        let named = self
            .board
            .taken
            .with_untracked(|taken| taken.as_ref().map(|taken| (taken.name.clone(), taken.size)));
        named
            .map(|(name, size)| self.read(|things, percent| things.coco(percent, &name, size)))
            .unwrap_or_default()
    }

    fn save_picture(self) {
        let drawn = self.board.taken.with_untracked(|taken| {
            let taken = taken.as_ref()?;
            Some(self.board.layers.with_untracked(|layers| paint::whole(taken, layers)))
        });
        let desk = self.asking.desk;
        let failed = move |why: &str| {
            desk.notice.try_set(Some(format!("the picture cannot be saved: {why}")));
        };
        match drawn {
            Some(Ok(canvas)) => files::offer_picture("things.png", &canvas, failed),
            Some(Err(_)) => failed("there is not enough memory to draw it"),
            None => failed("there is none"),
        }
    }
}

fn save(held: Held) -> AnyView {
    let desk = held.asking.desk;
    view! {
        {copies(desk, "Copy the sentence", move || untrack(|| held.told()))}
        <Menu name="Save" icon=Icon::Download>
            {entry("Picture with frames (PNG)", move || held.save_picture())}
            {entry("Frames as COCO JSON", move || desk.save("things.json", &untrack(|| held.coco())))}
        </Menu>
    }
    .into_any()
}

/// What was found: told, filtered, listed.
fn result(held: Held) -> AnyView {
    let nothing = move || held.read(Things::nothing).map(notice);
    view! {
        <section class="card" aria-label="What was found">
            <p class="told" aria-live="polite">{words(move || held.told())}</p>
            {confidence(held)}
            {part(nothing)}
            {list(held)}
        </section>
    }
    .into_any()
}

fn confidence(held: Held) -> AnyView {
    let change = typed(move |typed| {
        if let Ok(percent) = typed.parse() {
            held.percent.set(percent);
        }
    });
    view! {
        <label class="slider">
            <span>"Confidence above"</span>
            <input type="range" min="0" max="99" prop:value=move || held.percent.get().to_string() on:input=change/>
            <output>{words(move || format!("{} %", held.percent.get()))}</output>
        </label>
    }
    .into_any()
}

/// Things that are sure enough, each of which can be hidden.
fn list(held: Held) -> AnyView {
    let each = move || {
        held.read(|things, percent| {
            things.above(percent).map(|(at, found)| (at, found.clone())).collect::<Vec<_>>()
        })
    };
    let draw = move |(at, found): (usize, Found)| {
        let colour = Colour::of(&found.label).css();
        let is_shown = move || {
            held.things.with(|things| things.as_ref().is_some_and(|t| !t.hidden.contains(&at)))
        };
        let turn = press(move || {
            held.things.update(|things| {
                if let Some(things) = things {
                    things.turn(at);
                }
            });
        });
        view! {
            <li>
                <label>
                    <input type="checkbox" prop:checked=is_shown on:click=turn/>
                    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill=colour/></svg>
                    {found.label}
                </label>
                <strong>{sure(found.score)}</strong>
            </li>
        }
        .into_any()
    };
    // A later picture's things are other things.
    let key = move |(at, found): &(usize, Found)| format!("{at}-{}-{}", found.label, found.score);
    view! { <ul class="things" id="things" aria-label="Things found">{rows(each, key, draw)}</ul> }
        .into_any()
}
