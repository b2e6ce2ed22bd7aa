//! Hold this machine's arithmetic against plain arithmetic: a question of tests, which no panel asks.

use serde::{Deserialize, Serialize};

use crate::Task;

/// Marker for this task.
pub struct Check;

impl Task for Check {
    const NAME: &'static str = "check";
    type Input = Input;
    type Partial = ();
    type Output = Output;
}

/// How much to compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Each gives other shapes and numbers.
    pub seeds: Vec<u64>,
}

/// Everything agreed; otherwise the task fails, and names what did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Products and attentions that were compared.
    pub comparisons: u32,
}
