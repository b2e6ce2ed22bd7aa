//! Cut things out of a picture.

mod edits;
mod saves;
mod shown;
mod wishes;

use api::{
    picture::{Found, Picture},
    segment::{Ask, Prompt, Segment, Wish},
};
use leptos::prelude::*;

use crate::{
    call::{Step, use_call},
    canvas::{
        board::{Canvas, use_board},
        colour::Colour,
        hand::{Done, Hand, Tool},
        history::History,
        toolbar::{Wants, use_tools},
    },
    desk::{use_desk, views::Around},
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    panels::Panel,
    part::{during, words},
    picture::{Taken, intake::Intake},
    segment::{
        draw::painted,
        pointed,
        work::{Thing, Work, around},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "segment",
    alias: "",
    title: "Cut out",
    group: "Pictures",
    icon: Icon::Cut,
    code: lazy!(segment, Segmentation),
};

/// The layer of what an edit changes.
const EDITED: &str = "Edit";
/// The layer of masks.
const MASKS: &str = "Masks";
/// How much masks cover of what is below them.
const VEIL: f64 = 0.6;
/// A brush is one of so many parts of the picture's longer side wide, to begin with.
const BRUSH_PARTS: f64 = 30.0;

/// A question about one thing.
type Open = (u32, Prompt);

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Segment>,
    /// `None` before there is a picture.
    work: RwSignal<Option<History<Work>>>,
    hand: RwSignal<Hand>,
    /// The question that was asked last.
    asked: StoredValue<Option<Open>>,
    /// The question that was stopped, or that failed: it is not asked again by itself.
    lost: RwSignal<Option<Open>>,
    /// Whether the model was asked to look at the picture.
    looked: RwSignal<bool>,
    /// What makes colours differ; `None` is one for all.
    colours: RwSignal<Option<u32>>,
    wishes: wishes::Wishes,
    edits: edits::Edits,
}

#[component]
fn Segmentation() -> impl IntoView {
    let asking = use_desk::<Segment>();
    let desk = asking.desk;
    let board = use_board(&[EDITED, MASKS]);
    for layer in [EDITED, MASKS] {
        board.fill(layer, None);
    }
    board.pale(MASKS, VEIL);
    let work = RwSignal::new(None);
    let held = Held {
        look: use_look(asking, board),
        work,
        hand: RwSignal::new(Hand::new(Tool::Include)),
        asked: StoredValue::new(None),
        lost: RwSignal::new(None),
        looked: RwSignal::new(false),
        colours: RwSignal::new(Some(0)),
        wishes: wishes::Wishes::new(use_call()),
        edits: edits::Edits::new(),
    };
    provide_context(held);
    held.equip();
    held.go_on();
    held.draw();
    held.follow_edits();
    view! {
        <Around desk=desk title="Cut out"
            lead="Press a thing in a picture, and the model draws its outline: to blur it, to cut it out, to take its \
                mask along."
            absent="No model that draws outlines is here yet: get one on the models page, or open the folder of one \
                (config.json, preprocessor_config.json, model.safetensors).">
            <Intake desk=desk take=Callback::new(move |taken| held.take(taken))>
                <p class="quiet">{words(move || held.hand.with(|hand| hint(hand.tool).into()))}</p>
                <Canvas board=board told_by="cut"/>
                {during(move || work.with(Option::is_some), move || view! {
                    {shown::card(held)}
                    {wishes::card()}
                    {edits::card(held)}
                }.into_any())}
            </Intake>
        </Around>
    }
    .into_any()
}

/// What to do with a tool.
fn hint(tool: Tool) -> &'static str {
    match tool {
        Tool::Move => {
            "Drag to move a picture that is zoomed in; press a thing to work on it again."
        }
        Tool::Include => {
            "Press a thing to cut it out, and again where some of it is missing. With Shift, or with the minus, press \
             what does not belong to it. On the keyboard, arrows move a crosshair and Enter sets a point."
        }
        Tool::Exclude => "Press what does not belong to the thing.",
        Tool::Box => "Drag a box around a thing.",
        Tool::Paint => "Drag over what belongs to the thing.",
        Tool::Erase => "Drag over what does not belong to the thing.",
    }
}

impl Held {
    /// What `read` makes of the work; it is followed.
    fn read<T: Default>(self, read: impl FnOnce(&Work) -> T) -> T {
        self.work.with(|work| work.as_ref().map(|work| read(work.now())).unwrap_or_default())
    }

    /// What `read` makes of a thing.
    fn thing<T: Default>(self, id: u32, read: impl FnOnce(&Thing) -> T) -> T {
        self.read(|work| work.things.iter().find(|t| t.id == id).map(read).unwrap_or_default())
    }

    /// Does something that can be undone.
    fn change(self, change: impl FnOnce(&mut Work)) {
        self.look.asking.desk.notice.set(None);
        self.history(|work| work.change(change));
    }

    /// Changes what is no step of its own.
    fn amend(self, change: impl FnOnce(&mut Work)) {
        self.history(|work| work.amend(change));
    }

    fn history(self, change: impl FnOnce(&mut History<Work>)) {
        self.work.update(|work| {
            if let Some(work) = work {
                change(work);
            }
        });
    }

    /// Takes another picture.
    fn take(self, taken: Taken) {
        let size = taken.size;
        let side = f64::from(size.width.max(size.height));
        self.hand.update(|hand| hand.radius = (side / BRUSH_PARTS / 2.0).round().clamp(2.0, 100.0));
        self.look.asking.desk.drop_waiting();
        self.wishes.stop();
        self.edits.stop();
        self.show(taken);
        self.work.set(Some(History::new(Work::new(size))));
    }

