//! Talk with a model.

use leptos::prelude::*;

use crate::{icon::Icon, panels::Panel};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "chat",
    alias: "",
    title: "Chat",
    group: "Talk",
    icon: Icon::Chat,
    view: || view! { <Chat/> }.into_any(),
};

#[component]
fn Chat() -> impl IntoView {
    view! {
        <div class="page">
            <h1>"Chat"</h1>
        </div>
    }
}
