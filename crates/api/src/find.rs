//! Find what is named in words.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Loading, Task,
    picture::{Found, Picture},
};

/// Marker for this task.
pub struct Find;

impl Task for Find {
    const NAME: &'static str = "find";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// A picture, and what is looked for in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Where it is looked for.
    pub picture: Picture,
    /// What is looked for: all different, none empty, each as the model is to read it. At most
    /// [`MOST_LABELS`](crate::classify::MOST_LABELS).
    pub labels: Vec<String>,
}

/// What arrives while the model loads, reads and looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// Labels are being read.
    Reading {
        /// Labels that have been read.
        done_labels: u32,
        /// Labels in all.
        total_labels: u32,
    },
    /// The picture is being looked at.
    Looking,
}

/// The loaded model, and what it found if it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// What each place of the picture shows most of what is looked for, the surest first. Most places show none
    /// of it: what scores below a threshold is to be left out, and 0.1 is the usual one. Places with a score
    /// below 0.01 are left out already.
    pub found: Vec<Found>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Pixels to each side of what it looks at.
    pub side_px: u32,
    /// Most tokens it reads of a label, those around it included.
    pub window_tokens: u32,
    /// Weights.
    pub parameters: u64,
    /// Memory they take.
    pub weight_bytes: u64,
}
