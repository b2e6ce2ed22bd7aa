//! A sentence model and the texts that have their vectors already.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use api::{
    Failure, Precision,
    embed::{About, Embed, Embedding, Input, MOST_TEXTS, Output, Partial},
    store::{self, Store, Wish},
};
use leptos::prelude::*;
use web_sys::File;

use super::table::Placed;
use crate::{
    call::{Call, State, Step, Trouble, use_call},
    engine::{Death, Life},
    engines::{Engines, STORE, use_engines},
    files,
};

/// What the panel shows when it is first opened: the course's own sentences.
const FIRST: &str = "I am a boy\nI like music\nThis movie was awesome";
const SECOND: &str = "He is a boy\nHe likes music\nThat dog is so ugly";

/// The state behind the panel.
#[derive(Clone, Copy)]
pub struct Session {
    /// Which model reads; no name if there is none.
    pub model: RwSignal<String>,
    /// How its weights are held.
    pub precision: RwSignal<Precision>,
    /// What the loaded model says of itself; `None` while it is not loaded.
    pub about: RwSignal<Option<About>>,
    /// Something a person should know.
    pub notice: RwSignal<Option<String>>,
    /// Counts loads: what an earlier model found is of no use to a later one.
    loads: RwSignal<u32>,
    /// The first list, as it is typed.
    pub first: RwSignal<String>,
    /// The second list.
    pub second: RwSignal<String>,
    call: Call<Embed>,
    noting: Call<Store>,
    engines: Engines,
    known: StoredValue<HashMap<String, Rc<Embedding>>, LocalStorage>,
    /// What was asked for last, for whoever must say what was wrong with it.
    asked: StoredValue<Asked>,
}

