//! A sentence model and the texts that have their vectors already.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use api::embed::{About, Embed, Embedding, MOST_TEXTS, Output, Partial, Pooling};
use leptos::prelude::*;

use super::table::Placed;
use crate::{
    call::Step,
    desk::{Asking, Desk, Held, Stage, use_desk},
    picker::title,
};

/// What the panel shows when it is first opened: the course's own sentences.
const FIRST: &str = "I am a boy\nI like music\nThis movie was awesome";
const SECOND: &str = "He is a boy\nHe likes music\nThat dog is so ugly";

/// The state behind the panel.
#[derive(Clone, Copy)]
pub struct Session {
    asking: Asking<Embed>,
    /// The model.
    pub desk: Desk,
    /// The first list, as it is typed.
    pub first: RwSignal<String>,
    /// The second list.
    pub second: RwSignal<String>,
    known: StoredValue<HashMap<String, Rc<Embedding>>, LocalStorage>,
    /// What was asked for last, for whoever must say what was wrong with it.
    asked: StoredValue<Asked>,
}

impl Held for Embed {
    type Ask = Vec<String>;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let pooling = match about.pooling {
            Pooling::Mean => "mean of all tokens",
            Pooling::First => "first token",
            Pooling::Largest => "largest of all tokens",
        };
        format!(
            "{} · {} numbers a text, {pooling} · reads up to {} tokens",
            title(&about.name),
            about.dimensions,
            about.window_tokens
        )
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Reading { done_texts: done, total_texts: total } => {
                Stage::Working { words: "Reading the texts…", done, total, pieces: "texts" }
            }
        }
    }
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

/// The session of the component that asks for it.
pub fn use_session() -> Session {
    let asking = use_desk::<Embed>();
    let session = Session {
        asking,
        desk: asking.desk,
        first: RwSignal::new(FIRST.into()),
        second: RwSignal::new(SECOND.into()),
        known: StoredValue::new_local(HashMap::new()),
        asked: StoredValue::new(Asked::default()),
    };
    Effect::new(move || {
        session.desk.loads.track();
        session.known.update_value(HashMap::clear);
    });
    session
}

impl Session {
    /// Most tokens the loaded model reads of a text.
    pub fn window_tokens(self) -> u32 {
        self.asking.about.with_untracked(|about| about.as_ref().map_or(0, |a| a.window_tokens))
    }

    /// The list and place of a text, given what the engine calls it.
    pub fn called(self, field: &str) -> Option<String> {
        self.asked.with_value(|asked| asked.place(field))
    }

    /// Gives each text its vector, and then does what is to be done with the lists. Only texts that have
    /// none yet are read.
    pub fn place(self, lists: TextLists, then: impl FnOnce(Vec<Vec<Placed>>) + 'static) {
        if !self.desk.has_model() {
            return;
        }
        let count: usize = lists.iter().map(|(_, texts)| texts.len()).sum();
        self.known.update_value(|known| {
            if known.len() + count > MOST_TEXTS {
                known.clear();
            }
        });
        let mut unknown = self.unknown(&lists);
        self.asked.set_value(Asked { lists: lists.clone(), unknown: unknown.clone() });
        if unknown.is_empty() {
            self.asking.clear();
            return then(self.placed(lists));
        }
        let mut then = Some(move |texts: Vec<String>, output: &Output| {
            self.known.update_value(|known| {
                let places = output.embeddings.iter().cloned().map(Rc::new);
                known.extend(texts.into_iter().zip(places));
            });
            then(self.placed(lists));
        });
        self.asking.start(Some(unknown.clone()), move |step| {
            if let Step::Ended(Ok(output)) = step
                && let Some(then) = then.take()
            {
                then(std::mem::take(&mut unknown), output);
            }
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
