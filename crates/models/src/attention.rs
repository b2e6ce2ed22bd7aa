//! Attention of some positions to the same or to others, for networks whose blocks are not all alike.

use candle_core::Tensor;
use kernels::{Attend, Bias, KeyValues, Sight};

use crate::{
    Breath, Error, Result, Weights,
    breath::BREATH_PRODUCTS,
    encoder::in_parts,
    layers::{Linear, with_floats},
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
        let count = queries.dim(0)?;
        let Form { heads, head_dim, .. } = self.form;
        let most = (BREATH_PRODUCTS / (2 * kept.len() * heads * head_dim).max(1)).max(1);
        let mut seen = Vec::new();
        for first in (0..count).step_by(most) {
            let some = queries.narrow(0, first, most.min(count - first))?;
            let bias = bias.map(|bias| bias.after(first, heads));
            seen.push(some.apply_op1_no_bwd(&self.attend(kept, bias))?);
            breath().await?;
        }
        in_parts(&self.out_proj, &Tensor::cat(&seen, 0)?, breath).await
    }

    pub(crate) fn attend<'a>(&self, kept: &'a KeyValues, bias: Option<Bias<'a>>) -> Attend<'a> {
        let Form { heads, scale, .. } = self.form;
        Attend { kept, heads, scale, sight: Sight::All, bias }
    }
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