/// Texts by the names of their lists.
pub type TextLists = Vec<(&'static str, Vec<String>)>;

/// The last question.
#[derive(Default)]
struct Asked {
    lists: TextLists,
    /// Those of its texts that were not known.
    unknown: Vec<String>,
}

impl Asked {
    /// The list and place of a text that the engine calls `text 3`.
    fn place(&self, field: &str) -> Option<String> {
        let number: usize = field.strip_prefix("text ")?.parse().ok()?;
        let text = self.unknown.get(number.checked_sub(1)?)?;
        let in_list = |(name, texts): &(&str, Vec<String>)| {
            texts.iter().position(|own| own == text).map(|at| format!("{name}, text {}", at + 1))
        };
        self.lists.iter().find_map(in_list)
    }
}

impl Session {
    /// With `model`, which starts to load if it has a name.
    pub fn new(model: String) -> Self {
        let session = Self {
            model: RwSignal::new(model),
            precision: RwSignal::new(Precision::Stored),
            about: RwSignal::new(None),
            notice: RwSignal::new(None),
            loads: RwSignal::new(0),
            first: RwSignal::new(FIRST.into()),
            second: RwSignal::new(SECOND.into()),
            call: use_call(),
            noting: use_call(),
            engines: use_engines(),
            known: StoredValue::new_local(HashMap::new()),
            asked: StoredValue::new(Asked::default()),
        };
        session.load();
        session
    }

    /// Whether it loads or reads.
    pub fn is_busy(self) -> bool {
        self.call.is_running()
    }

    /// What the engine last told of its work.
    pub fn stage(self) -> Option<Partial> {
        self.call.state().with(|state| match state {
            State::Running(partial) => partial.clone(),
            _ => None,
        })
    }

    /// What keeps the model from reading; a Stop is no trouble.
    pub fn trouble(self) -> Option<String> {
        let model = self.model.get();
        if model.is_empty() {
            return None;
        }
        match self.engines.of(&model).life().get() {
            Life::Dead(Death::Ended | Death::Stubborn) => {}
            Life::Dead(death) => return Some(death.to_string()),
            _ => {}
        }
        self.call.state().with(|state| match state {
            State::Ended(Err(Trouble::Failed(Failure::Stopped))) => None,
            State::Ended(Err(Trouble::Failed(Failure::Input { field, reason }))) => {
                let place = self.asked.with_value(|asked| asked.place(field));
                Some(format!("{}: {reason}", place.as_ref().unwrap_or(field)))
            }
            State::Ended(Err(trouble)) => Some(trouble.to_string()),
            _ => None,
        })
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
        self.about.set(None);
    }

    /// Starts the engine anew.
    pub fn restart(self) {
        self.unload();
        self.load();
    }

    /// Gives up on what is loading or read.
    pub fn stop(self) {
        self.call.stop();
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
        self.known.update_value(HashMap::clear);
        self.loads.update(|loads| *loads += 1);
        self.about.set(None);
        self.notice.set(None);
        self.call.clear();
        if !self.model.with_untracked(String::is_empty) {
            self.start(None, |_| {});
        }
    }

    fn start(self, texts: Option<Vec<String>>, then: impl FnOnce(&Output) + 'static) {
        let model = self.model.get_untracked();
        let input =
            Input { model: model.clone(), precision: self.precision.get_untracked(), texts };
        let mut then = Some(then);
        self.call.start_with(&model, &input, move |step| {
            if let Step::Ended(Ok(output)) = step {
                if self.about.with_untracked(Option::is_none) {
                    self.touch();
                }
                self.about.set(Some(output.model.clone()));
                if let Some(then) = then.take() {
                    then(output);
                }
            }
        });
    }

    /// Lets the store note that a model of its shelf was used.
    fn touch(self) {
        let model = self.model.get_untracked();
        if !model.starts_with("file:") && !api::catalogue::is_shipped(&model) {
            let now_unix_ms = js_sys::Date::now() as u64;
            self.noting.start(STORE, &store::Input { now_unix_ms, wish: Wish::Touch { model } });
        }
    }

    /// Gives each text its vector, and then does what is to be done with the lists. Only texts that have
    /// none yet are read.
    pub fn place(self, lists: TextLists, then: impl FnOnce(Vec<Vec<Placed>>) + 'static) {
        self.notice.set(None);
        if self.model.with_untracked(String::is_empty) {
            return self.notice.set(Some("choose a model first".into()));
        }
        let count: usize = lists.iter().map(|(_, texts)| texts.len()).sum();
        self.known.update_value(|known| {
            if known.len() + count > MOST_TEXTS {
                known.clear();
            }
        });
        let unknown = self.unknown(&lists);
        self.asked.set_value(Asked { lists: lists.clone(), unknown: unknown.clone() });
        if unknown.is_empty() {
            self.call.clear();
            return then(self.placed(lists));
        }
        self.start(Some(unknown.clone()), move |output| {
            self.known.update_value(|known| {
                let places = output.embeddings.iter().cloned().map(Rc::new);
                known.extend(unknown.into_iter().zip(places));
            });
            then(self.placed(lists));
        });
    }

    /// Texts without a vector, each once, in their order.
    fn unknown(self, lists: &TextLists) -> Vec<String> {
        let mut seen = HashSet::new();
        self.known.with_value(|known| {
            let all = lists.iter().flat_map(|(_, texts)| texts);
            let fresh = all.filter(|text| !known.contains_key(*text) && seen.insert(*text));
            fresh.cloned().collect()
        })
    }

    fn placed(self, lists: TextLists) -> Vec<Vec<Placed>> {
        self.known.with_value(|known| {
            let place = |text: String| known.get(&text).cloned().map(|at| Placed { text, at });
            let list = |(_, texts): (_, Vec<String>)| texts.into_iter().filter_map(place).collect();
            lists.into_iter().map(list).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_fault_is_named_by_its_list() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let lists = vec![("First list", texts(&["a", "b"])), ("Second list", texts(&["c", "d"]))];
        let asked = Asked { lists, unknown: texts(&["b", "d"]) };
        assert_eq!(asked.place("text 1").as_deref(), Some("First list, text 2"));
        assert_eq!(asked.place("text 2").as_deref(), Some("Second list, text 2"));
        assert_eq!(asked.place("text 3"), None);
        assert_eq!(asked.place("model"), None);
    }
}
