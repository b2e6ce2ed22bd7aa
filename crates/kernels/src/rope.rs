use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use crate::slices::floats;

/// Which two numbers of a head turn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// `i` and `i + half`, as in Hugging Face's checkpoints.
    Halves,
    /// `2i` and `2i + 1`, as in GGUF files of the `llama` architecture.
    Neighbours,
}

/// Sines and cosines by which the numbers of a head turn, for some positions in a row.
pub struct Angles {
    cos: Vec<f32>, // (positions, frequencies)
    sin: Vec<f32>,
    frequencies: usize,
}

impl Angles {
    /// For `count` positions from `first` on. `scale` multiplies all sines and cosines.
    pub fn new(frequencies: &[f32], first: usize, count: usize, scale: f32) -> Self {
        let turns = (first..first + count)
            .flat_map(|at| frequencies.iter().map(move |frequency| at as f32 * frequency));
        let (cos, sin) = turns.map(|turn| (turn.cos() * scale, turn.sin() * scale)).unzip();
        Self { cos, sin, frequencies: frequencies.len() }
    }
}

/// Turns queries or keys `(positions, heads * head_dim)` by their position; what is beyond
/// `2 * frequencies` in a head stays.
pub struct Rope<'a> {
    /// One row per position.
    pub angles: &'a Angles,
    /// Numbers per head.
    pub head_dim: usize,
    /// Which numbers turn together.
    pub pairs: Pairs,
}

impl CustomOp1 for Rope<'_> {
    fn name(&self) -> &'static str {
        "rope"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (positions, width) = layout.shape().dims2()?;
        let Angles { cos, sin, frequencies } = self.angles;
        if positions * frequencies != cos.len()
            || 2 * frequencies > self.head_dim
            || !width.is_multiple_of(self.head_dim)
        {
            bail!("rope: {positions} positions of {width} numbers do not fit the angles")
        }
        let mut xs = floats(storage, layout)?.to_vec();
        for (at, row) in xs.chunks_exact_mut(width).enumerate() {
            let angles = at * frequencies..(at + 1) * frequencies;
            for head in row.chunks_exact_mut(self.head_dim) {
                turn(head, &cos[angles.clone()], &sin[angles.clone()], self.pairs);
            }
        }
        Ok((CpuStorage::F32(xs), layout.shape().clone()))
    }
}

fn turn(head: &mut [f32], cos: &[f32], sin: &[f32], pairs: Pairs) {
    let half = cos.len();
    for (i, (cos, sin)) in cos.iter().zip(sin).enumerate() {
        let (a, b) = match pairs {
            Pairs::Halves => (i, i + half),
            Pairs::Neighbours => (2 * i, 2 * i + 1),
        };
        (head[a], head[b]) = (head[a] * cos - head[b] * sin, head[b] * cos + head[a] * sin);
    }
}
