use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};
use rayon::prelude::*;

use crate::{
    dot::{add_scaled, dot},
    slices::floats,
};

/// Fewer multiplications than this are done before another thread has woken up.
const WORTH_SHARING: usize = 100_000;

/// Causal attention of queries `(positions, heads * head_dim)` over everything kept so far.
///
/// Heads share keys and values in groups, which are read where they lie.
pub struct Attend<'a> {
    /// `(kept, kv_heads, head_dim)`.
    pub keys: &'a [f32],
    /// `(kept, kv_heads, head_dim)`.
    pub values: &'a [f32],
    /// Heads of the queries.
    pub heads: usize,
    /// Heads of the keys and values; divides `heads`.
    pub kv_heads: usize,
    /// Numbers per head.
    pub head_dim: usize,
    /// Multiplies every score.
    pub scale: f32,
    /// How many positions a query sees, itself included; `None` is all.
    pub window: Option<usize>,
}

impl CustomOp1 for Attend<'_> {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (positions, width) = layout.shape().dims2()?;
        let kept = self.keys.len() / (self.kv_heads * self.head_dim);
        if width != self.heads * self.head_dim
            || !self.heads.is_multiple_of(self.kv_heads)
            || self.values.len() != self.keys.len()
            || kept < positions
        {
            bail!("attend: {positions} queries of {width} numbers do not fit {kept} keys")
        }
        let queries = floats(storage, layout)?;
        let mut out = vec![0f32; queries.len()];
        let one = |scores: &mut Vec<f32>, (i, out): (usize, &mut [f32])| {
            let (at, head) = (kept - positions + i / self.heads, i % self.heads);
            let query = &queries[i * self.head_dim..(i + 1) * self.head_dim];
            self.one_head(query, at, head, scores, out);
        };
        if queries.len() * kept < WORTH_SHARING {
            let scores = &mut Vec::new();
            out.chunks_exact_mut(self.head_dim).enumerate().for_each(|job| one(scores, job));
        } else {
            out.par_chunks_exact_mut(self.head_dim).enumerate().for_each_init(Vec::new, one);
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

impl Attend<'_> {
    fn one_head(
        &self,
        query: &[f32],
        at: usize,
        head: usize,
        scores: &mut Vec<f32>,
        out: &mut [f32],
    ) {
        let first = self.window.map_or(0, |window| (at + 1).saturating_sub(window));
        let kv_head = head / (self.heads / self.kv_heads);
        let row = |of: usize| {
            let from = (of * self.kv_heads + kv_head) * self.head_dim;
            from..from + self.head_dim
        };
        scores.clear();
        scores.extend((first..=at).map(|of| dot(query, &self.keys[row(of)]) * self.scale));
        softmax(scores);
        for (of, weight) in (first..=at).zip(scores) {
            add_scaled(out, &self.values[row(of)], *weight);
        }
    }
}

fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0f32;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}