    /// Shows a picture that the model has not seen.
    fn show(self, taken: Taken) {
        self.asked.set_value(None);
        self.lost.set(None);
        self.looked.set(false);
        self.look.take(taken);
    }

    /// Gives the board its tools.
    fn equip(self) {
        let can = move |can: fn(&History<Work>) -> bool| {
            Signal::derive(move || self.work.with(|work| work.as_ref().is_some_and(can)))
        };
        let wants = Wants {
            done: Callback::new(move |done| self.done(done)),
            undo: Callback::new(move |()| self.history(History::undo)),
            redo: Callback::new(move |()| self.history(History::redo)),
            can_undo: can(History::can_undo),
            can_redo: can(History::can_redo),
            prompt: Signal::derive(move || {
                self.read(|work| work.now().map(|thing| thing.prompt.clone()).unwrap_or_default())
            }),
        };
        use_tools(self.look.board, self.hand, wants);
    }

    /// Takes what was done with a tool.
    fn done(self, done: Result<Done, &'static str>) {
        match done {
            Err(why) => self.look.asking.desk.notice.set(Some(why.into())),
            Ok(Done::Pick(at)) => self.amend(|work| {
                if let Some(id) = work.at(at) {
                    work.pick(id);
                }
            }),
            Ok(Done::Point(spot)) => self.change(|work| work.point(spot)),
            Ok(Done::Box(area)) => self.change(|work| work.frame(area)),
            Ok(Done::Stroke(stroke)) => self.change(|work| work.stroke(stroke)),
        }
    }

    /// Asks what is open whenever the model is free, and else lets it look at the picture beforehand.
    fn go_on(self) {
        let desk = self.look.asking.desk;
        Effect::new(move || {
            desk.loads.track();
            self.asked.set_value(None);
            self.lost.set(None);
            self.looked.set(false);
        });
        Effect::new(move || {
            let open = self.read(Work::asked);
            let (lost, looked) = (self.lost.get(), self.looked.get());
            let ready = self.work.with(Option::is_some) && desk.loaded.with(Option::is_some);
            if desk.is_busy() || desk.waiting().is_some() {
                return;
            }
            match open {
                Some(open) if lost.as_ref() == Some(&open) => {}
                // It has ended, and nothing came of it.
                Some(open) if self.asked.get_value().as_ref() == Some(&open) => self.give_up(open),
                Some(open) => self.ask(open),
                None if ready && !looked => {
                    self.looked.set(true);
                    // No run comes of it: nothing is fetched that would keep one.
                    let look = |picture| Ok(Ask { picture, wish: Wish::Look });
                    if let Some(question) = self.look.question(look) {
                        self.look.asking.start(Some(question), |_| {});
                    }
                }
                None => {}
            }
        });
    }

    fn give_up(self, open: Open) {
        self.asked.set_value(None);
        self.lost.set(Some(open));
    }

    /// Asks for one thing.
    fn ask(self, open: Open) {
        let (id, prompt) = open.clone();
        self.asked.set_value(Some(open));
        self.looked.set(true);
        let prompts = Wish::Prompts(vec![prompt.clone()]);
        self.asks(prompts, move |things| {
            let candidates = things.first().map(Vec::as_slice).unwrap_or_default();
            if candidates.is_empty() {
                let why = "the model has found nothing there: point at another place";
                self.look.asking.desk.notice.set(Some(why.into()));
            }
            self.asked.set_value(None);
            self.amend(|work| work.hear(id, &prompt, candidates));
            self.keep(vec![("Pointed at".into(), pointed(&prompt))], &[id]);
        });
    }

    /// Asks something about the picture; `on` is told the things that come of it.
    fn asks(self, wish: Wish, on: impl Fn(&[Vec<api::segment::Candidate>]) + 'static) {
        let question = |picture: Picture| Ok(Ask { picture, wish });
        let Some(question) = self.look.question(question) else { return };
        self.look.ask(question, move |step| {
            if let Step::Ended(Ok(output)) = step {
                on(&output.things);
            }
        });
    }

    /// Keeps what was found in the log of runs.
    fn keep(self, options: Vec<(String, String)>, ids: &[u32]) {
        let found = |thing: &Thing| {
            let area = around(thing.mask.as_deref()?)?;
            Some(Found { label: thing.label.clone(), score: thing.score()?, area })
        };
        let told = untrack(|| {
            self.read(|work| {
                let things = work.things.iter().filter(|thing| ids.contains(&thing.id));
                let found = things.filter_map(found).collect();
                Told { options, found, lines: vec![work.told()] }
            })
        });
        self.look.keep(told);
    }

    /// The colour of a thing.
    fn colour(self, id: u32) -> Colour {
        let own = |salt| Colour::of(&format!("{salt} thing {id}"));
        self.colours.get().map_or(Colour::DODGER, own)
    }

    /// Draws the masks anew when they or their colours change, and not whenever the picture is moved.
    fn draw(self) {
        let masks = Memo::new(move |_| {
            let masks = self.read(|work| {
                let mask = |thing: &Thing| Some((thing.id, thing.mask.clone()?));
                work.used().filter_map(mask).collect::<Vec<_>>()
            });
            masks.into_iter().map(|(id, mask)| (self.colour(id), mask)).collect::<Vec<_>>()
        });
        Effect::new(move || {
            let size = self.work.with_untracked(|work| work.as_ref().map(|work| work.now().size()));
            masks.with(|masks| {
                let drawn = size.filter(|_| !masks.is_empty()).map(|s| painted(s, None, masks));
                if let Some(Err(_)) = drawn {
                    let why =
                        "there is not enough memory to show the masks: give a smaller picture";
                    self.look.asking.desk.notice.set(Some(why.into()));
                }
                self.look.board.fill(MASKS, drawn.and_then(Result::ok));
            });
        });
    }
}
