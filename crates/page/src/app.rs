//! The frame around every panel: header, navigation, footer.

use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    hooks::use_location,
    path,
};

use crate::{
    engines::Engines,
    icon::Icon,
    panels::{self, Panel},
    status::Status,
    theme::ThemeButton,
};

/// Puts the page where `index.html` says it is loading.
pub fn start() {
    console_panics();
    if let Some(waiting) = gloo::utils::document().get_element_by_id("waiting") {
        waiting.remove();
    }
    leptos::mount::mount_to_body(App);
}

/// A panic's message is worth reading where the browser shows errors.
fn console_panics() {
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
}

/// The site's root as the router wants it: a path without the slash at its end.
fn root() -> String {
    let base = gloo::utils::document().base_uri().ok().flatten().unwrap_or_default();
    let path = web_sys::Url::new(&base).map(|url| url.pathname()).unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    Engines::provide();
    panels::store::Downloads::provide();
    let menu = RwSignal::new(false);
    let root = root();
    let base = root.clone();
    view! {
        <Router base=base>
            <a class="skip" href="#content" rel="external">"Skip to content"</a>
            <div class="frame" class:menu-open=move || menu.get()>
                <Header menu/>
                <Navigation menu root=root.clone()/>
                <main id="content" tabindex="-1">
                    <Routes fallback=|| view! { <Nowhere/> }>
                        <Route path=path!("/*any") view=move || view! { <Shown root=root.clone()/> }/>
                    </Routes>
                </main>
            </div>
        </Router>
    }
}

#[component]
fn Header(menu: RwSignal<bool>) -> impl IntoView {
    let toggle = move |_| menu.update(|open| *open = !*open);
    view! {
        <header class="top">
            <button class="quiet round menu-button" type="button" aria-label="Menu"
                aria-controls="navigation" aria-expanded=move || menu.get().to_string()
                on:click=toggle>
                {Icon::Menu.view()}
            </button>
            <a class="brand" href="./">
                <svg class="flame" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M12 2c1 4 6 6.5 6 12a6 6 0 0 1-12 0c0-3 1.6-4.6 2.6-6.4.5 1.5 1.2 2.2 2 2.6C10.400 7 10.800 4.500 12 2z"></path>
                </svg>
                <span>"Wick"</span>
            </a>
            <span class="spring"></span>
            <ThemeButton/>
            <Status/>
        </header>
    }
}

/// The panel the address names.
fn shown(root: &str) -> Option<&'static Panel> {
    let path = use_location().pathname.get();
    panels::find(path.strip_prefix(root).unwrap_or(&path))
}

#[component]
fn Navigation(menu: RwSignal<bool>, root: String) -> impl IntoView {
    let current = Memo::new(move |_| shown(&root).map(|panel| panel.address));
    let entry = move |panel: &'static Panel| {
        let here = move || (current.get() == Some(panel.address)).then_some("page");
        view! {
            <li>
                <a href=format!("{}/", panel.address) aria-current=here
                    on:click=move |_| menu.set(false)>
                    {panel.icon.view()}
                    <span>{panel.title}</span>
                </a>
            </li>
        }
    };
    let group = move |group: &'static str| {
        let entries = panels::ALL.iter().filter(|panel| panel.group == group);
        view! {
            <section>
                <h2>{group}</h2>
                <ul>{entries.map(entry).collect_view()}</ul>
            </section>
        }
    };
    view! {
        <nav id="navigation" class="side" aria-label="Panels">
            {panels::groups().into_iter().map(group).collect_view()}
            <footer>
                <p>"Models run in this tab. Nothing you type leaves it."</p>
            </footer>
        </nav>
        <button class="veil" type="button" aria-label="Close the menu" tabindex="-1"
            on:click=move |_| menu.set(false)></button>
    }
}

#[component]
fn Shown(root: String) -> impl IntoView {
    let address = Memo::new(move |_| shown(&root).map(|panel| panel.address));
    move || {
        let panel = address.get().and_then(panels::find);
        let title = panel.map_or("Nothing here", |panel| panel.title);
        gloo::utils::document().set_title(&format!("{title} · Wick"));
        panel.map_or_else(|| view! { <Nowhere/> }.into_any(), |panel| (panel.view)())
    }
}

#[component]
fn Nowhere() -> impl IntoView {
    view! {
        <div class="page">
            <h1>"Nothing here"</h1>
            <p>"No panel has this address. "<a href="./">"Go to the chat"</a>"."</p>
        </div>
    }
}
