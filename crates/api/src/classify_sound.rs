//! Tell how well each of some labels says what a sound is.

use serde::{Deserialize, Serialize};

pub use crate::classify::{MOST_CHARACTERS, MOST_LABELS, Score};
use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct ClassifySound;

impl Task for ClassifySound {
    const NAME: &'static str = "classify_sound";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// What stands around every label by custom, the label in place of `{}`.
// The pipeline `zero-shot-audio-classification` of transformers.
pub const TEMPLATE: &str = "This is a sound of {}.";

/// A sound, and what it may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// What is listened to.
    pub clip: Clip,
    /// What it may be: all different, none empty.
    pub labels: Vec<String>,
    /// What stands around each label; it has a `{}`.
    pub template: String,
    /// Of a sound that is longer than what the model listens to, it chooses the part.
    pub seed: u64,
}

/// A sound as it was decoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// Between -1 and 1; those of all channels of one moment stand together: `[l, r, l, r]`.
    pub samples: Vec<f32>,
    /// How many channels.
    pub channels: u16,
    /// Moments a second; the engine brings them to the model's rate.
    pub rate_hz: u32,
}

/// What arrives while the model loads, listens and reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The sound is being listened to.
    Listening,
    /// Labels are being read.
    Reading {
        /// Labels that have been read.
        done_labels: u32,
        /// Labels in all.
        total_labels: u32,
    },
}

/// The loaded model, and its scores if it was asked for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// One for each label, the likeliest first; equal ones in the order in which they were given.
    pub scores: Vec<Score>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Moments a second that it expects.
    pub rate_hz: u32,
    /// How much it listens to, in milliseconds: shorter sounds are repeated, of longer ones a part is taken.
    pub length_ms: u32,
    /// Most tokens it reads of a label, with what stands around it.
    pub window_tokens: u32,
}
