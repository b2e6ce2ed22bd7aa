use candle_core::Tensor;

use super::STRIDES;
use crate::{Error, Result};

/// What the network says of a picture; cells are those of the finest level first, row by row.
pub struct Answer {
    /// For each side of a box, how likely each distance from the cell is: `(4 * reg_max, cells)`.
    pub distances: Tensor,
    /// Of each kind of thing: `(nc, cells)`.
    pub logits: Tensor,
    /// How much of each proto there is in a cell's mask: `(32, cells)`.
    pub coefficients: Tensor,
    /// What masks are made of: `(32, height / 4, width / 4)`.
    pub protos: Tensor,
    /// Rows and columns of each level.
    pub(super) sizes: [[usize; 2]; 3],
    /// The distances, in strides of a level: `(reg_max)`.
    pub(super) steps: Vec<f32>,
}

/// A cell that is sure enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// The number of its kind.
    pub kind: usize,
    /// How sure the network is, 0 to 1.
    pub score: f32,
    /// Left, top, right, bottom, in pixels of what was looked at.
    pub sides: [f32; 4],
    /// What its mask is made of: `(32)`.
    pub coefficients: Vec<f32>,
}

impl Answer {
    /// The cells that are surer than `least` of some kind, in their order. Fails if the
    /// network's numbers are not finite.
    pub fn things(&self, least: f32) -> Result<Vec<Thing>> {
        let [logits, distances, coefficients] =
            [&self.logits, &self.distances, &self.coefficients].map(|xs| xs.to_vec2::<f32>());
        let (logits, distances, coefficients) = (logits?, distances?, coefficients?);
        let all = [&logits, &distances, &coefficients];
        if !all.into_iter().flatten().flatten().all(|x| x.is_finite()) {
            let reason = "its numbers are not finite: the file is damaged".into();
            return Err(Error::Damaged(reason));
        }
        let mut things = Vec::new();
        let mut cell = 0;
        for ([rows, columns], stride) in self.sizes.into_iter().zip(STRIDES) {
            for at in 0..rows * columns {
                let number = |row: &Vec<f32>| row.get(cell).copied().unwrap_or(f32::NAN);
                let best = logits.iter().map(number).enumerate();
                let best = best.reduce(|a, b| if b.1 > a.1 { b } else { a });
                if let Some((kind, logit)) = best
                    && let score = 1. / (1. + (-logit).exp())
                    && score > least
                {
                    let each: Vec<f32> = distances.iter().map(number).collect();
                    let far = |side: usize| mean(&each, side, &self.steps);
                    let (x, y) = ((at % columns) as f32 + 0.5, (at / columns) as f32 + 0.5);
                    let sides = [x - far(0), y - far(1), x + far(2), y + far(3)];
                    let coefficients = coefficients.iter().map(number).collect();
                    let sides = sides.map(|side| side * stride as f32);
                    things.push(Thing { kind, score, sides, coefficients });
                }
                cell += 1;
            }
        }
        Ok(things)
    }
}

/// The distance to be expected of a side: the mean of `steps`, each as likely as the softmax of its logit.
fn mean(logits: &[f32], side: usize, steps: &[f32]) -> f32 {
    let own = logits.chunks(steps.len()).nth(side).unwrap_or_default();
    let most = own.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let (mut sum, mut weighted) = (0., 0.);
    for (logit, step) in own.iter().zip(steps) {
        let likely = (logit - most).exp();
        sum += likely;
        weighted += likely * step;
    }
    weighted / sum
}
