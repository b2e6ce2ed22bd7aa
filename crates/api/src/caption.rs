//! Say in a sentence what a picture shows.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Task,
    blip::{About, Partial, Written},
    picture::Picture,
};

/// Marker for this task.
pub struct Caption;

impl Task for Caption {
    const NAME: &'static str = "caption";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// A picture, and how its caption is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What is looked at.
    pub picture: Picture,
    /// What the caption begins with, such as "a photograph of"; may be empty.
    pub prefix: String,
    /// Most tokens that are written after it, at least 1; the reference writes
    /// [`NEW_TOKENS`](crate::blip::NEW_TOKENS).
    pub max_new_tokens: u32,
}

/// The loaded model, and its caption if there was a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// What it wrote, the likeliest token at each place.
    pub caption: Option<Written>,
}
