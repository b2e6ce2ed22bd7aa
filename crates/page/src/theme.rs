//! Light, dark, or as the system says.

use gloo::storage::{LocalStorage as Kept, Storage};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::icon::Icon;

const KEY: &str = "wick-theme";

/// Which colours to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Screen,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
        }
    }
}

/// The button that goes through the three.
#[component]
pub fn ThemeButton() -> impl IntoView {
    // A browser that keeps nothing, or something else under the key, gets the system's colours.
    let theme = RwSignal::new(Kept::get(KEY).unwrap_or(Theme::System));
    Effect::new(move |_| {
        let html = gloo::utils::document_element();
        if html.set_attribute("data-theme", theme.get().name()).is_err() {
            leptos::logging::warn!("<html> takes no attribute");
        }
    });
    let change = move |_| {
        theme.update(|theme| *theme = theme.next());
        if let Err(error) = Kept::set(KEY, theme.get_untracked()) {
            leptos::logging::warn!("the theme is not kept: {error}");
        }
    };
    view! {
        <button class="quiet round" type="button" on:click=change
            aria-label=move || format!("Theme: {}", theme.get().name())
            title=move || format!("Theme: {}", theme.get().name())>
            {move || theme.get().icon().view()}
        </button>
    }
}
