//! Parts of the page that change, with their types forgotten: leptos makes its code anew for the type of
//! each, which is a kilobyte or two.

use leptos::prelude::*;
use web_sys::{Event, MouseEvent, SubmitEvent};

/// What is drawn again when something that it reads changes.
pub fn part(draw: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    let draw: Box<dyn FnMut() -> Option<AnyView> + Send> = Box::new(draw);
    draw.into_any()
}

/// Words that change.
pub fn words(say: impl FnMut() -> String + Send + 'static) -> AnyView {
    let say: Box<dyn FnMut() -> String + Send> = Box::new(say);
    say.into_any()
}

/// What is there while something holds, and stays the same meanwhile.
pub fn during(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    draw: impl Fn() -> AnyView + Send + 'static,
) -> AnyView {
    let holds = Signal::derive(holds);
    let holds = Memo::new(move |_| holds.get());
    part(move || holds.get().then(&draw))
}

/// What a button does.
pub fn press(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// What a field does with what is typed, when it is told so.
pub fn typed(mut take: impl FnMut(String) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| take(event_target_value(&event)))
}

/// What a form does with its fields; the page stays.
pub fn sent(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(move |event| {
        event.prevent_default();
        act();
    })
}
