//! The conversation and its settings, kept in the browser between visits.

use api::chat::Sampling;
use gloo::storage::{LocalStorage, Storage};
use serde::{Deserialize, Serialize};

use super::conversation::Conversation;

const KEY: &str = "wick-chat";
/// Where text goes that cannot be read: nothing a person wrote is thrown away.
const UNREADABLE: &str = "wick-chat-unreadable";
/// Raised when what is kept changes shape.
const VERSION: u32 = 1;

/// Everything that outlives a visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    version: u32,
    /// What was said.
    pub conversation: Conversation,
    /// How answers are made.
    pub sampling: Sampling,
    /// How many answers a question gets.
    pub answers: u8,
}

impl Kept {
    /// Of this version.
    pub fn new(conversation: Conversation, sampling: Sampling, answers: u8) -> Self {
        Self { version: VERSION, conversation, sampling, answers }
    }
}

/// What was kept. An answer that was coming when the page was left is one that was cut.
pub fn read(text: &str) -> Result<Kept, String> {
    let mut kept: Kept = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if kept.version != VERSION {
        return Err(format!("it is of version {}, and this page reads {VERSION}", kept.version));
    }
    kept.conversation = kept.conversation.checked()?;
    kept.conversation.cut("the page was left");
    kept.answers = kept.answers.clamp(1, 8);
    Ok(kept)
}

/// What the browser kept; with a sentence if it cannot be read, and then it is set aside.
pub fn load() -> (Kept, Option<String>) {
    let fresh = || Kept::new(Conversation::default(), Sampling::default(), 1);
    let Ok(Some(text)) = LocalStorage::raw().get_item(KEY) else { return (fresh(), None) };
    match read(&text) {
        Ok(kept) => (kept, None),
        Err(why) => {
            let aside = match LocalStorage::raw().set_item(UNREADABLE, &text) {
                Ok(()) => format!("it is set aside as `{UNREADABLE}` in this browser's storage"),
                Err(_) => "it could not be set aside".into(),
            };
            (fresh(), Some(format!("the last conversation cannot be read ({why}); {aside}")))
        }
    }
}

/// Keeps it; with a sentence if the browser will not.
pub fn save(kept: &Kept) -> Result<(), String> {
    LocalStorage::set(KEY, kept).map_err(|_| {
        "this browser does not keep the conversation (storage is full or denied): export it to have it \
         later"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::conversation::Fate;

    #[test]
    fn what_was_kept_comes_back() {
        let mut conversation = Conversation::default();
        let question = conversation.ask("hi");
        let answer = conversation.answer(question, 1, "m")[0];
        conversation.append(answer, "half an ans");
        let kept = Kept::new(conversation, Sampling { top_k: 3, ..Sampling::default() }, 2);
        let back = read(&serde_json::to_string(&kept).unwrap()).unwrap();
        assert_eq!((back.sampling, back.answers), (kept.sampling, 2));
        let turn = back.conversation.turn(answer).unwrap();
        assert_eq!(turn.text, "half an ans");
        assert_eq!(turn.fate, Fate::Cut("the page was left".into()));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_reason() {
        assert!(read("{").is_err());
        assert!(read("[]").is_err());
        let other = Kept { version: 2, ..Kept::default() };
        let why = read(&serde_json::to_string(&other).unwrap()).unwrap_err();
        assert!(why.contains("version 2"), "{why}");
    }
}
