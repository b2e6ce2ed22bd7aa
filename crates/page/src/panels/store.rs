//! Keep models: what is stored, what can be downloaded.

use leptos::prelude::*;

/// The shelf.
#[component]
pub fn Store() -> impl IntoView {
    view! {
        <div class="page">
            <h1>"Models"</h1>
        </div>
    }
}
