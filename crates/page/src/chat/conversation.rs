//! A conversation as a tree: editing a question or asking for another answer starts a branch.

use api::{
    ModelId,
    chat::{Answer, Cost, End, Message, Role},
};
use serde::{Deserialize, Serialize};

/// Place of a turn in [`Conversation`]; it never changes.
pub type TurnId = usize;

/// How far a turn is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// A question, as it was asked.
    Asked,
    /// An answer that is still coming.
    Coming,
    /// A whole answer.
    Whole {
        /// Why it ended.
        end: End,
        /// What it cost.
        cost: Cost,
    },
    /// An answer that was cut short, and why.
    Cut(String),
}

/// One question or answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// What it follows; `None` for a first question.
    parent: Option<TurnId>,
    /// Which of the turns that follow it is shown.
    shown: Option<TurnId>,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// How far it is.
    pub fate: Fate,
    /// Who answered; `None` for a question.
    pub model: Option<ModelId>,
}

/// Everything that was said, and which branch is shown.
///
/// Invariant: a turn's parent comes before it in the list, and `shown` always names a child.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Standing orders; empty for none.
    pub system: String,
    turns: Vec<Turn>,
    shown: Option<TurnId>,
}

impl Conversation {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Forgets what was said; standing orders stay.
    pub fn clear(&mut self) {
        *self = Self { system: std::mem::take(&mut self.system), ..Self::default() };
    }

    /// A turn.
    pub fn turn(&self, id: TurnId) -> Option<&Turn> {
        self.turns.get(id)
    }

    /// The shown branch, first turn first.
    pub fn path(&self) -> Vec<TurnId> {
        std::iter::successors(self.shown, |&id| self.turns.get(id)?.shown).collect()
    }

    /// The last turn of the shown branch.
    pub fn tip(&self) -> Option<TurnId> {
        self.path().last().copied()
    }

    /// Turns that follow the same turn as `id`, itself included, in the order they were made.
    pub fn siblings(&self, id: TurnId) -> Vec<TurnId> {
        let Some(turn) = self.turns.get(id) else { return Vec::new() };
        (0..self.turns.len()).filter(|&other| self.turns[other].parent == turn.parent).collect()
    }

    /// Shows the branch through a turn.
    pub fn show(&mut self, id: TurnId) {
        let Some(turn) = self.turns.get(id) else { return };
        match turn.parent {
            None => self.shown = Some(id),
            Some(parent) => self.turns[parent].shown = Some(id),
        }
    }

    fn add(&mut self, parent: Option<TurnId>, turn: Turn) -> TurnId {
        let id = self.turns.len();
        self.turns.push(Turn { parent, ..turn });
        self.show(id);
        id
    }

    /// Adds a question after the shown branch. After a question without an answer it takes that
    /// question's place: templates want questions and answers in turn.
    pub fn ask(&mut self, text: &str) -> TurnId {
        match self.tip() {
            Some(tip) if self.turns[tip].role == Role::User => self.edit(tip, text),
            parent => self.add(parent, question(text)),
        }
    }

    /// Asks something else in the place of a question, as a new branch.
    pub fn edit(&mut self, id: TurnId, text: &str) -> TurnId {
        let parent = self.turns.get(id).and_then(|turn| turn.parent);
        self.add(parent, question(text))
    }

    /// Makes room for answers to a question; the first of them is shown.
    pub fn answer(&mut self, question: TurnId, count: u8, model: &str) -> Vec<TurnId> {
        let coming = || Turn {
            parent: None,
            shown: None,
            role: Role::Assistant,
            text: String::new(),
            fate: Fate::Coming,
            model: Some(model.into()),
        };
        let ids: Vec<_> = (0..count).map(|_| self.add(Some(question), coming())).collect();
        if let Some(&first) = ids.first() {
            self.show(first);
        }
        ids
    }

    /// The question an answer belongs to.
    pub fn question_of(&self, answer: TurnId) -> Option<TurnId> {
        self.turns.get(answer)?.parent
    }

    /// How many answers a question has.
    pub fn answers_to(&self, question: TurnId) -> usize {
        self.turns.iter().filter(|turn| turn.parent == Some(question)).count()
    }

    /// Whether a turn is an answer that was cut short.
    pub fn is_cut(&self, id: TurnId) -> bool {
        self.turns.get(id).is_some_and(|turn| matches!(turn.fate, Fate::Cut(_)))
    }

    /// Appends to an answer that is coming.
    pub fn append(&mut self, id: TurnId, text: &str) {
        if let Some(turn) = self.turns.get_mut(id).filter(|turn| turn.fate == Fate::Coming) {
            turn.text.push_str(text);
        }
    }

    /// Ends an answer that is coming.
    pub fn finish(&mut self, id: TurnId, answer: &Answer) {
        if let Some(turn) = self.turns.get_mut(id).filter(|turn| turn.fate == Fate::Coming) {
            turn.text.clone_from(&answer.text);
            turn.fate = Fate::Whole { end: answer.end.clone(), cost: answer.cost };
        }
    }

    /// Ends every answer that is still coming, with what there is of it.
    pub fn cut(&mut self, why: &str) {
        for turn in self.turns.iter_mut().filter(|turn| turn.fate == Fate::Coming) {
            turn.fate = Fate::Cut(why.into());
        }
    }

