//! Attention: what queries see of keys and values.

mod bias;
mod job;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

pub use self::bias::Bias;
use self::job::{Job, PER_JOB, TOGETHER};
use crate::{
    KeyValues,
    machine::{On, run},
    open::MANY,
    slices::floats,
    threads::on_all_threads,
};

/// Fewer multiplications than this are done before another thread has woken up.
const WORTH_SHARING: usize = 100_000;

/// Which keys a query sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All.
    All,
    /// Those up to its own position: queries are the last of the positions kept.
    Past {
        /// How many of them at most, the last ones; `None` is all.
        window: Option<usize>,
    },
}

/// Attention of queries `(positions, heads * head_dim)` over keys and values, to the same shape.
///
/// Heads share keys and values in groups. Memory does not grow with the number of keys: scores are held
/// for a block of them at once. Invariant: blocks begin at multiples of their size, so that an answer
/// does not depend on what else is asked for in the same call.
pub struct Attend<'a> {
    /// What is looked at.
    pub kept: &'a KeyValues,
    /// Heads of the queries; a multiple of those kept.
    pub heads: usize,
    /// Multiplies every score.
    pub scale: f32,
    /// Which keys a query sees.
    pub sight: Sight,
    /// Added to scores after they are scaled.
    pub bias: Option<Bias<'a>>,
}

impl CustomOp1 for Attend<'_> {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (positions, width) = layout.shape().dims2()?;
        let out = self.attended(On::Best, floats(storage, layout)?, positions, width)?;
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

impl Attend<'_> {
    /// Multiples of so many queries leave none that are computed by themselves.
    pub const TOGETHER: usize = TOGETHER * MANY / 2;

    /// `queries (positions, width)` to the same.
    pub(crate) fn attended(
        &self,
        on: On,
        queries: &[f32],
        positions: usize,
        width: usize,
    ) -> Result<Vec<f32>> {
        let KeyValues { heads: kv_heads, head_dim, len, .. } = *self.kept;
        let enough = match self.sight {
            Sight::All => len > 0,
            Sight::Past { window } => len >= positions && window != Some(0),
        };
        if width != self.heads * head_dim || !self.heads.is_multiple_of(kv_heads) || !enough {
            bail!("attend: {positions} queries of {width} numbers do not fit {len} keys")
        }
        if self.bias.is_some_and(|bias| !bias.fits(positions, self.heads, len)) {
            bail!("attend: no bias for {} heads and {positions} queries of {len} keys", self.heads)
        }
        let group = self.heads / kv_heads;
        let mut by_head = vec![0f32; queries.len()]; // (kv_heads, positions * group, head_dim)
        let of_head = by_head.chunks_mut((positions * group * head_dim).max(1)).enumerate();
        let jobs: Vec<_> = of_head
            .flat_map(|(kv_head, of_head)| {
                let parts = of_head.chunks_mut(PER_JOB * head_dim).enumerate();
                parts.map(move |(i, out)| (kv_head, i * PER_JOB, out))
            })
            .collect();
        let one = |(kv_head, first, out)| {
            if self.kept.rounded() {
                run(on, Job::<true> { attend: self, queries, positions, kv_head, first, out });
            } else {
                run(on, Job::<false> { attend: self, queries, positions, kv_head, first, out });
            }
        };
        if queries.len() * len < WORTH_SHARING {
            jobs.into_iter().for_each(one);
        } else {
            on_all_threads(jobs, one);
        }
        let mut out = vec![0f32; queries.len()];
        for (i, row) in by_head.chunks_exact(head_dim).enumerate() {
            let (kv_head, query) = (i / (positions * group), i % (positions * group));
            let head = kv_head * group + query % group;
            let to = query / group * width + head * head_dim;
            out[to..to + head_dim].copy_from_slice(row);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_is_no_number_is_no_answer_and_spoils_no_other() {
        let mut keys = vec![0.5; 70 * 8];
        keys[69 * 8] = f32::NAN;
        let mut kept = KeyValues::new(1, 8);
        kept.put(0, &keys, &[1.; 70 * 8]).unwrap();
        for (sight, sound) in [(Sight::All, 0), (Sight::Past { window: None }, 1)] {
            let attend = Attend { kept: &kept, heads: 1, scale: 1., sight, bias: None };
            let seen = attend.attended(On::Best, &[1.; 2 * 8], 2, 8).unwrap();
            let (first, last) = seen.split_at(8);
            assert_eq!(first.iter().filter(|x| x.is_finite()).count(), 8 * sound, "{sight:?}");
            assert!(last.iter().all(|x| x.is_nan()), "{sight:?}: {last:?}");
        }
    }
}
