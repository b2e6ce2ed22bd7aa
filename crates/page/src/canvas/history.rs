//! What was done, so that it can be undone.

/// Most steps that can be undone.
const MOST_STEPS: usize = 200;

/// Something that changes, with what it was before.
#[derive(Clone, Debug, PartialEq)]
pub struct History<T> {
    past: Vec<T>,
    now: T,
    future: Vec<T>,
}

impl<T: Clone> History<T> {
    /// Nothing was done to it yet.
    pub fn new(now: T) -> Self {
        Self { past: Vec::new(), now, future: Vec::new() }
    }

    /// What it is now.
    pub fn now(&self) -> &T {
        &self.now
    }

    /// Does something that can be undone; what was undone before is forgotten.
    pub fn change(&mut self, change: impl FnOnce(&mut T)) {
        if self.past.len() == MOST_STEPS {
            self.past.remove(0);
        }
        self.past.push(self.now.clone());
        self.future.clear();
        change(&mut self.now);
    }

    /// Changes it without a step of its own: to undo takes this back together with the step before.
    pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
        change(&mut self.now);
    }

    /// Takes the last step back, if there is one.
    pub fn undo(&mut self) {
        if let Some(before) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.now, before));
        }
    }

    /// Does again what was undone last, if there is anything.
    pub fn redo(&mut self) {
        if let Some(after) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.now, after));
        }
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is a step to do again.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_undone_and_done_again() {
        let mut text = History::new(String::new());
        for letter in ["a", "b", "c"] {
            text.change(|text| text.push_str(letter));
        }
        text.undo();
        text.undo();
        assert_eq!(text.now(), "a");
        assert!(text.can_undo() && text.can_redo());
        text.redo();
        assert_eq!(text.now(), "ab");
        text.undo();
        text.undo();
        text.undo();
        assert_eq!(text.now(), "", "there is nothing before the beginning");
        assert!(!text.can_undo());
    }

    #[test]
    fn something_new_after_an_undo_forgets_what_was_undone() {
        let mut text = History::new(String::new());
        text.change(|text| text.push('a'));
        text.undo();
        text.change(|text| text.push('b'));
        assert!(!text.can_redo());
        text.redo();
        assert_eq!(text.now(), "b");
    }

    #[test]
    fn an_answer_is_no_step() {
        let mut text = History::new(String::new());
        text.change(|text| text.push('?'));
        text.amend(|text| text.push('!'));
        text.undo();
        assert_eq!(text.now(), "");
        text.redo();
        assert_eq!(text.now(), "?!");
    }

    #[test]
    fn the_past_has_an_end() {
        let mut number = History::new(0);
        for _ in 0..MOST_STEPS + 5 {
            number.change(|number| *number += 1);
        }
        while number.can_undo() {
            number.undo();
        }
        assert_eq!(*number.now(), 5);
    }
}
