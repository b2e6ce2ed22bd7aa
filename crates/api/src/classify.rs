//! Tell how well each of some labels says what a picture shows.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task, picture::Picture};

/// Marker for this task.
pub struct Classify;

impl Task for Classify {
    const NAME: &'static str = "classify";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most labels one question may hold.
pub const MOST_LABELS: usize = 1_000;
/// Most characters a label may have; models read a sentence or two.
pub const MOST_CHARACTERS: usize = 2_000;

/// A picture, and what it may show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What is looked at.
    pub picture: Picture,
    /// What it may show: all different, none empty, each as the model is to read it.
    pub labels: Vec<String>,
}

/// What arrives while the model loads, looks and reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The picture is being looked at.
    Looking,
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

/// How well a label says what the picture shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// As it was given.
    pub label: String,
    /// The cosine of picture and label, times a scale that the model has learnt.
    pub logit: f32,
    /// Its part of the belief that one of the labels is right: between 0 and 1, all of them 1.
    pub probability: f32,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Pixels to each side of what it looks at: the middle of the picture, made smaller.
    pub side_px: u32,
    /// Most tokens it reads of a label, those around it included.
    pub window_tokens: u32,
}
