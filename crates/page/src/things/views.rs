//! What was found: told, filtered, listed.

use api::picture::Found;
use leptos::prelude::*;

use super::{Shown, Things, sure};
use crate::{
    canvas::{board::Board, colour::Colour},
    desk::{Desk, views::notice},
    lazy::{later, once_here},
    part::{part, press, typed, words},
    picture::{Taken, header::Size},
    rows::rows,
};

/// All of it, in a card that `id` tells apart; the canvas is told by the same.
pub fn result(shown: Shown, id: &'static str) -> AnyView {
    let nothing = move || shown.read(Things::nothing).map(notice);
    view! {
        <section class="card" aria-label="What was found">
            <p class="told" aria-live="polite">{words(move || shown.told())}</p>
            {confidence(shown.percent)}
            {part(nothing)}
            {list(shown, id)}
        </section>
    }
    .into_any()
}

/// Offers what is shown of the picture on a board as a COCO file.
pub fn save_coco(desk: Desk, board: Board, shown: Shown, file: &'static str) {
    let taken = |taken: &Option<Taken>| taken.as_ref().map(|t| (t.name.clone(), t.size));
    let Some((name, size)) = board.taken.with_untracked(taken) else { return };
    let coming = later!(later_coco: fn(&Things, u32, &str, Size) -> String, Things::coco);
    once_here(coming, desk.notice, move |coco| {
        let text = || shown.read(|things, percent| coco(things, percent, &name, size));
        desk.save(file, &untrack(text));
    });
}

/// How sure the model must be.
pub fn confidence(percent: RwSignal<u32>) -> AnyView {
    let change = typed(move |typed| {
        if let Ok(typed) = typed.parse() {
            percent.set(typed);
        }
    });
    view! {
        <label class="slider">
            <span>"Confidence above"</span>
            <input type="range" min="0" max="99" prop:value=move || percent.get().to_string() on:input=change/>
            <output>{words(move || format!("{} %", percent.get()))}</output>
        </label>
    }
    .into_any()
}

/// Things that are sure enough, each of which can be hidden.
pub fn list(shown: Shown, id: &'static str) -> AnyView {
    let each = move || {
        shown.read(|things, percent| {
            things.above(percent).map(|(at, found)| (at, found.clone())).collect::<Vec<_>>()
        })
    };
    let draw = move |(at, found): (usize, Found)| {
        let colour = Colour::of(&found.label).css();
        let is_shown = move || {
            shown.things.with(|things| things.as_ref().is_some_and(|t| !t.hidden.contains(&at)))
        };
        view! {
            <li>
                <label>
                    <input type="checkbox" prop:checked=is_shown on:click=press(move || shown.turn(at))/>
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
    view! { <ul class="things" id=id aria-label="Things found">{rows(each, key, draw)}</ul> }
        .into_any()
}
