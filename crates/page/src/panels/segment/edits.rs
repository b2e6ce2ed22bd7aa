//! What is done with the pixels that were cut out, or with all others.

use std::{pin::Pin, sync::Arc};

use api::picture::Mask;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlCanvasElement};

use super::{EDITED, Held, saves};
use crate::{
    canvas::mask::turned,
    desk::views::{button, notice},
    files::picked,
    icon::Icon,
    lazy::{later, once_here},
    part::{part, typed, words},
    picture::{Taken, header::Size, on_white, taken},
    segment::draw::{Edit, changes, edited},
};

/// What makes an edit: see [`changes`].
type Change = fn(HtmlCanvasElement, Mask, Edit, Box<dyn Fn() -> bool>) -> Changing;
type Changing = Pin<Box<dyn Future<Output = Result<Option<HtmlCanvasElement>, JsValue>>>>;

/// A kind of edit, as it is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nothing,
    Blur,
    Pixelate,
    CutOut,
    Colour,
    Picture,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Nothing, "Leave it as it is"),
    (Kind::Blur, "Blur it"),
    (Kind::Pixelate, "Make it squares"),
    (Kind::CutOut, "Cut it out"),
    (Kind::Colour, "Put it on a colour"),
    (Kind::Picture, "Put it on another picture"),
];

/// What is chosen, and what came of it.
#[derive(Clone, Copy)]
pub(super) struct Edits {
    kind: RwSignal<Kind>,
    /// Whether what was cut out is meant, or all the rest.
    inside: RwSignal<bool>,
    /// Standard deviation of the blur, in pixels.
    radius: RwSignal<u32>,
    /// Side of a square, in pixels.
    side: RwSignal<u32>,
    colour: RwSignal<String>,
    behind: RwSignal<Option<Taken>, LocalStorage>,
    /// Pixels that are changed, with the edit that was asked for.
    done: RwSignal<Option<(HtmlCanvasElement, Edit)>, LocalStorage>,
    /// Counts edits: only the last one is shown.
    turn: StoredValue<u32>,
}

impl Edits {
    pub(super) fn new() -> Self {
        Self {
            kind: RwSignal::new(Kind::Nothing),
            inside: RwSignal::new(true),
            radius: RwSignal::new(5),
            side: RwSignal::new(16),
            colour: RwSignal::new("#ffffff".into()),
            behind: RwSignal::new_local(None),
            done: RwSignal::new_local(None),
            turn: StoredValue::new(0),
        }
    }

    /// What is under way comes to nothing.
    pub(super) fn stop(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.done.set(None);
    }

    /// The edit that is chosen; `None` if none is, or if it lacks something.
    fn chosen(self) -> Option<Edit> {
        Some(match self.kind.get() {
            Kind::Nothing => return None,
            Kind::Blur => Edit::Blur(self.radius.get().into()),
            Kind::Pixelate => Edit::Pixelate(self.side.get()),
            Kind::CutOut => Edit::CutOut,
            Kind::Colour => Edit::Colour(self.colour.get()),
            Kind::Picture => {
                Edit::Picture(self.behind.with(|behind| behind.as_ref().map(|b| b.pixels.clone()))?)
            }
        })
    }
}

impl Held {
    /// Makes the edit anew whenever what is meant by it changes, and shows it.
    pub(super) fn follow_edits(self) {
        let Edits { kind, inside, done, turn, .. } = self.edits;
        let meant = Memo::new(move |_| {
            let wanted = kind.get() != Kind::Nothing;
            wanted.then(|| self.read(|work| work.meant(inside.get())).map(Arc::new)).flatten()
        });
        Effect::new(move || {
            let (edit, meant) = (self.edits.chosen(), meant.get());
            let mine = turn.try_update_value(|turn| {
                *turn += 1;
                *turn
            });
            let picture =
                self.look.board.taken.with(|taken| taken.as_ref().map(|t| t.pixels.clone()));
            let (Some(edit), Some(meant), Some(picture)) = (edit, meant, picture) else {
                return done.set(None);
            };
            let coming = later!(later_edit: Change, |picture, mask, edit, wanted| {
                Box::pin(changes(picture, mask, edit, wanted))
            });
            once_here(coming, self.look.asking.desk.notice, move |change| {
                spawn_local(async move {
                    let mask = changed(&meant, &edit);
                    let wanted = move || turn.try_get_value() == mine;
                    match change(picture, mask, edit.clone(), Box::new(wanted)).await {
                        Ok(Some(canvas)) if wanted() => drop(done.try_set(Some((canvas, edit)))),
                        Ok(_) => {}
                        Err(_) => self.complain("there is not enough memory to edit it"),
                    }
                })
            });
        });
        Effect::new(move || {
            let drawn = done.with(|done| done.as_ref().map(|(canvas, _)| canvas.clone()));
            self.look.board.fill(EDITED, drawn);
        });
    }

    pub(super) fn complain(self, why: &str) {
        self.look.asking.desk.notice.try_set(Some(why.into()));
    }

