//! All engines of the page: one for each loaded model, and one of its own for the model store.

use std::rc::Rc;

use leptos::prelude::*;

use crate::engine::{
    Engine,
    choice::{self, Choice, Kind},
};

/// Key of the engine that does nothing but keep models.
pub const STORE: &str = "store";

/// What all engines stand on: the build this browser runs.
pub struct Ground {
    choice: ArcRwSignal<Choice>,
    fell: ArcRwSignal<Option<String>>,
}

impl Ground {
    fn new() -> Self {
        let choice = choice::choose(choice::abilities(), choice::forced().as_deref());
        Self { choice: ArcRwSignal::new(choice), fell: ArcRwSignal::new(None) }
    }

    pub(crate) fn choice(&self) -> Choice {
        self.choice.get_untracked()
    }

    /// The engine with threads did not start here: all engines take the plain one from now on.
    pub(crate) fn fall_back(&self, why: &str) {
        leptos::logging::warn!("threads: {why}");
        self.fell.set(Some(why.into()));
        self.choice.set(Choice::PLAIN);
    }

    /// Shows which engine answers where tests and style sheets can see it.
    pub(crate) fn started(&self) {
        let html = gloo::utils::document_element();
        if let Err(thrown) = html.set_attribute("data-engine", self.choice().kind.name()) {
            leptos::logging::warn!("<html> takes no attribute: {thrown:?}");
        }
    }
}

/// The page's engines, by key.
#[derive(Clone, Copy)]
pub struct Engines(StoredValue<Rooms, LocalStorage>);

struct Rooms {
    ground: Rc<Ground>,
    list: ArcRwSignal<Vec<(String, Engine)>>,
}

impl Engines {
    /// Gives the page its engines. Called once, at the root.
    pub fn provide() -> Self {
        let rooms = Rooms { ground: Rc::new(Ground::new()), list: ArcRwSignal::new(vec![]) };
        let engines = Self(StoredValue::new_local(rooms));
        provide_context(engines);
        engines
    }

    /// The engine of a model, or of [`STORE`]; it has no worker until it is asked something.
    pub fn of(self, key: &str) -> Engine {
        self.0.with_value(|rooms| {
            let find = |list: &Vec<(String, Engine)>| {
                list.iter().find(|(name, _)| name == key).map(|(_, engine)| engine.clone())
            };
            rooms.list.with_untracked(find).unwrap_or_else(|| {
                let engine = Engine::new(rooms.ground.clone());
                rooms.list.update(|list| list.push((key.into(), engine.clone())));
                engine
            })
        })
    }

    /// Ends the engine of a model, which gives its memory back.
    pub fn unload(self, key: &str) {
        let gone = self.0.with_value(|rooms| {
            let at =
                rooms.list.with_untracked(|list| list.iter().position(|(name, _)| name == key));
            at.and_then(|at| rooms.list.try_update(|list| list.remove(at)))
        });
        if let Some((_, engine)) = gone {
            engine.end();
        }
    }

    /// Keys and engines, for whoever shows them.
    pub fn list(self) -> Vec<(String, Engine)> {
        self.0.with_value(|rooms| rooms.list.get())
    }

    /// The build all engines run.
    pub fn choice(self) -> Choice {
        self.0.with_value(|rooms| rooms.ground.choice.get())
    }

    /// Why the page runs on one thread, if it does and not by choice.
    pub fn why_one_thread(self) -> Option<String> {
        let fell = self.0.with_value(|rooms| rooms.ground.fell.get());
        let told = gloo::utils::document_element().get_attribute("data-one-thread");
        let plain = self.choice().kind == Kind::Simd;
        let unable = || {
            let forced = choice::forced().as_deref() == Some("simd");
            let why =
                if forced { "the address asks for it" } else { "this browser lacks relaxed SIMD" };
            plain.then(|| why.to_owned())
        };
        fell.or(told).or_else(unable)
    }
}

/// The page's engines.
pub fn use_engines() -> Engines {
    expect_context()
}
