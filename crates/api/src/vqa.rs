//! Answer a question about a picture.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Task,
    blip::{About, Partial, Written},
    picture::Picture,
};

/// Marker for this task.
pub struct Vqa;

impl Task for Vqa {
    const NAME: &'static str = "vqa";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// A picture, and a question about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// What is looked at.
    pub picture: Picture,
    /// Not empty.
    pub question: String,
}

/// The loaded model, and its answer if there was a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// What it wrote, the likeliest token at each place.
    pub answer: Option<Written>,
}