    /// The edited picture; `None` if nothing is edited.
    pub(super) fn edited(self) -> Option<HtmlCanvasElement> {
        let picture = self
            .look
            .board
            .taken
            .with_untracked(|taken| taken.as_ref().map(|t| t.pixels.clone()))?;
        let made = self.edits.done.with_untracked(|done| {
            done.as_ref().map(|(changes, edit)| edited(&picture, changes, edit))
        })?;
        if made.is_err() {
            self.complain("there is not enough memory to draw the edited picture");
        }
        made.ok()
    }

    /// Goes on with the edited picture in the place of the one that was given.
    fn apply(self) {
        let Some(canvas) = self.edited() else { return };
        let size = Size { width: canvas.width(), height: canvas.height() };
        let flat =
            on_white(size, |brush| brush.draw_image_with_html_canvas_element(&canvas, 0.0, 0.0));
        match flat {
            Err(_) => self.complain("there is not enough memory to draw the edited picture"),
            Ok(pixels) => {
                let name = format!("{}-edited.png", self.look.name().trim_end_matches(".png"));
                self.edits.kind.set(Kind::Nothing);
                self.edits.stop();
                let masks = self.look.board.drawn(super::MASKS);
                self.show(Taken { name, size, note: None, pixels });
                self.look.board.fill(super::MASKS, masks);
            }
        }
    }

    /// Takes a picture that goes behind what was cut out.
    fn behind(self, files: Vec<File>) {
        let Some(file) = files.into_iter().next() else { return };
        spawn_local(async move {
            match taken(&file.name(), &file).await {
                Ok(taken) => drop(self.edits.behind.try_set(Some(taken))),
                Err(why) => self.complain(&why),
            }
        });
    }
}

/// The pixels that an edit changes to do what it does with those that are meant.
fn changed(meant: &Mask, edit: &Edit) -> Mask {
    if edit.is_of_meant() { meant.clone() } else { turned(meant) }
}

/// What to do with it.
pub(super) fn card(held: Held) -> AnyView {
    let Edits { kind, inside, done, .. } = held.edits;
    let option = move |(each, name): (Kind, &'static str)| {
        view! { <option value=name selected=move || kind.get() == each>{name}</option> }
    };
    let choose = typed(move |typed| {
        if let Some((chosen, _)) = KINDS.iter().find(|(_, name)| *name == typed) {
            kind.set(*chosen);
        }
    });
    let side = typed(move |typed| inside.set(typed == "inside"));
    let apply = move || {
        let apply = || button("Go on with the edited picture", Icon::Check, move || held.apply());
        done.with(Option::is_some).then(apply)
    };
    view! {
        <section class="card" aria-label="What to do with it">
            <div class="actions">
                <label for="edit">"Do"</label>
                <select id="edit" on:change=choose>{KINDS.map(option).collect_view()}</select>
                <label for="side">"with"</label>
                <select id="side" on:change=side>
                    <option value="inside">"what is cut out"</option>
                    <option value="outside">"all the rest"</option>
                </select>
                {part(move || Some(knob(held, kind.get())))}
            </div>
            {part(move || lacks(held).map(|why| notice(why.into())))}
            <div class="actions">
                {part(apply)}
                {saves::menu(held)}
            </div>
        </section>
    }
    .into_any()
}

/// Why nothing comes of the chosen edit.
fn lacks(held: Held) -> Option<&'static str> {
    let Edits { kind, inside, behind, .. } = held.edits;
    let is_chosen = kind.get() != Kind::Nothing;
    if is_chosen && held.read(|work| work.used().next().is_none()) {
        return Some(
            "Nothing is cut out yet: press a thing in the picture, or tick one in the list.",
        );
    }
    if is_chosen && held.read(|work| work.meant(inside.get()).is_none()) {
        return Some("There is no pixel with which to do it.");
    }
    let needs = kind.get() == Kind::Picture && behind.with(Option::is_none);
    needs.then_some("Open the picture that goes behind it.")
}

/// What can be set about an edit.
fn knob(held: Held, kind: Kind) -> AnyView {
    let Edits { radius, side, colour, .. } = held.edits;
    match kind {
        Kind::Nothing | Kind::CutOut => ().into_any(),
        Kind::Blur => slider("Radius", (1, 100), radius),
        Kind::Pixelate => slider("Squares", (2, 200), side),
        Kind::Colour => view! {
            <label for="colour">"Colour"</label>
            <input id="colour" type="color" prop:value=colour on:input=typed(move |typed| colour.set(typed))/>
        }
        .into_any(),
        Kind::Picture => view! {
            <label class="button">
                {Icon::Picture.view()} "Open what goes behind"
                <input class="visually-hidden" type="file" accept="image/png,image/jpeg,image/webp,image/gif"
                    aria-label="Open what goes behind" on:change=move |event| held.behind(picked(&event))/>
            </label>
        }
        .into_any(),
    }
}

fn slider(name: &'static str, (least, most): (u32, u32), value: RwSignal<u32>) -> AnyView {
    let change = typed(move |typed| {
        if let Ok(typed) = typed.parse::<u32>() {
            value.set(typed.clamp(least, most));
        }
    });
    view! {
        <label class="slider">
            <span>{name}</span>
            <input type="range" min=least.to_string() max=most.to_string()
                prop:value=move || value.get().to_string() on:input=change/>
            <output>{words(move || format!("{} px", value.get()))}</output>
        </label>
    }
    .into_any()
}
