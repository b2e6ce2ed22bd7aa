//! What runs behind the page, in a small window of the header.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    engine::{Life, choice::Choice},
    engines::{STORE, use_engines},
    icon::Icon,
    menu::Menu,
    part::words,
};

/// The button and its window.
#[component]
pub fn Status() -> impl IntoView {
    let engines = use_engines();
    let trouble = move || {
        engines
            .list()
            .iter()
            .any(|(_, engine)| matches!(engine.life().get(), Life::Silent | Life::Dead(_)))
    };
    view! {
        <Menu name="Status" icon=Icon::Pulse look="quiet round" trouble=Signal::derive(trouble)>
            <section class="status" aria-label="Status">
                <h2>"Status"</h2>
                <p class="promise">"Nothing you type leaves this tab."</p>
                <dl>
                    <dt>"Engine"</dt>
                    <dd>{words(move || describe(engines.choice()))}</dd>
                    {move || engines.why_one_thread().map(|why| view! {
                        <dt>"Why one thread"</dt>
                        <dd>{why}</dd>
                    })}
                    <dt>"Without network"</dt>
                    <dd><Offline/></dd>
                    {move || engines.list().into_iter().map(|(name, engine)| {
                        let (life, memory_bytes) = (engine.life(), engine.memory_bytes());
                        view! {
                            <dt>{title(&name)}</dt>
                            <dd>{words(move || sign(life.get(), memory_bytes.get()))}</dd>
                        }
                    }).collect_view()}
                </dl>
            </section>
        </Menu>
    }
}

fn describe(choice: Choice) -> String {
    match choice.threads {
        1 => choice.kind.title().to_owned(),
        threads => format!("{threads} {}", choice.kind.title()),
    }
}

fn title(key: &str) -> String {
    match key {
        STORE => "Model store".into(),
        model => model.strip_prefix("file:").unwrap_or(model).into(),
    }
}

fn sign(life: Life, memory_bytes: u64) -> String {
    match life {
        Life::Asleep => "not loaded".into(),
        Life::Starting => "starting".into(),
        Life::Ready { .. } if memory_bytes == 0 => "ready".into(),
        Life::Ready { .. } => format!("ready, {} MB of memory", memory_bytes >> 20),
        Life::Silent => "does not answer".into(),
        Life::Dead(death) => death.to_string(),
    }
}

/// Whether the service worker has the whole site.
#[component]
fn Offline() -> impl IntoView {
    let ready = RwSignal::new(None);
    wasm_bindgen_futures::spawn_local(async move {
        ready.try_set(Some(is_kept().await));
    });
    move || match ready.get() {
        None => "…",
        Some(true) => "ready: this page opens offline",
        Some(false) => "not yet: this page needs its host",
    }
}

/// Whether a service worker runs; it keeps the site whole or not at all.
async fn is_kept() -> bool {
    let navigator = gloo::utils::window().navigator();
    let Ok(workers) = js_sys::Reflect::get(&navigator, &"serviceWorker".into()) else {
        return false;
    };
    let Ok(workers) = workers.dyn_into::<web_sys::ServiceWorkerContainer>() else { return false };
    let Ok(ready) = workers.ready() else { return false };
    wasm_bindgen_futures::JsFuture::from(ready).await.is_ok()
}
