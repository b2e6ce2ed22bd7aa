//! Tell how well texts fit a picture, each for itself.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Task,
    blip::{About, Partial},
    picture::Picture,
};

/// Marker for this task.
pub struct Itm;

impl Task for Itm {
    const NAME: &'static str = "itm";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most texts one question may hold.
pub const MOST_TEXTS: usize = 200;

/// A picture, and what may be true of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What is looked at.
    pub picture: Picture,
    /// None empty.
    pub texts: Vec<String>,
}

/// The loaded model, and what it finds of the texts if there were any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// One for each text, in the order in which they were given.
    pub fits: Vec<Fit>,
}

/// How well a text fits the picture, found in two ways.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// As it was given.
    pub text: String,
    /// That it is true of the picture, by a model that has both in view: 0 to 1. Those of several texts do
    /// not add up to 1: each is judged alone.
    pub probability: f32,
    /// How near it is to the picture, each taken by itself: -1 to 1.
    pub cosine: f32,
}
