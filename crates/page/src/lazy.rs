//! Code that is fetched when it is first needed: each panel's own.
//!
//! `cargo xtask hook` takes a panel's code, and what it calls that nothing else does, out of the page's wasm
//! into a part of its own. Built without it, as natively, the code is simply there.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;
pub use leptos::wasm_split::{SplitLoaderError, wasm_split};
use wasm_bindgen_futures::spawn_local;

use crate::part::{part, press};

/// Draws a panel.
pub type Draw = fn() -> AnyView;

/// What draws a panel, when its code has come; an error if that could not be fetched.
pub type Coming = Pin<Box<dyn Future<Output = Result<Draw, SplitLoaderError>>>>;

/// Fetches what is first needed when a person does something, as a future of a function:
/// `later!(later_keep: fn(&Run), keep)`. Its name begins with `later_`, and no other part has it.
///
/// Invariant: nothing outside the part names the function, or its code stays with the page's own.
macro_rules! later {
    ($name:ident: $kind:ty, $function:expr) => {{
        #[$crate::lazy::wasm_split($name, wasm_split_path = ::leptos::wasm_split, fallible)]
        fn $name() -> Result<$kind, $crate::lazy::SplitLoaderError> {
            Ok($function)
        }
        $name()
    }};
}
pub(crate) use later;

/// Fetches the code of a component under a name that no other part has: `lazy!(caption, Caption)`.
macro_rules! lazy {
    ($name:ident, $component:ident) => {
        || {
            Box::pin($crate::lazy::later!($name: $crate::lazy::Draw, || {
                ::leptos::prelude::IntoAny::into_any(::leptos::prelude::view! { <$component/> })
            }))
        }
    };
}
pub(crate) use lazy;

/// Does something with a function that [`later!`] fetches, once it has come; if it does not come, `notice` says so.
pub fn once_here<F: 'static>(
    coming: impl Future<Output = Result<F, SplitLoaderError>> + 'static,
    notice: RwSignal<Option<String>>,
    act: impl FnOnce(F) + 'static,
) {
    spawn_local(async move {
        match coming.await {
            Ok(function) => act(function),
            // Nobody reads it any more once another panel is shown.
            Err(_) => drop(notice.try_set(Some(why_lost("this")))),
        }
    });
}

fn why_lost(what: &str) -> String {
    format!(
        "{what} could not be fetched: there may be no network, or the site may have changed since this page \
         was opened. Try again; if that does not help, reload the page."
    )
}

/// Where the code is.
#[derive(Clone, Copy)]
enum Code {
    Coming,
    Here(Draw),
    Lost,
}

/// The panel of this title once its code has come, and meanwhile, or when it does not, words that say so.
pub fn open(title: &'static str, fetch: fn() -> Coming) -> AnyView {
    let code = RwSignal::new(Code::Coming);
    let ask = move || {
        code.set(Code::Coming);
        spawn_local(async move {
            // Nobody waits for it any more once another panel is shown.
            let _ = code.try_set(fetch().await.map_or(Code::Lost, Code::Here));
        });
    };
    ask();
    part(move || {
        Some(match code.get() {
            Code::Coming => coming(title),
            Code::Here(draw) => draw(),
            Code::Lost => lost(title, ask),
        })
    })
}

fn coming(title: &str) -> AnyView {
    let words = format!("Opening {title} …");
    view! { <p class="opening" role="status">{words}</p> }.into_any()
}

fn lost(title: &str, again: impl FnMut() + 'static) -> AnyView {
    let why = why_lost(title);
    view! {
        <div class="page">
            <h1>{title.to_owned()}</h1>
            <div class="trouble" role="alert">
                <p>{why}</p>
                <button type="button" on:click=press(again)>"Try again"</button>
            </div>
        </div>
    }
    .into_any()
}
