//! Where the page is: a link to another panel changes the address without loading anything anew.

use gloo::{events::EventListener, utils};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlAnchorElement, MouseEvent, UrlSearchParams};

/// The page's address below the site's root.
#[derive(Clone, Copy)]
pub struct Address(RwSignal<Place>);

/// `chat/` and `?model=…`, for example.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    path: String,
    query: String,
}

impl Address {
    /// Gives the page its address, and follows its links and the browser's back and forward.
    pub fn provide() -> Self {
        let root = utils::document().base_uri().ok().flatten().unwrap_or_default();
        let address = Self(RwSignal::new(here(&root)));
        let back = {
            let root = root.clone();
            move |_: &Event| address.0.set(here(&root))
        };
        EventListener::new(&utils::window(), "popstate", back).forget();
        let press = move |event: &Event| {
            let Some((link, place)) = followed(event, &root) else { return };
            // Where the browser keeps no history it loads the address as any other.
            if push(&link).is_ok() {
                event.prevent_default();
                address.0.set(place);
                utils::window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        };
        let options = gloo::events::EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(&utils::document(), "click", options, press).forget();
        provide_context(address);
        address
    }

    /// The path below the site's root.
    pub fn path(self) -> String {
        self.0.with(|place| place.path.clone())
    }

    /// What the address asks for under a name, at this moment.
    pub fn asked(self, name: &str) -> Option<String> {
        let query = self.0.with_untracked(|place| place.query.clone());
        UrlSearchParams::new_with_str(&query).ok()?.get(name)
    }
}

/// The page's address.
pub fn use_address() -> Address {
    expect_context()
}

fn here(root: &str) -> Place {
    let address = utils::window().location().href().unwrap_or_default();
    place(&address, root).unwrap_or_default()
}

/// Where an address leads below the root; `None` for another site's, or one above the root.
fn place(address: &str, root: &str) -> Option<Place> {
    let below = address.strip_prefix(root)?;
    let below = below.split_once('#').map_or(below, |(before, _)| before);
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    Some(Place { path: path.into(), query: query.into() })
}

/// The link that a press follows, if it is ours to follow.
fn followed(event: &Event, root: &str) -> Option<(String, Place)> {
    let mouse = event.dyn_ref::<MouseEvent>()?;
    // With these the browser opens a window, a tab, or a menu.
    let special = mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key();
    if special || mouse.button() != 0 || event.default_prevented() {
        return None;
    }
    let pressed = event.target()?.dyn_into::<Element>().ok()?;
    let link = pressed.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
    if link.has_attribute("download") || !link.target().is_empty() {
        return None;
    }
    place(&link.href(), root).map(|place| (link.href(), place))
}

fn push(address: &str) -> Result<(), JsValue> {
    let window = utils::window();
    match window.location().href()? == address {
        true => Ok(()),
        false => window.history()?.push_state_with_url(&JsValue::NULL, "", Some(address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, want: Option<(&str, &str)>) {
        let found = place(address, "https://a.b/wick/");
        let found = found.as_ref().map(|place| (place.path.as_str(), place.query.as_str()));
        assert_eq!(found, want, "{address}");
    }

    #[test]
    fn an_address_below_the_root_is_a_place() {
        check("https://a.b/wick/", Some(("", "")));
        check("https://a.b/wick/chat/?model=x#top", Some(("chat/", "model=x")));
        check("https://a.b/wick/#content?", Some(("", "")));
        check("https://a.b/chat/", None);
        check("https://c.d/wick/", None);
    }
}
