//! Say in few words what a text says.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct Summarize;

impl Task for Summarize {
    const NAME: &'static str = "summarize";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most characters a text may have.
pub const MOST_CHARACTERS: usize = 1_000_000;

/// A text, and how long its summary is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What to summarize.
    pub text: String,
    /// Fewest tokens of a summary; `None` is what the checkpoint's `generation_config.json` says.
    pub min_tokens: Option<u32>,
    /// Most tokens of a summary; `None` is what the checkpoint's `generation_config.json` says.
    pub max_tokens: Option<u32>,
}

/// What arrives while the model loads and reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// A round begins: each of these chunks gets a summary of its own.
    Round {
        /// Texts that fit the model's window each, in order.
        chunks: Vec<String>,
    },
    /// The next chunk of the round has its summary.
    Done(Summary),
}

/// The loaded model, and the summary if there was a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// The first reads the text, each other one the summaries of the round before it; the last has one
    /// chunk, and its summary is the text's. Empty if there was no text.
    pub rounds: Vec<Vec<Chunk>>,
}

/// A text that fits the model's window, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// What was read.
    pub text: String,
    /// What it says.
    pub summary: Summary,
}

/// What a text says, in few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The words.
    pub text: String,
    /// Tokens they take.
    pub tokens: u32,
    /// The model had not come to an end when its answer was as long as answers may be.
    pub unfinished: bool,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Most tokens it reads at once.
    pub window_tokens: u32,
    /// Fewest tokens of a summary if no number is asked for.
    pub min_tokens: u32,
    /// Most tokens of a summary if no number is asked for.
    pub max_tokens: u32,
}
