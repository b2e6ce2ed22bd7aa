use serde::Deserialize;

use super::{STAGES, Stage};
use crate::{
    Result,
    sam::config::{MOST_SIDE, impossible, sized},
};

/// A stage of more blocks is a lie.
const DEEPEST: usize = 100;

/// `vision_config` of a MobileSAM.
///
/// The family's checkpoints bring no `config.json`, so this one is ours: `{"model_type": "mobile_sam"}` is MobileSAM
/// itself, and `vision_config` may have what its constructor is given otherwise. The decoder's sizes are told as those
/// of a SamModel.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct TinyVitConfig {
    pub(crate) image_size: usize,
    /// Channels of each stage.
    pub(crate) embed_dims: [usize; STAGES],
    /// Blocks of each stage.
    pub(crate) depths: [usize; STAGES],
    /// Heads of each stage, of which the first has none.
    pub(crate) num_heads: [usize; STAGES],
    /// Cells to each side of what sees each other, of which the first stage has none.
    pub(crate) window_sizes: [usize; STAGES],
}

// MobileSAM's: see `build_sam_vit_t` in its repository.
impl Default for TinyVitConfig {
    fn default() -> Self {
        Self {
            image_size: 1024,
            embed_dims: [64, 128, 160, 320],
            depths: [2, 2, 6, 2],
            num_heads: [2, 4, 5, 10],
            window_sizes: [7, 7, 14, 7],
        }
    }
}

impl TinyVitConfig {
    /// Cells to each side of what each stage makes. The last stage is as fine as the one before it.
    pub(crate) fn sides(&self) -> [usize; STAGES] {
        [4, 8, 16, 16].map(|pixels| self.image_size / pixels)
    }

    /// Sizes of a stage.
    pub(super) fn stage(&self, at: usize) -> Stage {
        Stage {
            channels: self.embed_dims[at],
            heads: self.num_heads[at],
            window: self.window_sizes[at],
            side: self.sides()[at],
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let Self { image_size, embed_dims, depths, .. } = self;
        sized(&[*image_size])?;
        sized(embed_dims)?;
        if !image_size.is_multiple_of(16) || image_size / 16 > MOST_SIDE {
            return impossible(format!("a picture of {image_size} in patches of 16"));
        }
        if !embed_dims[0].is_multiple_of(2) {
            return impossible(format!("a first stage of {} channels", embed_dims[0]));
        }
        if depths.iter().any(|depth| *depth > DEEPEST) {
            return impossible(format!("that stages have {depths:?} blocks"));
        }
        (1..STAGES).map(|at| self.stage(at)).try_for_each(|stage| {
            let Stage { channels, heads, window, side } = stage;
            if heads == 0 || !channels.is_multiple_of(heads) {
                return impossible(format!("a stage of {channels} channels with {heads} heads"));
            }
            match (1..=side).contains(&window) {
                true => Ok(()),
                false => impossible(format!("windows of {window} for {side} cells")),
            }
        })
    }
}
