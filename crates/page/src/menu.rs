//! A button that opens a small window below itself.

use gloo::events::EventListener;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::{icon::Icon, part::press};

/// The button and its window.
#[component]
pub fn Menu(
    /// What the button says.
    name: &'static str,
    /// Its picture.
    icon: Icon,
    /// Classes of the button.
    #[prop(optional)]
    look: &'static str,
    /// Whether something in it wants to be seen.
    #[prop(optional, into)]
    trouble: Signal<bool>,
    /// What the window shows.
    children: ChildrenFn,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    close_on_leaving(place, open);
    view! {
        <div class="menu" node_ref=place>
            <button type="button" class=look class:trouble=trouble title=name
                aria-expanded=move || open.get().to_string()
                on:click=press(move || open.update(|open| *open = !*open))>
                {icon.view()} <span class="words">{name}</span>
            </button>
            <Show when=move || open.get()>
                <div class="popover">{children()}</div>
            </Show>
        </div>
    }
}

/// A press elsewhere, or Esc, closes the window.
fn close_on_leaving(place: NodeRef<html::Div>, open: RwSignal<bool>) {
    let outside = move |event: &web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !place.get_untracked().is_some_and(|place| place.contains(target.as_ref())) {
            open.set(false);
        }
    };
    let press = EventListener::new(&gloo::utils::document(), "pointerdown", outside);
    let key = EventListener::new(&gloo::utils::document(), "keydown", move |event| {
        if event.dyn_ref::<web_sys::KeyboardEvent>().is_some_and(|event| event.key() == "Escape") {
            open.set(false);
        }
    });
    let held = StoredValue::new_local((press, key));
    on_cleanup(move || held.dispose());
}
