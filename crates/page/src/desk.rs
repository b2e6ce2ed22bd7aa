//! A panel's model: which one it is, how it is held, and what it does now.

pub mod field;
pub mod views;

use std::rc::Rc;

use api::{Asked, Failure, Loading, Precision, Task, store::Store};
use leptos::prelude::*;
use web_sys::File;

use crate::{
    address::use_address,
    call::{Call, State, Step, Trouble, use_call},
    engine::{Death, Life},
    engines::{Engines, use_engines},
    files,
    picker::{shipped, touch},
};

/// A task whose panel holds one model and asks it one thing at a time.
pub trait Held: Task<Input = Asked<<Self as Held>::Ask>> {
    /// What a person asks.
    type Ask: 'static;
    /// What the loaded model says of itself.
    type About: Clone + Send + Sync + 'static;

    /// What an answer says of the model.
    fn about(output: &Self::Output) -> &Self::About;
    /// The model in a few words.
    fn described(about: &Self::About) -> String;
    /// Where the work stands after a partial.
    fn stage(partial: &Self::Partial, before: Option<Stage>) -> Stage;
}

/// Where the work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The model is being read.
    Loading(Loading),
    /// The question is being worked on.
    Working {
        /// What is done, as a person reads it.
        words: &'static str,
        /// Pieces that are done.
        done: u32,
        /// Pieces in all.
        total: u32,
        /// What a piece is called, in the plural.
        pieces: &'static str,
    },
}

impl Stage {
    /// The same work with one more piece done.
    pub fn and_one(self) -> Self {
        match self {
            Self::Working { words, done, total, pieces } => {
                Self::Working { words, done: done.saturating_add(1), total, pieces }
            }
            loading @ Self::Loading(_) => loading,
        }
    }
}

/// All that does not depend on the task, so that what draws it exists once.
#[derive(Clone, Copy)]
pub struct Desk {
    /// Name of the task.
    pub task: &'static str,
    /// Which model; no name if there is none.
    pub model: RwSignal<String>,
    /// How its weights are held.
    pub precision: RwSignal<Precision>,
    /// The loaded model in a few words; `None` while it is not loaded.
    pub loaded: RwSignal<Option<String>>,
    /// Something a person should know.
    pub notice: RwSignal<Option<String>>,
    /// Counts loads: what an earlier model found is of no use to a later one.
    pub loads: RwSignal<u32>,
    stage: RwSignal<Option<Stage>>,
    /// What is done as soon as the model is free, and what it is called.
    waiting: RwSignal<Option<Waiting>, LocalStorage>,
    /// When the last question was asked, in milliseconds.
    asked_ms: StoredValue<f64>,
    busy: Signal<bool>,
    failed: Signal<Option<Trouble>>,
    stopping: Callback<()>,
    noting: Call<Store>,
    engines: Engines,
}

