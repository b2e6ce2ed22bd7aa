//! A conversation with a model, as it goes on.

use api::{
    Failure,
    chat::{About, Ask, Chat, Cost, Input, Output, Partial, Sampling},
    store::Store,
};
use leptos::prelude::*;
use web_sys::File;

use super::{
    conversation::{Conversation, TurnId},
    keep::{self, Kept},
};
use crate::{
    call::{Call, State, Step, Trouble, use_call},
    engine::{Death, Life},
    engines::{Engines, use_engines},
    files,
    picker::touch,
};

/// How often a conversation is kept while an answer comes.
const KEEP_EVERY_MS: f64 = 1_000.0;

/// The state behind the chat panel.
#[derive(Clone, Copy)]
pub struct Session {
    /// What was said.
    pub conversation: RwSignal<Conversation>,
    /// How tokens are chosen.
    pub sampling: RwSignal<Sampling>,
    /// How many answers a question gets.
    pub answers: RwSignal<u8>,
    /// Which model answers.
    pub model: RwSignal<String>,
    /// What the loaded model says of itself; `None` while it is not loaded.
    pub about: RwSignal<Option<About>>,
    /// Something a person should know that belongs to no answer.
    pub notice: RwSignal<Option<String>>,
    /// The conversation a new one took the place of, until something is asked.
    pub before: RwSignal<Option<Conversation>>,
    /// The last answer's cost.
    pub cost: RwSignal<Option<Cost>>,
    /// Loads the model; a question asked meanwhile waits for it.
    loading: Call<Chat>,
    asking: Call<Chat>,
    noting: Call<Store>,
    engines: Engines,
    kept_ms: StoredValue<f64>,
}

impl Session {
    /// The conversation of the last visit, with `model`, which starts to load.
    pub fn new(model: String) -> Self {
        let (kept, notice) = keep::load();
        let session = Self {
            conversation: RwSignal::new(kept.conversation),
            sampling: RwSignal::new(kept.sampling),
            answers: RwSignal::new(kept.answers),
            model: RwSignal::new(model),
            about: RwSignal::new(None),
            notice: RwSignal::new(notice),
            before: RwSignal::new(None),
            cost: RwSignal::new(None),
            loading: use_call(),
            asking: use_call(),
            noting: use_call(),
            engines: use_engines(),
            kept_ms: StoredValue::new(0.0),
        };
        // Runs before the call is stopped, so that what was coming is kept as cut.
        on_cleanup(move || session.stop());
        session.load();
        session
    }

    /// Whether something is loading or answering.
    pub fn is_busy(self) -> bool {
        self.loading.is_running() || self.asking.is_running()
    }

    /// What the engine last told of its work.
    pub fn stage(self) -> Option<Partial> {
        let last = |call: Call<Chat>| {
            call.state().with(|state| match state {
                State::Running(partial) => partial.clone(),
                _ => None,
            })
        };
        last(self.loading).or_else(|| last(self.asking))
    }

    /// What keeps the model from answering; a Stop is no trouble.
    pub fn trouble(self) -> Option<String> {
        let life = self.engines.of(&self.model.get()).life().get();
        let broken = match life {
            Life::Dead(Death::Ended | Death::Stubborn) => None,
            Life::Dead(death) => Some(death.to_string()),
            Life::Silent => Some(
                "the engine has not answered for a while: wait for it if the model is large, or restart it"
                    .to_owned(),
            ),
            _ => None,
        };
        let of = |call: Call<Chat>| {
            call.state().with(|state| match state {
                State::Ended(Err(Trouble::Failed(Failure::Stopped))) => None,
                State::Ended(Err(trouble)) => Some(trouble.to_string()),
                _ => None,
            })
        };
        broken.or_else(|| of(self.asking)).or_else(|| of(self.loading))
    }

    /// Whether the engine itself is what keeps it.
    pub fn is_broken(self) -> bool {
        let life = self.engines.of(&self.model.get()).life().get();
        matches!(life, Life::Dead(_) | Life::Silent)
    }

