use candle_core::{Device, Tensor, bail};
use kernels::Bias;

use super::{
    config::{Config, Family, Place, Shape},
    layer::Side,
};
use crate::{Result, Weights};

/// How a stack is told where a token stands.
pub(super) enum Positions {
    /// A row for each, to be added. The first `offset` rows stand for nothing.
    Learned { table: Tensor, offset: usize },
    /// Sines, then cosines, of a position times these frequencies; the first token is at `first`.
    Sines { frequencies: Vec<f64>, first: usize },
    /// Not at all: attention is told how far a key is, by a number for each head and distance.
    Distance { by_distance: Vec<f32>, reach: usize },
}

impl Positions {
    /// Takes what `stack` has of them.
    pub(super) async fn load(
        stack: &Weights,
        config: &Config,
        (side, shape): (Side, Shape),
    ) -> Result<Self> {
        let table = stack.at("embed_positions");
        match config.place() {
            Place::Learned { offset } => {
                let rows = offset + config.max_position_embeddings.unwrap_or(0);
                let table = table.table("weight", rows, config.d_model).await?;
                Ok(Self::Learned { table, offset })
            }
            Place::Sines => {
                // Some files hold what is computed here.
                ["weight", "weights"].iter().for_each(|leaf| table.skip(leaf));
                Ok(sines(config))
            }
            Place::Distance => {
                let (buckets, farthest) = config.buckets;
                let first = stack.at("block.0.layer.0.SelfAttention.relative_attention_bias");
                let table = first.table("weight", buckets, shape.heads).await?;
                let table: Vec<f32> = table.flatten_all()?.to_vec1()?;
                let count = 2 * farthest + 1;
                let mut by_distance = Vec::with_capacity(shape.heads * count);
                for head in 0..shape.heads {
                    by_distance.extend((0..count).map(|place| {
                        let bucket = bucket(place as i64 - farthest as i64, config.buckets, side);
                        table[bucket * shape.heads + head]
                    }));
                }
                Ok(Self::Distance { by_distance, reach: farthest })
            }
        }
    }

    /// Rows to add for tokens at these positions: `(positions, d_model)`.
    pub(super) fn rows(&self, at: &[usize]) -> candle_core::Result<Option<Tensor>> {
        match self {
            Self::Learned { table, offset } => {
                let rows: Vec<u32> = at.iter().map(|at| (at + offset) as u32).collect();
                let most = table.dim(0)? - offset;
                if let Some(at) = at.iter().find(|at| **at >= most) {
                    bail!("position {at} is beyond the model's {most}")
                }
                let rows = Tensor::new(rows, &Device::Cpu)?;
                table.index_select(&rows, 0).map(Some)
            }
            Self::Sines { frequencies, first } => {
                let mut numbers = Vec::with_capacity(2 * at.len() * frequencies.len());
                for at in at {
                    let angle = |frequency: &f64| (at + first) as f64 * frequency;
                    numbers.extend(frequencies.iter().map(|f| angle(f).sin() as f32));
                    numbers.extend(frequencies.iter().map(|f| angle(f).cos() as f32));
                }
                let shape = (at.len(), 2 * frequencies.len());
                Tensor::from_vec(numbers, shape, &Device::Cpu).map(Some)
            }
            Self::Distance { .. } => Ok(None),
        }
    }

    /// What attention is to add to its scores, the first query being the first position.
    pub(super) fn bias(&self) -> Option<Bias<'_>> {
        match self {
            Self::Distance { by_distance, reach } => {
                Some(Bias::ByDistance { by_distance, reach: *reach, first: 0 })
            }
            Self::Learned { .. } | Self::Sines { .. } => None,
        }
    }
}

/// Frequencies from 1 down to 1/10000.
// `M2M100SinusoidalPositionalEmbedding` reaches the last, and counts from the token after padding;
// `MarianSinusoidalPositionalEmbedding` stops one step before it, and counts from 0. Both are in
// transformers 4.57, `modeling_m2m_100.py` and `modeling_marian.py`.
fn sines(config: &Config) -> Positions {
    let half = config.d_model / 2;
    let (steps, first) = match config.family {
        Family::M2m100 => (half.saturating_sub(1).max(1), config.pad_token_id + 1),
        _ => (half, 0),
    };
    let frequency = |i: usize| 10_000f64.powf(-(i as f64) / steps as f64);
    Positions::Sines { frequencies: (0..half).map(frequency).collect(), first }
}

/// The bucket of keys that lie `far` positions after their query.
///
/// Encoders have half of the buckets for keys before a query and half for those after it; decoders, who
/// see none after it, have all for those before. Half of what a direction has are single distances, the
/// others grow with the distance.
// `_relative_position_bucket` of transformers 4.57, `modeling_t5.py`, in its 32 bits.
fn bucket(far: i64, (buckets, farthest): (usize, usize), side: Side) -> usize {
    let (base, buckets, far) = match side {
        Side::Encoder => {
            let half = buckets / 2;
            (if far > 0 { half } else { 0 }, half, far.unsigned_abs())
        }
        Side::Decoder => (0, buckets, (-far).max(0) as u64),
    };
    let single = buckets / 2;
    if far < single as u64 {
        return base + far as usize;
    }
    let grown = (far as f32 / single as f32).ln() / (farthest as f64 / single as f64).ln() as f32
        * (buckets - single) as f32;
    base + (single + grown as usize).min(buckets - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(side: Side, far: &[i64], want: &[usize]) {
        let got: Vec<_> = far.iter().map(|far| bucket(*far, (32, 128), side)).collect();
        assert_eq!(got, want);
    }

    /// Wants are what the reference's function answers.
    #[test]
    fn decoders_have_all_buckets_for_what_came_before() {
        check(
            Side::Decoder,
            &[3, 0, -1, -8, -9, -15, -16, -17, -31, -64, -127, -128, -1000],
            &[0, 0, 1, 8, 9, 15, 16, 16, 21, 26, 31, 31, 31],
        );
    }

    #[test]
    fn encoders_tell_before_from_after() {
        check(
            Side::Encoder,
            &[0, -1, -7, -8, -11, -12, -64, -128, 1, 7, 8, 12, 90, 91, 500],
            &[0, 1, 7, 8, 8, 9, 14, 15, 17, 23, 24, 25, 30, 31, 31],
        );
    }
}
