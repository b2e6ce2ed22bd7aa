//! Find the things in a picture.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Loading, Task,
    picture::{Found, Picture},
};

/// Marker for this task.
pub struct Detect;

impl Task for Detect {
    const NAME: &'static str = "detect";
    type Input = Asked<Picture>;
    type Partial = Partial;
    type Output = Output;
}

/// What arrives while the model loads and looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The picture is in the network's hands.
    Looking {
        /// Pixels in a row of what the network sees.
        width: u32,
        /// Its rows.
        height: u32,
    },
}

/// The loaded model, and what it found if there was a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// What each of the model's queries found, the surest first. Most of them are sure of nothing: what
    /// scores below a threshold is to be left out, and 0.9 is the usual one.
    pub found: Vec<Found>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// What it can find.
    pub labels: Vec<String>,
    /// Most things it finds in a picture.
    pub queries: u32,
    /// Weights.
    pub parameters: u64,
    /// Memory they take.
    pub weight_bytes: u64,
}
