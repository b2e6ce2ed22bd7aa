//! Find the things in a picture.

use serde::{Deserialize, Serialize};

use crate::{Loading, ModelId, Precision, Task, picture::Picture};

/// Marker for this task.
pub struct Detect;

impl Task for Detect {
    const NAME: &'static str = "detect";
    type Input = Input;
    type Partial = Partial;
    type Output = Output;
}

/// Which model, and which picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Checkpoint to use; it is loaded if it is not yet.
    pub model: ModelId,
    /// How its weights are held.
    pub precision: Precision,
    /// What is asked; `None` only loads the model and tells what it is.
    pub ask: Option<Ask>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The picture.
    pub picture: Picture,
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

/// A thing, and where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub label: String,
    /// How sure the model is, between 0 and 1.
    pub score: f32,
    /// Where it is. A side may lie outside the picture.
    pub area: Area,
}

/// A rectangle, in pixels of the picture that was given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Its left side.
    pub xmin: f32,
    /// Its upper side.
    pub ymin: f32,
    /// Its right side.
    pub xmax: f32,
    /// Its lower side.
    pub ymax: f32,
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
