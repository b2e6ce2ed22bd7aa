//! What was cut out so far.

use leptos::prelude::*;

use super::Held;
use crate::{
    desk::views::{asks, button},
    icon::Icon,
    part::{part, press, typed, words},
    rows::rows,
    segment::{believed, share},
};

/// The thing that is worked on, what else may be meant, and the list of all.
pub(super) fn card(held: Held) -> AnyView {
    view! {
        <section class="card" aria-label="What is cut out">
            <p class="told" id="cut" aria-live="polite">{words(move || held.read(|work| work.told()))}</p>
            {part(move || choices(held))}
            <div class="actions">
                {button("New thing", Icon::New, move || held.change(|work| work.begin()))}
                {asks(held.look.asking.desk, "Cut out everything", move || held.everything())}
                {button("Clear all", Icon::Close, move || held.change(|work| work.clear()))}
            </div>
            {list(held)}
            {colours(held)}
        </section>
    }
    .into_any()
}

/// The masks that may be meant, if there is a choice.
fn choices(held: Held) -> Option<AnyView> {
    let scores = held.read(|work| {
        let thing = work.now()?;
        let scores: Vec<_> = thing.choices.iter().map(|choice| choice.score).collect();
        Some((scores, thing.chosen))
    });
    let (scores, chosen) = scores.filter(|(scores, _)| scores.len() > 1)?;
    let choice = |(at, score): (usize, f32)| {
        let choose = press(move || held.change(|work| work.choose(at)));
        view! {
            <button type="button" aria-pressed=(at == chosen).to_string() on:click=choose
                title="How well the model believes to have met the outline (intersection over union)">
                {format!("Mask {} · {}", at + 1, believed(score))}
            </button>
        }
        .into_any()
    };
    let choices = scores.into_iter().enumerate().map(choice).collect_view();
    Some(
        view! { <div class="actions toolbar" role="group" aria-label="What may be meant">{choices}</div> }
            .into_any(),
    )
}

/// All things, each with its colour, name and size.
fn list(held: Held) -> AnyView {
    let each = move || {
        held.read(|work| {
            work.things
                .iter()
                .filter(|thing| thing.mask.is_some())
                .map(|t| t.id)
                .collect::<Vec<_>>()
        })
    };
    view! { <ul class="things cut" aria-label="Things cut out">{rows(each, u32::to_string, move |id| row(held, id))}</ul> }
        .into_any()
}

fn row(held: Held, id: u32) -> AnyView {
    let used = move || held.thing(id, |thing| thing.used);
    let turn = press(move || {
        held.amend(|work| work.change(id, |thing| thing.used = !thing.used));
    });
    let rename = typed(move |typed| held.amend(|work| work.change(id, |t| t.label = typed)));
    let is_now = move || held.read(|work| work.current == id).to_string();
    let part_of = move || {
        held.read(|work| {
            let thing = work.things.iter().find(|thing| thing.id == id);
            thing.map(|thing| share(thing.area(), work.size().pixels())).unwrap_or_default()
        })
    };
    view! {
        <li>
            <label>
                <input type="checkbox" aria-label=format!("Use thing {id}") prop:checked=used on:click=turn/>
                <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                    <rect width="10" height="10" fill=move || held.colour(id).css()/>
                </svg>
                {id}
            </label>
            <input type="text" autocomplete="off" aria-label=format!("Name of thing {id}")
                prop:value=move || held.thing(id, |thing| thing.label.clone()) on:input=rename/>
            <strong>{words(part_of)}</strong>
            <button type="button" class="round quiet" title="Work on it" aria-label=format!("Work on thing {id}")
                aria-pressed=is_now on:click=press(move || held.amend(|work| work.pick(id)))>{Icon::Edit.view()}</button>
            <button type="button" class="round quiet" title="Remove" aria-label=format!("Remove thing {id}")
                on:click=press(move || held.change(|work| work.remove(id)))>{Icon::Close.view()}</button>
        </li>
    }
    .into_any()
}

/// A colour for each mask, others, or one for all.
fn colours(held: Held) -> AnyView {
    let choose = typed(move |typed| held.colours.set((typed == "each").then_some(0)));
    let other = move || {
        held.colours.update(|salt| *salt = Some(salt.map_or(0, |salt| salt.wrapping_add(1))));
    };
    view! {
        <div class="actions">
            <label for="colours">"Colours"</label>
            <select id="colours" on:change=choose>
                <option value="each" selected=move || held.colours.with(Option::is_some)>"one for each thing"</option>
                <option value="all" selected=move || held.colours.with(Option::is_none)>"blue for all"</option>
            </select>
            {button("Other colours", Icon::Refresh, other)}
        </div>
    }
    .into_any()
}
