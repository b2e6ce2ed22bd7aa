//! Say a text.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task};

/// Marker for this task.
pub struct Speak;

impl Task for Speak {
    const NAME: &'static str = "speak";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Longest text.
pub const MOST_CHARACTERS: usize = 20_000;
/// Slowest and fastest that a text can be said; 1 is the model's own pace.
pub const RATES: [f32; 2] = [0.25, 4.];
/// Most of both noises.
pub const MOST_NOISE: f32 = 2.;

/// A text, and how to say it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// It is said sentence by sentence.
    pub text: String,
    /// Twice as fast at 2; one of [`RATES`] or between them.
    pub speaking_rate: f32,
    /// How much the voice differs from one time to the next, up to [`MOST_NOISE`]; none is the model's own.
    pub noise_scale: Option<f32>,
    /// How much the pace does.
    pub noise_scale_duration: Option<f32>,
    /// A seed says the same text in the same way.
    pub seed: u64,
}

/// What arrives while the model loads and speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The next sentence.
    Said(Said),
}

/// A sentence, or a part of one that is too long, and what it sounds like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// As it was written.
    pub text: String,
    /// As the model read it: phonemes, or the letters that it knows.
    pub read: String,
    /// One channel, between -1 and 1, [`About::sampling_rate`] a second.
    pub samples: Vec<f32>,
    /// Sentences up to this one.
    pub done: u32,
    /// Sentences in all.
    pub total: u32,
}

/// The loaded model, and what it could not say if it was asked to speak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What spoke.
    pub model: About,
    /// Characters that it has no sound for, each once.
    pub left_out: String,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Samples a second.
    pub sampling_rate: u32,
    /// It reads phonemes of American English; else it reads letters.
    pub phonemes: bool,
    /// Its own noise of voices.
    pub noise_scale: f32,
    /// Its own noise of paces.
    pub noise_scale_duration: f32,
}