    /// Loads the model.
    pub fn load(self) {
        self.about.set(None);
        let input = Input { model: self.model.get_untracked(), ask: None };
        self.loading.start_with(&input.model.clone(), &input, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.about.set(Some(output.model.clone()));
                touch(self.noting, self.model.get_untracked());
            }
        });
    }

    /// Changes the model; the one before gives its memory back.
    pub fn choose(self, model: String) {
        self.stop();
        self.engines.unload(&self.model.get_untracked());
        self.model.set(model);
        self.load();
    }

    /// Takes files a person dropped or picked.
    pub fn open(self, dropped: Vec<File>) {
        let names: Vec<_> = dropped.iter().map(File::name).collect();
        let model = match files::model_of(&names) {
            Ok(model) => model,
            Err(why) => return self.notice.set(Some(why)),
        };
        self.notice.set(None);
        self.stop();
        self.engines.unload(&self.model.get_untracked());
        self.engines.unload(&model);
        self.engines.of(&model).give_files(&model, dropped);
        self.model.set(model);
        self.load();
    }

    /// Ends the model's engine; the next question starts it again.
    pub fn unload(self) {
        self.stop();
        self.end_engine();
        self.about.set(None);
    }

    /// The engine keeps its name and the files it was given: asking again starts another worker.
    fn end_engine(self) {
        self.engines.of(&self.model.get_untracked()).end();
    }

    /// Starts the engine anew, and asks again what had no answer.
    pub fn restart(self) {
        self.end_engine();
        let tip = self.conversation.with_untracked(Conversation::tip);
        let cut = tip.filter(|&tip| self.conversation.with_untracked(|c| c.is_cut(tip)));
        self.asking.clear();
        self.load();
        if let Some(answer) = cut {
            self.regenerate(answer);
        }
    }

    /// Asks something new.
    pub fn ask(self, text: &str) {
        if let Some(id) = self.conversation.try_update(|conversation| conversation.ask(text)) {
            self.answer(id);
        }
    }

    /// Asks something else in the place of a question.
    pub fn edit(self, id: TurnId, text: &str) {
        if let Some(id) = self.conversation.try_update(|conversation| conversation.edit(id, text)) {
            self.answer(id);
        }
    }

    /// Asks for another answer beside one.
    pub fn regenerate(self, answer: TurnId) {
        let question = self.conversation.with_untracked(|c| c.question_of(answer));
        if let Some(question) = question {
            self.answer(question);
        }
    }

    /// Gives up on what is loading or coming.
    pub fn stop(self) {
        self.loading.stop();
        self.hush();
    }

    /// Gives up on what is coming; a model that loads goes on loading.
    fn hush(self) {
        self.asking.stop();
        self.conversation.update(|conversation| conversation.cut("stopped"));
        self.keep();
    }

    /// Puts the conversation aside for [`Session::back`] and starts an empty one.
    pub fn clear(self) {
        self.hush();
        self.cost.set(None);
        self.asking.clear();
        let aside = self.conversation.get_untracked();
        self.conversation.update(Conversation::clear);
        self.before.set((!aside.is_empty()).then_some(aside));
        self.keep();
    }

    /// Takes the conversation up again that was put aside.
    pub fn back(self) {
        if let Some(before) = self.before.try_update(Option::take).flatten() {
            self.conversation.set(before);
            self.keep();
        }
    }

    /// Keeps everything for the next visit.
    pub fn keep(self) {
        let kept = Kept::new(
            self.conversation.get_untracked(),
            self.sampling.get_untracked(),
            self.answers.get_untracked(),
        );
        self.kept_ms.set_value(js_sys::Date::now());
        if let Err(why) = keep::save(&kept) {
            self.notice.set(Some(why));
        }
    }

    fn answer(self, question: TurnId) {
        let (count, model) = (self.answers.get_untracked(), self.model.get_untracked());
        self.asking.stop();
        self.before.set(None);
        let slots = self.conversation.try_update(|conversation| {
            conversation.cut("stopped");
            conversation.answer(question, count, &model)
        });
        let Some(slots) = slots else { return };
        self.keep();
        let ask = Ask {
            messages: self.conversation.with_untracked(|c| c.messages(question)),
            answers: count,
            sampling: self.fresh_sampling(question),
        };
        let input = Input { model: model.clone(), ask: Some(ask) };
        self.asking.start_with(&model, &input, move |step| self.hear(&slots, &step));
    }

    /// Asked again, a question gets another answer: each time the seed is another.
    fn fresh_sampling(self, question: TurnId) -> Sampling {
        let mut sampling = self.sampling.get_untracked();
        let before = self.conversation.with_untracked(|c| c.answers_to(question));
        let earlier = before.saturating_sub(self.answers.get_untracked().into());
        sampling.seed = sampling.seed.wrapping_add(earlier as u64);
        sampling
    }

    fn hear(self, slots: &[TurnId], step: &Step<'_, Chat>) {
        match step {
            Step::Partial(Partial::Text { answer, text }) => {
                if let Some(&slot) = slots.get(usize::from(*answer)) {
                    self.conversation.update(|conversation| conversation.append(slot, text));
                }
                if js_sys::Date::now() - self.kept_ms.get_value() > KEEP_EVERY_MS {
                    self.keep();
                }
            }
            Step::Partial(_) => {}
            Step::Ended(Ok(output)) => self.finish(slots, output),
            Step::Ended(Err(trouble)) => {
                let why = trouble.to_string();
                self.conversation.update(|conversation| conversation.cut(&why));
                self.keep();
            }
        }
    }

    fn finish(self, slots: &[TurnId], output: &Output) {
        self.about.set(Some(output.model.clone()));
        self.loading.clear();
        self.conversation.update(|conversation| {
            for (&slot, answer) in slots.iter().zip(&output.answers) {
                conversation.finish(slot, answer);
            }
        });
        self.cost.set(output.answers.last().map(|answer| answer.cost));
        self.keep();
    }
}