/// A question that waits for the model, and the name of the button that asks it.
type Waiting = (&'static str, Rc<dyn Fn()>);

/// The desk of a task, with the call that asks.
pub struct Asking<T: Held> {
    /// What the panel draws around it.
    pub desk: Desk,
    /// What the model said of itself when it was last loaded.
    pub about: RwSignal<Option<T::About>>,
    call: Call<T>,
}

impl<T: Held> Copy for Asking<T> {}

impl<T: Held> Clone for Asking<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// The desk of the component that asks for it, with the model its address names, or else the site's.
pub fn use_desk<T: Held>() -> Asking<T> {
    use_desk_of("model")
}

/// The same of a model that the address names otherwise, beside another desk.
pub fn use_desk_of<T: Held>(named: &str) -> Asking<T> {
    let model = use_address().asked(named).unwrap_or_else(|| shipped(T::NAME));
    let call = use_call::<T>();
    let failed = move || {
        call.state().with(|state| match state {
            State::Ended(Err(trouble)) => Some(trouble.clone()),
            _ => None,
        })
    };
    let desk = Desk {
        task: T::NAME,
        model: RwSignal::new(model),
        precision: RwSignal::new(Precision::Stored),
        loaded: RwSignal::new(None),
        notice: RwSignal::new(None),
        loads: RwSignal::new(0),
        stage: RwSignal::new(None),
        waiting: RwSignal::new_local(None),
        asked_ms: StoredValue::new(0.0),
        busy: Signal::derive(move || call.is_running()),
        failed: Signal::derive(failed),
        stopping: Callback::new(move |()| call.stop()),
        noting: use_call(),
        engines: use_engines(),
    };
    let asking = Asking { desk, about: RwSignal::new(None), call };
    Effect::new(move || {
        desk.loads.track();
        asking.about.set(None);
        call.clear();
        if !desk.model.with_untracked(String::is_empty) {
            asking.start(None, |_| {});
        }
    });
    Effect::new(move || {
        if !desk.is_busy() {
            desk.go_on();
        }
    });
    asking
}

impl<T: Held> Asking<T> {
    /// Asks, and shows `on` every partial and the end as they come; without `ask` the model only loads.
    pub fn start(self, ask: Option<T::Ask>, mut on: impl FnMut(Step<'_, T>) + 'static) {
        let desk = self.desk;
        let model = desk.model.get_untracked();
        let precision = desk.precision.get_untracked();
        let input = Asked { model: model.clone(), precision, ask };
        desk.stage.set(None);
        desk.asked_ms.set_value(js_sys::Date::now());
        self.call.start_with(&model, &input, move |step| {
            match &step {
                Step::Partial(partial) => {
                    desk.stage.update(|stage| *stage = Some(T::stage(partial, *stage)));
                }
                Step::Ended(Ok(output)) => {
                    let about = T::about(output);
                    if desk.loaded.with_untracked(Option::is_none) {
                        touch(desk.noting, desk.model.get_untracked());
                        desk.loaded.set(Some(T::described(about)));
                        self.about.set(Some(about.clone()));
                    }
                }
                Step::Ended(Err(_)) => {}
            }
            on(step);
        });
    }

    /// Forgets how the last question ended.
    pub fn clear(self) {
        self.call.clear();
    }
}

impl Desk {
    /// Whether it loads or works.
    pub fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Does what a button asks for as soon as the model is free; what waited before gives way to it.
    pub fn when_free(self, name: &'static str, act: Rc<dyn Fn()>) {
        match self.busy.get_untracked() {
            true => self.waiting.set(Some((name, act))),
            false => act(),
        }
    }

    /// The name of the button whose question waits.
    pub fn waiting(self) -> Option<&'static str> {
        self.waiting.with(|waiting| waiting.as_ref().map(|(name, _)| *name))
    }

    /// Forgets the question that waits.
    pub fn drop_waiting(self) {
        self.waiting.set(None);
    }

    /// The model is free: what waits has its turn, unless the work before it was stopped or failed.
    fn go_on(self) {
        if self.waiting.with_untracked(Option::is_none) {
            return;
        }
        let next = self.waiting.try_update(Option::take).flatten();
        if let Some((_, act)) = next.filter(|_| self.failed.with_untracked(Option::is_none)) {
            act();
        }
    }

    /// Milliseconds since the last question was asked.
    pub fn took_ms(self) -> u64 {
        (js_sys::Date::now() - self.asked_ms.get_value()).max(0.0) as u64
    }

    /// Where the work stands; `None` while nothing is known of it.
    pub fn stage(self) -> Option<Stage> {
        self.stage.get().filter(|_| self.busy.get())
    }

    /// Whether there is a model; if not, the person is told.
    pub fn has_model(self) -> bool {
        let missing = self.model.with_untracked(String::is_empty);
        self.notice.set(missing.then(|| "choose a model first".into()));
        !missing
    }

    /// What keeps the model from its work, given what its fields are called on the page; a Stop is no
    /// trouble.
    pub fn trouble(self, called: impl Fn(&str) -> Option<String>) -> Option<String> {
        let model = self.model.get();
        if model.is_empty() {
            return None;
        }
        match self.engines.of(&model).life().get() {
            Life::Dead(Death::Ended | Death::Stubborn) => {}
            Life::Dead(death) => return Some(death.to_string()),
            _ => {}
        }
        match self.failed.get()? {
            Trouble::Failed(Failure::Stopped) => None,
            Trouble::Failed(Failure::Input { field, reason }) => {
                Some(format!("{}: {reason}", called(&field).unwrap_or(field)))
            }
            trouble => Some(trouble.to_string()),
        }
    }

    /// Changes the model; the one before gives its memory back.
    pub fn choose(self, model: String) {
        self.engines.unload(&self.model.get_untracked());
        self.model.set(model);
        self.load();
    }

    /// Changes how the weights are held.
    pub fn hold(self, precision: Precision) {
        self.precision.set(precision);
        self.restart();
    }

    /// Takes the files of a model, or says why not.
    pub fn open(self, given: Vec<File>) {
        let names: Vec<_> = given.iter().map(files::path).collect();
        let model = match files::model_of(&names) {
            Ok(model) => model,
            Err(why) => return self.notice.set(Some(why)),
        };
        let folder = given.first().and_then(files::in_folder);
        let model = folder.map_or(model, |(folder, _)| format!("file:{folder}"));
        self.engines.unload(&self.model.get_untracked());
        self.engines.unload(&model);
        self.engines.of(&model).give_files(&model, given);
        self.model.set(model);
        self.load();
    }

    /// Ends the model's engine; the next question starts it again.
    pub fn unload(self) {
        self.stop();
        let model = self.model.get_untracked();
        if !model.is_empty() {
            self.engines.of(&model).end();
        }
        self.loaded.set(None);
    }

    /// Starts the engine anew.
    pub fn restart(self) {
        self.unload();
        self.load();
    }

    /// Gives up on what is loading or worked on.
    pub fn stop(self) {
        self.stopping.run(());
    }

    /// Gives up on what is worked on; a model that is being loaded goes on loading.
    pub fn stop_question(self) {
        if self.loaded.with_untracked(Option::is_some) {
            self.stop();
        }
    }

    /// A place for what the model finds; another model empties it.
    pub fn result<T: 'static>(self) -> RwSignal<Option<T>, LocalStorage> {
        let result = RwSignal::new_local(None);
        Effect::new(move || {
            self.loads.track();
            result.set(None);
        });
        result
    }

    fn load(self) {
        self.loaded.set(None);
        self.notice.set(None);
        self.loads.update(|loads| *loads += 1);
    }
}
