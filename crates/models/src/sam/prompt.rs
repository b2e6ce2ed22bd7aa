use std::f32::consts::TAU;

use candle_core::Tensor;

use super::{Config, Prompt, tensor};
use crate::{Result, Weights};

/// Beside, inside, left upper corner, right lower corner.
const KINDS: usize = 4;
/// Layers that read a mask, which nobody gives.
const MASK_LAYERS: [&str; 5] = ["conv1", "conv2", "conv3", "layer_norm1", "layer_norm2"];

/// Points and areas become tokens.
pub(super) struct Prompts {
    /// `(2, hidden / 2)`: what the distance from the left, and from the top, is multiplied with.
    frequencies: [Vec<f32>; 2],
    point_embed: Vec<Vec<f32>>,
    not_a_point_embed: Vec<f32>,
    no_mask_embed: Tensor, // (1, hidden)
    image_size: f32,
}

impl Prompts {
    pub(super) async fn load(
        weights: &Weights,
        frequencies: &Tensor,
        config: &Config,
    ) -> Result<Self> {
        let hidden = config.hidden();
        let row = async |name: String| -> Result<Tensor> {
            weights.at(name).table("weight", 1, hidden).await
        };
        let mut point_embed = Vec::new();
        for kind in 0..KINDS {
            point_embed.push(row(format!("point_embed.{kind}")).await?.flatten_all()?.to_vec1()?);
        }
        for layer in MASK_LAYERS {
            let layer = weights.at("mask_embed").at(layer);
            layer.skip("weight");
            layer.skip("bias");
        }
        let along = |axis| -> Result<Vec<f32>> { Ok(frequencies.get(axis)?.to_vec1()?) };
        Ok(Self {
            frequencies: [along(0)?, along(1)?],
            point_embed,
            not_a_point_embed: row("not_a_point_embed".into()).await?.flatten_all()?.to_vec1()?,
            no_mask_embed: row("no_mask_embed".into()).await?,
            image_size: config.image_size() as f32,
        })
    }

    /// What is added to every cell, `(1, hidden)`, as no mask is given.
    pub(super) fn no_mask(&self) -> &Tensor {
        &self.no_mask_embed
    }

    /// Where cells are: `(side * side, hidden)`.
    pub(super) fn places(&self, side: usize) -> Result<Tensor> {
        let middle = |cell: usize| (cell as f32 + 0.5) / side as f32;
        let cells = (0..side * side).map(|cell| [middle(cell % side), middle(cell / side)]);
        tensor(cells.flat_map(|at| self.place(at)).collect(), side * side)
    }

    /// `(tokens, hidden)`; a prompt without an area ends with a token that says so.
    pub(super) fn tokens(&self, prompt: &Prompt) -> Result<Tensor> {
        let mut tokens = Vec::new();
        let mut put = |[x, y]: [f32; 2], kind: usize| {
            // To the middle of the pixel.
            let at = [x, y].map(|along| (along + 0.5) / self.image_size);
            let token = self.place(at).zip(&self.point_embed[kind]).map(|(a, b)| a + b);
            tokens.push(token.collect::<Vec<f32>>());
        };
        for spot in &prompt.points {
            put(spot.at, usize::from(spot.inside));
        }
        match prompt.area {
            Some([left, top, right, bottom]) => {
                put([left, top], 2);
                put([right, bottom], 3);
            }
            None => tokens.push(self.not_a_point_embed.clone()),
        }
        let count = tokens.len();
        tensor(tokens.concat(), count)
    }

    /// Sines, then cosines, of a place in parts of the picture.
    fn place(&self, at: [f32; 2]) -> impl Iterator<Item = f32> {
        let [x, y] = at.map(|along| 2. * along - 1.);
        let [across, down] = &self.frequencies;
        let turns: Vec<f32> = across.iter().zip(down).map(|(a, b)| TAU * (x * a + y * b)).collect();
        let cosines: Vec<f32> = turns.iter().map(|turn| turn.cos()).collect();
        turns.into_iter().map(f32::sin).chain(cosines)
    }
}
