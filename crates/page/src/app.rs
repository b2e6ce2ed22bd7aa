//! The frame around every panel: header, navigation, footer.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    address::{Address, use_address},
    engines::Engines,
    icon::Icon,
    lazy,
    panels::{self, Panel},
    part::press,
    status::Status,
    theme::ThemeButton,
};

/// Puts the page where `index.html` says it is loading.
pub fn start() {
    #[cfg(debug_assertions)]
    console_panics();
    if let Some(waiting) = gloo::utils::document().get_element_by_id("waiting") {
        waiting.remove();
    }
    leptos::mount::mount_to_body(App);
}

/// The published page is built without the words of its panics, which `start.js` reports; they are for
/// whoever builds it for themselves.
#[cfg(debug_assertions)]
fn console_panics() {
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    Engines::provide();
    Address::provide();
    panels::store::Downloads::provide();
    let menu = RwSignal::new(false);
    view! {
        <a class="skip" href="#content" on:click=skip>"Skip to content"</a>
        <div class="frame" class:menu-open=move || menu.get()>
            <Header menu/>
            <Navigation menu/>
            <main id="content" tabindex="-1"><Shown/></main>
        </div>
    }
}

/// To the content of the panel that is shown: the link's own address is that of the site's root.
fn skip(event: web_sys::MouseEvent) {
    event.prevent_default();
    let content = gloo::utils::document().get_element_by_id("content");
    if let Some(content) = content.and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok())
        && let Err(thrown) = content.focus()
    {
        leptos::logging::warn!("the content takes no focus: {thrown:?}");
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

/// The panel the address names, by its own address.
fn shown() -> Memo<Option<&'static str>> {
    let address = use_address();
    Memo::new(move |_| panels::find(&address.path()).map(|panel| panel.address))
}

#[component]
fn Navigation(menu: RwSignal<bool>) -> impl IntoView {
    let current = shown();
    let entry = move |panel: &'static Panel| {
        let here = move || (current.get() == Some(panel.address)).then_some("page");
        view! {
            <li>
                <a href=format!("{}/", panel.address) aria-current=here
                    on:click=press(move || menu.set(false))>
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
            on:click=press(move || menu.set(false))></button>
    }
}

#[component]
fn Shown() -> impl IntoView {
    let address = shown();
    move || {
        let panel = address.get().and_then(panels::find);
        let title = panel.map_or("Nothing here", |panel| panel.title);
        gloo::utils::document().set_title(&format!("{title} · Wick"));
        panel.map_or_else(
            || view! { <Nowhere/> }.into_any(),
            |panel| lazy::open(panel.title, panel.code),
        )
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
