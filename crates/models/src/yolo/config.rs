use serde::Deserialize;

use crate::{Error, Result, encoder};

/// Channels, classes or blocks beyond this are a lie.
const MOST: f64 = (1 << 14) as f64;
/// So is a distance of more steps.
const FARTHEST: usize = 1 << 8;
/// Longest side of a picture the network may be asked to look at.
const LONGEST_SIDE: u32 = 4096;

/// `config.json` of a YOLOv8-seg.
///
/// The family's checkpoints bring none, so this one is ours: the entries of the yaml that such a network
/// is built from. FastSAM-x is `{"model_type": "yolov8-seg", "depth_multiple": 1.0, "width_multiple": 1.25,
/// "max_channels": 512, "nc": 1, "reg_max": 26, "imgsz": 1024}`, FastSAM-s has 0.33, 0.5 and 1024. Its
/// weights are the state dict of the network in a `.pt` file, saved as safetensors:
/// `save_file({k: v.contiguous() for k, v in model.float().state_dict().items()}, "model.safetensors")`.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    /// Blocks of a stage, as a part of those of the largest network.
    depth_multiple: f64,
    /// Channels, as a part of the yaml's.
    width_multiple: f64,
    /// Of the yaml's channels, before they are multiplied.
    max_channels: usize,
    /// Kinds of things that are told apart.
    pub nc: usize,
    /// Steps of a distance from a cell to a side of a box. 16 in YOLOv8; FastSAM was trained with 26.
    #[serde(default = "reg_max")]
    pub reg_max: usize,
    /// Longest side of the pictures it was trained on, in pixels.
    pub imgsz: u32,
}

fn reg_max() -> usize {
    16
}

impl Config {
    /// From the text of `config.json`. Fails if there is no such network.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = encoder::config(json)?;
        let Self { depth_multiple, width_multiple, max_channels, nc, reg_max, imgsz } = config;
        let part = |part: f64| part > 0. && part <= 16.;
        let possible = part(depth_multiple)
            && part(width_multiple)
            && (1..=MOST as usize).contains(&max_channels)
            && (1..=MOST as usize).contains(&nc)
            && (2..=FARTHEST).contains(&reg_max);
        if !possible {
            return Err(Error::Damaged(format!(
                "config.json: a YOLOv8 of depth {depth_multiple}, width {width_multiple}, {max_channels} channels, {nc} classes and {reg_max} steps is not possible"
            )));
        }
        if !(32..=LONGEST_SIDE).contains(&imgsz) || !imgsz.is_multiple_of(32) {
            return Err(Error::Damaged(format!(
                "config.json: `imgsz` is {imgsz}, not a multiple of 32 up to {LONGEST_SIDE}"
            )));
        }
        Ok(config)
    }

    /// Channels where the yaml has `of`: a multiple of 8.
    pub(super) fn width(&self, of: usize) -> usize {
        let wide = of.min(self.max_channels) as f64 * self.width_multiple;
        (wide / 8.).ceil() as usize * 8
    }

    /// Blocks where the yaml has `of`: at least one.
    pub(super) fn depth(&self, of: usize) -> usize {
        (of as f64 * self.depth_multiple).round_ties_even().max(1.) as usize
    }
}
