//! One question to an engine, from asking to its end.

use std::fmt;

use api::{
    Failure, Task,
    wire::{self, CallId},
};
use leptos::prelude::*;

use crate::{
    engine::{Death, Engine, Heard, Lost},
    engines::{Engines, use_engines},
};

/// Where a question stands.
#[derive(Debug)]
pub enum State<T: Task> {
    /// Nothing was asked.
    Idle,
    /// It is being worked on; the last partial, if any came.
    Running(Option<T::Partial>),
    /// How it ended.
    Ended(Result<T::Output, Trouble>),
}

/// Why a question ended without an answer; it displays as one sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The task says so.
    Failed(Failure),
    /// The engine is gone.
    Died(Death),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => failure.fmt(f),
            Self::Died(death) => death.fmt(f),
        }
    }
}

/// Something that came of a question.
pub enum Step<'a, T: Task> {
    /// One of the partials; each is shown exactly once.
    Partial(&'a T::Partial),
    /// The end.
    Ended(&'a Result<T::Output, Trouble>),
}

impl<T: Task> State<T> {
    /// What a message makes of the state; a question that has ended stays as it ended.
    fn hear(&mut self, heard: Heard, on: &mut impl FnMut(Step<'_, T>)) {
        if !matches!(self, Self::Running(_)) {
            return;
        }
        let bytes = match heard {
            Heard::Partial(body) => match wire::decode(&body) {
                Ok(partial) => {
                    on(Step::Partial(&partial));
                    *self = Self::Running(Some(partial));
                    return;
                }
                Err(failure) => Err(Trouble::Failed(failure)),
            },
            Heard::End(result) => result.map_err(|lost| match lost {
                Lost::Failed(failure) => Trouble::Failed(failure),
                Lost::Died(death) => Trouble::Died(death),
            }),
        };
        let output = bytes.and_then(|bytes| wire::decode(&bytes).map_err(Trouble::Failed));
        on(Step::Ended(&output));
        *self = Self::Ended(output);
    }

    /// Whether it is being worked on.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }
}

/// One question at a time to engines; a new one stops the one before, and so does leaving the panel.
pub struct Call<T: Task> {
    engines: Engines,
    state: RwSignal<State<T>, LocalStorage>,
    running: StoredValue<Option<(Engine, CallId)>, LocalStorage>,
    /// Counts the questions, so that a late answer is not taken for another's.
    turn: StoredValue<u32, LocalStorage>,
}

impl<T: Task> Copy for Call<T> {}

impl<T: Task> Clone for Call<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// A call of the component that asks for it.
pub fn use_call<T: Task>() -> Call<T> {
    let call = Call {
        engines: use_engines(),
        state: RwSignal::new_local(State::Idle),
        running: StoredValue::new_local(None),
        turn: StoredValue::new_local(0),
    };
    on_cleanup(move || call.stop());
    call
}

impl<T: Task> Call<T> {
    /// Where it stands; a signal to draw from.
    pub fn state(self) -> RwSignal<State<T>, LocalStorage> {
        self.state
    }

    /// Whether it is being worked on.
    pub fn is_running(self) -> bool {
        self.state.with(State::is_running)
    }

    /// Asks the engine of `key`: a model, or [`STORE`](crate::engines::STORE).
    pub fn start(self, key: &str, input: &T::Input) {
        self.start_with(key, input, |_| {});
    }

    /// Asks, and shows `on` every partial and the end as they come.
    pub fn start_with(self, key: &str, input: &T::Input, on: impl FnMut(Step<'_, T>) + 'static) {
        self.give_up();
        let bytes = match wire::encode(input) {
            Ok(bytes) => bytes,
            Err(failure) => return self.state.set(State::Ended(Err(Trouble::Failed(failure)))),
        };
        self.state.set(State::Running(None));
        let engine = self.engines.of(key);
        let turn = self.turn.get_value();
        let mut on = on;
        let listener = move |heard| {
            // Taken out, so that `on` may ask through signals where the call stands.
            let held = |state: &mut State<T>| std::mem::replace(state, State::Running(None));
            let Some(mut state) = self.state.try_update_untracked(held) else { return };
            state.hear(heard, &mut on);
            // `on` may have stopped the call, or asked anew.
            if self.turn.try_get_value() == Some(turn) {
                self.state.try_set(state);
            }
        };
        let call = engine.ask(T::NAME, bytes, listener);
        if self.turn.try_get_value() == Some(turn) {
            self.running.set_value(Some((engine, call)));
        }
    }

    /// Gives up; the state is `Stopped` at once, whatever the engine still does.
    pub fn stop(self) {
        if self.give_up() {
            self.state.try_set(State::Ended(Err(Trouble::Failed(Failure::Stopped))));
        }
    }

    /// Forgets how it ended.
    pub fn clear(self) {
        self.give_up();
        self.state.set(State::Idle);
    }

    fn give_up(self) -> bool {
        let was_running = self.state.try_with_untracked(State::is_running).unwrap_or(false);
        self.turn.try_update_value(|turn| *turn += 1);
        let asked = self.running.try_update_value(Option::take).flatten();
        if let Some((engine, call)) = asked.filter(|_| was_running) {
            engine.stop(call);
        }
        was_running
    }
}

#[cfg(test)]
mod tests {
    use api::chat::{Chat, Partial};

    use super::*;

    fn text(word: &str) -> Partial {
        Partial::Text { answer: 0, text: word.into() }
    }

    fn partial(word: &str) -> Heard {
        Heard::Partial(wire::encode(&text(word)).unwrap())
    }

    #[test]
    fn every_partial_is_shown_once_and_the_last_one_kept() {
        let mut state = State::<Chat>::Running(None);
        let mut seen = Vec::new();
        for word in ["a", "b"] {
            state.hear(partial(word), &mut |step: Step<'_, Chat>| {
                if let Step::Partial(partial) = step {
                    seen.push(partial.clone());
                }
            });
        }
        assert_eq!(seen, [text("a"), text("b")]);
        assert!(matches!(state, State::Running(Some(last)) if last == text("b")));
    }

    #[test]
    fn what_comes_after_the_end_changes_nothing() {
        let mut state = State::<Chat>::Ended(Err(Trouble::Failed(Failure::Stopped)));
        state.hear(partial("late"), &mut |_| panic!("shown"));
        assert!(matches!(state, State::Ended(Err(Trouble::Failed(Failure::Stopped)))));
    }

    #[test]
    fn a_lost_engine_ends_the_call_with_its_reason() {
        let mut state = State::<Chat>::Running(None);
        state.hear(Heard::End(Err(Lost::Died(Death::OutOfMemory))), &mut |_| {});
        assert!(matches!(state, State::Ended(Err(Trouble::Died(Death::OutOfMemory)))));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_a_failure() {
        let mut state = State::<Chat>::Running(None);
        state.hear(Heard::End(Ok(vec![255; 3])), &mut |_| {});
        assert!(matches!(state, State::Ended(Err(Trouble::Failed(Failure::Bug(_))))));
    }
}
