//! Put a text into another language, sentence by sentence.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct Translate;

impl Task for Translate {
    const NAME: &'static str = "translate";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most characters a text may have.
pub const MOST_CHARACTERS: usize = 1_000_000;
/// Most answers followed side by side for a sentence.
pub const MOST_BEAMS: u8 = 16;

/// A text with its languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What to translate; its line breaks are kept.
    pub text: String,
    /// Code of its language, one of [`About::sources`].
    pub source: String,
    /// Code of the language to put it into, one of [`About::targets`].
    pub target: String,
    /// Answers followed side by side for each sentence, 1 to [`MOST_BEAMS`]; `None` is what the
    /// checkpoint's `generation_config.json` says.
    pub beams: Option<u8>,
}

/// What arrives while the model loads and translates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The text is cut; so many segments follow.
    Split {
        /// How many.
        segments: u32,
    },
    /// The next segment is there.
    Done(Segment),
}

/// The loaded model, and the translation if there was a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// The text from its beginning to its end. Each `lead` and `source` one after the other are the text
    /// that was given, up to the space at its end; each `lead` and `target`, its translation.
    pub segments: Vec<Segment>,
}

/// A sentence, or a part of one that is longer than the model's window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The space before it, line breaks included.
    pub lead: String,
    /// What was read.
    pub source: String,
    /// What the model made of it.
    pub target: String,
    /// It is a part: the sentence was longer than the model reads, and was cut between two words.
    pub part: bool,
    /// The model had not come to an end when its answer was as long as answers may be.
    pub unfinished: bool,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Languages it reads.
    pub sources: Vec<Language>,
    /// Languages it writes.
    pub targets: Vec<Language>,
    /// Most tokens it reads of a sentence.
    pub window_tokens: u32,
    /// Answers followed side by side if no number is asked for.
    pub beams: u8,
}

/// A language, as the model calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// Its code in the checkpoint, such as `fra_Latn`.
    pub code: String,
    /// Its English name, such as `French`; the code if none is known.
    pub name: String,
}
