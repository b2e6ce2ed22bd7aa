//! Attention of some positions to the same or to others, for networks whose blocks are not all alike.

use std::ops::Range;

use candle_core::Tensor;
use kernels::{Attend, Bias, KeyValues, Sight};

use crate::{
    Breath, Error, Result, Weights,
    breath::BREATH_PRODUCTS,
    layers::{Linear, in_parts, with_floats},
};

/// What the four layers are called: for queries, keys, values and their sum.
pub(crate) type Projections = [&'static str; 4];

/// `transformers`' names of them in most families.
pub(crate) const PROJECTIONS: Projections = ["q_proj", "k_proj", "v_proj", "out_proj"];

/// Whether layers have a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Biased {
    Yes,
    No,
    /// All but that for keys.
    ButKeys,
}

/// Positions from which on keys are rounded where weights are: fewer take no time, and keep their bits.
const MANY: usize = 64;

/// Sizes of an attention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) d_model: usize,
    pub(crate) heads: usize,
    pub(crate) head_dim: usize,
    /// Multiplies every score.
    pub(crate) scale: f32,
    pub(crate) biased: Biased,
}

/// Queries of some positions over keys and values of the same or of others.
pub(crate) struct Attention {
    pub(crate) q_proj: Linear,
    pub(crate) k_proj: Linear,
    pub(crate) v_proj: Linear,
    pub(crate) out_proj: Linear,
    form: Form,
}

impl Attention {
    pub(crate) async fn load(
        weights: &Weights,
        projections: Projections,
        form: Form,
    ) -> Result<Self> {
        Self::load_over(weights, projections, form, form.d_model).await
    }

    /// One whose keys and values are made of states of another width.
    pub(crate) async fn load_over(
        weights: &Weights,
        [query, key, value, out]: Projections,
        form: Form,
        states: usize,
    ) -> Result<Self> {
        let (d_model, width) = (form.d_model, form.heads * form.head_dim);
        let linear = async |name, from, to| linear(weights, name, (from, to), form.biased).await;
        Ok(Self {
            q_proj: linear(query, d_model, width).await?,
            k_proj: match form.biased {
                Biased::ButKeys => Linear::load(&weights.at(key), states, width).await?,
                _ => linear(key, states, width).await?,
            },
            v_proj: linear(value, states, width).await?,
            out_proj: linear(out, width, d_model).await?,
            form,
        })
    }

    pub(crate) fn heads(&self) -> usize {
        self.form.heads
    }

    pub(crate) fn nothing(&self) -> KeyValues {
        KeyValues::new(self.form.heads, self.form.head_dim)
    }

    /// The same for so many positions that are looked at by about as many.
    pub(crate) fn room(&self, positions: usize) -> KeyValues {
        room((self.form.heads, self.form.head_dim), positions, self.out_proj.is_rounded())
    }

    /// Puts the keys of `keys (n, d_model)` and the values of `values`, the same number, after those kept.
    pub(crate) async fn remember(
        &self,
        keys: &Tensor,
        values: &Tensor,
        kept: &mut KeyValues,
        breath: &Breath,
    ) -> Result<()> {
        let keys = in_parts(&self.k_proj, keys, breath).await?;
        let values = in_parts(&self.v_proj, values, breath).await?;
        put(kept, kept.len(), &keys, &values)
    }

    /// What `xs (n, d_model)` see of all that is kept: the same shape.
    pub(crate) async fn look(
        &self,
        xs: &Tensor,
        kept: &KeyValues,
        bias: Option<Bias<'_>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let queries = in_parts(&self.q_proj, xs, breath).await?;
        let (count, width) = queries.dims2()?;
        let mut seen = Vec::new();
        for Range { start, end } in parts(0..count, kept.len() * width) {
            let bias = bias.map(|bias| bias.after(start, self.form.heads));
            let some = queries.narrow(0, start, end - start)?;
            seen.push(some.apply_op1_no_bwd(&self.attend(kept, bias))?);
            breath().await?;
        }
        in_parts(&self.out_proj, &Tensor::cat(&seen, 0)?, breath).await
    }

