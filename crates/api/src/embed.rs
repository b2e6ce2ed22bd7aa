//! Give texts places in a space where those that mean alike lie near each other.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct Embed;

impl Task for Embed {
    const NAME: &'static str = "embed";
    type Input = Asked<Vec<String>>;
    type Partial = Partial;
    type Output = Output;
}

/// Most texts one question may hold.
pub const MOST_TEXTS: usize = 50_000;
/// Most characters a text may have; any model's window is far smaller.
pub const MOST_CHARACTERS: usize = 100_000;

/// What arrives while the model loads and reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// Texts are being read.
    Reading {
        /// Texts that have their place.
        done_texts: u32,
        /// Texts in all.
        total_texts: u32,
    },
}

/// The loaded model, and the places of the texts if there were any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// One for each text, in the order in which they were given.
    pub embeddings: Vec<Embedding>,
}

/// The place of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// As many numbers as the model has dimensions.
    pub vector: Vec<f32>,
    /// Tokens the text takes, those the model puts around it included.
    pub tokens: u32,
    /// Tokens that were read: fewer if the text is longer than the model's window.
    pub read_tokens: u32,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Numbers in a vector.
    pub dimensions: u32,
    /// Most tokens it reads of a text.
    pub window_tokens: u32,
    /// How a text's tokens become one vector.
    pub pooling: Pooling,
    /// Whether vectors have the length 1.
    pub normalized: bool,
}

/// How a text's tokens become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pooling {
    /// The mean of all.
    Mean,
    /// The first one's.
    First,
    /// The largest of all, number by number.
    Largest,
}
