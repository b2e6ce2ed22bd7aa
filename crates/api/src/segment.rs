//! Tell which pixels belong to a thing: one that is pointed at, or everything there is.

use serde::{Deserialize, Serialize};

use crate::{
    Asked, Loading, Task,
    picture::{Area, Mask, Picture},
};

/// Marker for this task.
pub struct Segment;

impl Task for Segment {
    const NAME: &'static str = "segment";
    type Input = Asked<Ask>;
    type Partial = Partial;
    type Output = Output;
}

/// Most prompts one question may hold.
pub const MOST_PROMPTS: usize = 300;
/// Most points one prompt may hold.
pub const MOST_POINTS: usize = 100;
/// Most points to a side of the grid from which everything is looked for.
pub const MOST_POINTS_PER_SIDE: u8 = 64;

/// A picture, and what is to be found in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// What is looked at. The model remembers what it saw in the last picture: the same one again costs nothing.
    pub picture: Picture,
    /// What is wanted of it.
    pub wish: Wish,
}

/// What is wanted of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wish {
    /// Only to look, so that what is asked next is answered soon.
    Look,
    /// A thing for each prompt.
    Prompts(Vec<Prompt>),
    /// Every thing there is.
    Everything(Everything),
}

/// Where one thing is. At least a point or an area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// Places in it and beside it.
    pub points: Vec<Spot>,
    /// A rectangle around it.
    pub area: Option<Area>,
}

/// A place in the picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Whether it is in the thing or beside it.
    pub side: Side,
}

/// On which side of a thing's outline a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// In the thing.
    Inside,
    /// Beside it.
    Outside,
}

/// How everything is looked for. What is usual depends on the model: see [`About::usual`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Everything {
    /// Points to each side of the grid that is asked for. Models that find everything at once do not need it.
    pub points_per_side: u8,
    /// How well the model must believe to have met a thing's outline, 0 to 1.
    pub least_score: f32,
    /// How little a mask may change with its threshold, 0 to 1.
    pub least_stability: f32,
    /// How much the boxes of two masks may share (intersection over union) before the less sure one is left out.
    pub most_overlap: f32,
    /// Smaller masks are left out, in pixels of the picture.
    pub least_area_px: u32,
}

/// What arrives while the model loads and looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The picture is being looked at.
    Looking,
    /// Prompts are being answered: those of the question, or those of the grid.
    Prompting {
        /// Prompts that have been answered.
        done_prompts: u32,
        /// Prompts in all.
        total_prompts: u32,
    },
}

/// The loaded model, and what it found if it was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// For each prompt what may be meant, the likeliest first and at least one; of everything one each, the
    /// likeliest thing first.
    pub things: Vec<Vec<Candidate>>,
}

/// A mask that may be what was meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its pixels.
    pub mask: Mask,
    /// How well the model believes to have met the outline: the intersection over union it expects, about 0 to 1.
    pub score: f32,
    /// The rectangle around it; `None` if there is not a pixel in it.
    pub area: Option<Area>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Pixels of the longer side of what it looks at.
    pub side_px: u32,
    /// Weights.
    pub parameters: u64,
    /// Memory they take.
    pub weight_bytes: u64,
    /// How everything is best looked for with it.
    pub usual: Everything,
}