    /// What `xs (n, d_model)` see of each other in their span, as of [`Among::see`]: the same shape.
    pub(crate) async fn within<'a>(
        &self,
        xs: &Tensor,
        spans: impl IntoIterator<Item = Range<usize>>,
        bias: impl Fn(usize) -> Option<Bias<'a>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let Form { heads, scale, .. } = self.form;
        let (sight, rounded) = (Sight::All, self.out_proj.is_rounded());
        let qkv = [
            in_parts(&self.q_proj, xs, breath).await?,
            in_parts(&self.k_proj, xs, breath).await?,
            in_parts(&self.v_proj, xs, breath).await?,
        ];
        let seen = Among { heads, scale, sight, rounded }.see(&qkv, spans, bias, breath).await?;
        in_parts(&self.out_proj, &seen, breath).await
    }

    pub(crate) fn attend<'a>(&self, kept: &'a KeyValues, bias: Option<Bias<'a>>) -> Attend<'a> {
        let Form { heads, scale, .. } = self.form;
        Attend { kept, heads, scale, sight: Sight::All, bias }
    }
}

/// How positions of a span look at each other.
#[derive(Clone, Copy)]
pub(crate) struct Among {
    pub(crate) heads: usize,
    /// Multiplies every score.
    pub(crate) scale: f32,
    pub(crate) sight: Sight,
    /// Whether the weights around are.
    pub(crate) rounded: bool,
}

impl Among {
    /// What queries see of keys and values, `(positions, width)` each, in their span: the same shape. Scores of span
    /// `n` gain `bias(n)`.
    pub(crate) async fn see<'a>(
        self,
        [queries, keys, values]: &[Tensor; 3],
        spans: impl IntoIterator<Item = Range<usize>>,
        bias: impl Fn(usize) -> Option<Bias<'a>>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let Self { heads, scale, sight, rounded } = self;
        let width = queries.dim(1)?;
        let mut seen = Vec::new();
        for (number, span) in spans.into_iter().enumerate() {
            let mut kept = room((heads, width / heads), span.len(), rounded);
            for Range { start, end } in parts(span.clone(), span.len() * width) {
                // Who sees only the past sees nothing that is kept later.
                let last = if sight == Sight::All { span.end } else { end };
                let next = span.start + kept.len();
                if next < last {
                    let some = |xs: &Tensor| xs.narrow(0, next, last - next);
                    put(&mut kept, next - span.start, &some(keys)?, &some(values)?)?;
                }
                let bias = bias(number).map(|bias| bias.after(start - span.start, heads));
                let attend = Attend { kept: &kept, heads, scale, sight, bias };
                seen.push(queries.narrow(0, start, end - start)?.apply_op1_no_bwd(&attend)?);
                breath().await?;
            }
        }
        Ok(Tensor::cat(&seen, 0)?)
    }
}

/// For so many positions that are looked at by about as many.
fn room((heads, head_dim): (usize, usize), positions: usize, rounded: bool) -> KeyValues {
    match rounded && positions >= MANY {
        true => KeyValues::new_rounded(heads, head_dim),
        false => KeyValues::new(heads, head_dim),
    }
}

/// Queries with breaths in between, for each of which so many numbers of keys are looked at.
fn parts(queries: Range<usize>, keys: usize) -> impl Iterator<Item = Range<usize>> {
    let together = BREATH_PRODUCTS / (2 * Attend::TOGETHER * keys).max(1);
    let most = Attend::TOGETHER * together.max(1);
    queries.clone().step_by(most).map(move |start| start..queries.end.min(start + most))
}

/// Keys and values `(n, width)` at the positions from `at` on.
pub(crate) fn put(kept: &mut KeyValues, at: usize, keys: &Tensor, values: &Tensor) -> Result<()> {
    with_floats(keys, |keys| with_floats(values, |values| kept.put(at, keys, values)))
        .map_err(|e| Error::Memory(e.to_string()))
}

/// The linear layer `name`.
pub(crate) async fn linear(
    weights: &Weights,
    name: &str,
    (from, to): (usize, usize),
    biased: Biased,
) -> Result<Linear> {
    match biased {
        Biased::Yes | Biased::ButKeys => Linear::load_with_bias(&weights.at(name), from, to).await,
        Biased::No => Linear::load(&weights.at(name), from, to).await,
    }
}