    /// What a model is told so that it answers `question`: system message, then the branch. Answers
    /// of which nothing arrived are left out with their questions.
    pub fn messages(&self, question: TurnId) -> Vec<Message> {
        let up = |&id: &TurnId| self.turns.get(id)?.parent;
        let mut branch: Vec<_> = std::iter::successors(Some(question), up).collect();
        branch.reverse();
        let mut messages: Vec<Message> = Vec::new();
        if !self.system.trim().is_empty() {
            messages.push(Message { role: Role::System, text: self.system.clone() });
        }
        for turn in branch.iter().filter_map(|&id| self.turns.get(id)) {
            if turn.role == Role::Assistant && turn.text.is_empty() {
                messages.pop();
                continue;
            }
            messages.push(Message { role: turn.role, text: turn.text.clone() });
        }
        messages
    }

    /// The conversation, if it keeps its invariant; stored data may be anything.
    pub fn checked(self) -> Result<Self, String> {
        let count = self.turns.len();
        for (id, turn) in self.turns.iter().enumerate() {
            if turn.parent.is_some_and(|parent| parent >= id) {
                return Err(format!("turn {id} follows a later one"));
            }
            if turn.shown.is_some_and(|child| !self.follows(child, Some(id))) {
                return Err(format!("turn {id} shows what does not follow it"));
            }
        }
        match self.shown {
            None if count > 0 => Err("no branch is shown".into()),
            Some(first) if !self.follows(first, None) => Err("the shown branch is missing".into()),
            _ => Ok(self),
        }
    }

    fn follows(&self, child: TurnId, parent: Option<TurnId>) -> bool {
        self.turns.get(child).is_some_and(|turn| turn.parent == parent)
    }
}

fn question(text: &str) -> Turn {
    Turn {
        parent: None,
        shown: None,
        role: Role::User,
        text: text.into(),
        fate: Fate::Asked,
        model: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Answer {
        Answer { text: text.into(), end: End::Turn, cost: Cost::default() }
    }

    fn said(conversation: &Conversation) -> Vec<&str> {
        conversation.path().iter().map(|&id| &*conversation.turns[id].text).collect()
    }

    /// Two questions, each answered.
    fn talked() -> Conversation {
        let mut talk = Conversation::default();
        for (question, reply) in [("a", "A"), ("b", "B")] {
            let asked = talk.ask(question);
            let ids = talk.answer(asked, 1, "m");
            talk.finish(ids[0], &answer(reply));
        }
        talk
    }

    #[test]
    fn an_edit_starts_a_branch_and_the_old_one_stays() {
        let mut talk = talked();
        let first = talk.path()[0];
        let other = talk.edit(first, "c");
        assert_eq!(said(&talk), ["c"]);
        assert_eq!(talk.siblings(other), [first, other]);
        talk.show(first);
        assert_eq!(said(&talk), ["a", "A", "b", "B"]);
    }

    #[test]
    fn another_answer_stands_beside_the_first() {
        let mut talk = talked();
        let tip = talk.tip().unwrap();
        let question = talk.question_of(tip).unwrap();
        let again = talk.answer(question, 2, "m");
        assert_eq!(talk.tip(), Some(again[0]));
        assert_eq!(talk.siblings(again[1]), [tip, again[0], again[1]]);
    }

    #[test]
    fn a_model_is_told_the_branch_and_nothing_else() {
        let mut talk = talked();
        talk.system = "be short".into();
        let edited = talk.edit(talk.path()[2], "c");
        let told: Vec<_> = talk.messages(edited).into_iter().map(|message| message.text).collect();
        assert_eq!(told, ["be short", "a", "A", "c"]);
    }

    #[test]
    fn an_answer_that_never_came_is_not_told() {
        let mut talk = talked();
        let asked = talk.ask("lost");
        talk.answer(asked, 1, "m");
        talk.cut("stopped");
        let next = talk.ask("again");
        let told: Vec<_> = talk.messages(next).into_iter().map(|message| message.text).collect();
        assert_eq!(told, ["a", "A", "b", "B", "again"]);
    }

    #[test]
    fn what_comes_after_the_cut_changes_nothing() {
        let mut talk = Conversation::default();
        let asked = talk.ask("a");
        let id = talk.answer(asked, 1, "m")[0];
        talk.append(id, "half");
        talk.cut("stopped");
        talk.append(id, " more");
        talk.finish(id, &answer("whole"));
        assert_eq!(talk.turns[id].text, "half");
        assert_eq!(talk.turns[id].fate, Fate::Cut("stopped".into()));
    }

    #[test]
    fn stored_data_that_breaks_the_tree_is_refused() {
        let good = talked();
        assert_eq!(good.clone().checked().as_ref(), Ok(&good));
        let mut looped = good.clone();
        looped.turns[0].parent = Some(0);
        assert!(looped.checked().is_err());
        let mut dangling = good.clone();
        dangling.turns[3].shown = Some(9);
        assert!(dangling.checked().is_err());
        let mut hidden = good;
        hidden.shown = None;
        assert!(hidden.checked().is_err());
    }
}
