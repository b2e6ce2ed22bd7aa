use serde::{Deserialize, Serialize};

use crate::{ModelId, Precision};

/// The input of a task whose model stays loaded between two questions: which one, and what it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked<A> {
    /// Checkpoint to use; it is loaded if it is not yet.
    pub model: ModelId,
    /// How its weights are held.
    pub precision: Precision,
    /// The question; `None` only loads the model and tells what it is.
    pub ask: Option<A>,
}
