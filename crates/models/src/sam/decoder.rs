use candle_core::Tensor;
use kernels::{Activation, KeyValues, Kind, Matrix, Product};

use super::{Answer, Config, Masks, config::DecoderConfig};
use crate::{
    Breath, Result, Weights,
    attention::{Attention, Biased, Form, PROJECTIONS},
    layers::{LayerNorm, Linear, Spread},
};

/// `nn.LayerNorm`'s own, which the last norm of `SamTwoWayTransformer` keeps.
pub(super) const LAST_EPS: f32 = 1e-5;
/// Each of the two upscalings makes a position four.
const TWICE: usize = 2;
/// Layers that turn a mask's token into what finds its pixels.
const HYPER_LAYERS: usize = 3;

/// Tokens of a prompt and cells of a picture look at each other; masks are what comes of it.
pub(super) struct Decoder {
    iou_token: Tensor,   // (1, hidden)
    mask_tokens: Tensor, // (masks, hidden)
    layers: Vec<Layer>,
    final_attn_token_to_image: Attention,
    layer_norm_final_attn: LayerNorm,
    upscale_conv1: Spread,
    upscale_layer_norm: LayerNorm,
    upscale_conv2: Spread,
    output_hypernetworks_mlps: Vec<Head>,
    iou_prediction_head: Head,
}

/// What depends on the picture alone.
pub(super) struct Ground {
    states: Tensor, // (cells, hidden)
    places: Tensor, // (cells, hidden)
    /// What the first layer's tokens look at.
    first: KeyValues,
}

impl Decoder {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let d = &config.mask_decoder_config;
        let (hidden, masks) = (d.hidden_size, d.num_multimask_outputs + 1);
        let transformer = weights.at("transformer");
        let mut layers = Vec::new();
        for index in 0..d.num_hidden_layers {
            let first = if index == 0 { First::Yes } else { First::No };
            layers.push(Layer::load(&transformer.at("layers").at(index), d, first).await?);
        }
        let mut hyper = Vec::new();
        for mask in 0..masks {
            let at = weights.at("output_hypernetworks_mlps").at(mask);
            hyper.push(Head::load(&at, [hidden, hidden, hidden / 8], HYPER_LAYERS).await?);
        }
        let iou = [hidden, d.iou_head_hidden_dim, masks];
        let last = transformer.at("layer_norm_final_attn");
        let norm = weights.at("upscale_layer_norm");
        let spread =
            async |name, from, to| Spread::load(&weights.at(name), (from, to), TWICE).await;
        Ok(Self {
            iou_token: weights.at("iou_token").table("weight", 1, hidden).await?,
            mask_tokens: weights.at("mask_tokens").table("weight", masks, hidden).await?,
            layers,
            final_attn_token_to_image: Attention::load(
                &transformer.at("final_attn_token_to_image"),
                PROJECTIONS,
                form(d, d.attention_downsample_rate),
            )
            .await?,
            layer_norm_final_attn: LayerNorm::load(&last, hidden, LAST_EPS).await?,
            upscale_conv1: spread("upscale_conv1", hidden, hidden / 4).await?,
            // `SamLayerNorm`'s default.
            upscale_layer_norm: LayerNorm::load(&norm, hidden / 4, 1e-6).await?,
            upscale_conv2: spread("upscale_conv2", hidden / 4, hidden / 8).await?,
            output_hypernetworks_mlps: hyper,
            iou_prediction_head: Head::load(
                &weights.at("iou_prediction_head"),
                iou,
                d.iou_head_depth,
            )
            .await?,
        })
    }

    /// What all prompts have in common, of `states` and `places` of cells, `(cells, hidden)` each.
    pub(super) async fn ground(
        &self,
        states: Tensor,
        places: Tensor,
        breath: &Breath,
    ) -> Result<Ground> {
        let look = self.layers.first().map(|layer| &layer.cross_attn_token_to_image);
        let look = look.unwrap_or(&self.final_attn_token_to_image);
        let mut first = look.nothing();
        look.remember(&(&states + &places)?, &states, &mut first, breath).await?;
        Ok(Ground { states, places, first })
    }

    /// Masks for a prompt of `(tokens, hidden)` about a picture of `side * side` cells.
    pub(super) async fn forward(
        &self,
        ground: &Ground,
        (asked, masks): (&Tensor, Masks),
        side: usize,
        breath: &Breath,
    ) -> Result<Answer> {
        let Ground { states, places, first } = ground;
        let tokens = Tensor::cat(&[&self.iou_token, &self.mask_tokens, asked], 0)?;
        let (mut queries, mut keys) = (tokens.clone(), states.clone());
        for (index, layer) in self.layers.iter().enumerate() {
            let known = (index == 0).then_some(first);
            let sides = Sides { queries, keys, tokens: &tokens, places };
            (queries, keys) = layer.forward(sides, known, breath).await?;
        }
        let last = &self.final_attn_token_to_image;
        let mut kept = last.nothing();
        let kept = match self.layers.is_empty() {
            true => first,
            false => {
                last.remember(&(&keys + places)?, &keys, &mut kept, breath).await?;
                &kept
            }
        };
        let found = last.look(&(&queries + &tokens)?, kept, None, breath).await?;
        let queries = self.layer_norm_final_attn.forward(&(queries + found)?)?;
        self.masks(masks, (&queries, &keys), side, breath).await
    }

    async fn masks(
        &self,
        masks: Masks,
        (queries, keys): (&Tensor, &Tensor),
        side: usize,
        breath: &Breath,
    ) -> Result<Answer> {
        // Every position is upscaled by itself: where it lies matters only to its mask.
        let xs = self.upscale_conv1.forward(keys, breath).await?;
        let xs = self.upscale_layer_norm.forward(&xs)?.apply_op1_no_bwd(&Activation::Gelu)?;
        let xs = self.upscale_conv2.forward(&xs, breath).await?;
        let xs = xs.apply_op1_no_bwd(&Activation::Gelu)?; // (16 * cells, hidden / 8)
        let mut finders = Vec::new();
        // The first output is for whoever wants only one.
        let outputs = match masks {
            Masks::One => 0..1,
            Masks::Several => 1..self.output_hypernetworks_mlps.len(),
        };
        for at in outputs.clone() {
            let head = &self.output_hypernetworks_mlps[at];
            finders.push(head.forward(&queries.narrow(0, 1 + at, 1)?)?);
        }
        let (count, size) = (finders.len(), TWICE * TWICE * side);
        let mut table = Matrix::zeros(Kind::F32, count, xs.dim(1)?)?; // (masks, hidden / 8)
        table.pack(0, &Tensor::cat(&finders, 0)?.flatten_all()?.to_vec1::<f32>()?)?;
        let masks = xs.apply_op1_no_bwd(&Product(&table))?;
        let masks = masks.reshape(vec![side, side, TWICE, TWICE, TWICE, TWICE, count])?;
        // Rows of each size, columns of each, masks.
        let masks = masks.permute(vec![6, 0, 2, 4, 1, 3, 5])?.contiguous()?;
        let masks = masks.reshape((count, size, size))?;
        let scores = self.iou_prediction_head.forward(&queries.narrow(0, 0, 1)?)?.squeeze(0)?;
        let scores = scores.narrow(0, outputs.start, outputs.len())?;
        breath().await?;
        Ok(Answer { masks, scores })
    }
}

fn form(d: &DecoderConfig, less: usize) -> Form {
    let (d_model, heads) = (d.hidden_size, d.num_attention_heads);
    let head_dim = d_model / less / heads;
    Form { d_model, heads, head_dim, scale: 1. / (head_dim as f32).sqrt(), biased: Biased::Yes }
}

/// Tokens and cells, and what tells where each is.
struct Sides<'a> {
    queries: Tensor,
    keys: Tensor,
    tokens: &'a Tensor,
    places: &'a Tensor,
}

/// Tokens look at each other, then at the cells; the cells look at the tokens.
struct Layer {
    self_attn: Attention,
    layer_norm1: LayerNorm,
    cross_attn_token_to_image: Attention,
    layer_norm2: LayerNorm,
    lin1: Linear,
    lin2: Linear,
    layer_norm3: LayerNorm,
    cross_attn_image_to_token: Attention,
    layer_norm4: LayerNorm,
    activation: Activation,
    first: First,
}

/// Whether a layer is the first, whose tokens are their own places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Yes,
    No,
}

impl Layer {
    async fn load(weights: &Weights, d: &DecoderConfig, first: First) -> Result<Self> {
        let attention =
            async |name, less| Attention::load(&weights.at(name), PROJECTIONS, form(d, less)).await;
        let norm =
            async |name| LayerNorm::load(&weights.at(name), d.hidden_size, d.layer_norm_eps).await;
        let less = d.attention_downsample_rate;
        let mlp = weights.at("mlp");
        Ok(Self {
            self_attn: attention("self_attn", 1).await?,
            layer_norm1: norm("layer_norm1").await?,
            cross_attn_token_to_image: attention("cross_attn_token_to_image", less).await?,
            layer_norm2: norm("layer_norm2").await?,
            lin1: Linear::load_with_bias(&mlp.at("lin1"), d.hidden_size, d.mlp_dim).await?,
            lin2: Linear::load_with_bias(&mlp.at("lin2"), d.mlp_dim, d.hidden_size).await?,
            layer_norm3: norm("layer_norm3").await?,
            cross_attn_image_to_token: attention("cross_attn_image_to_token", less).await?,
            layer_norm4: norm("layer_norm4").await?,
            activation: d.hidden_act.activation(),
            first,
        })
    }

    /// Queries and keys after it; `known` is what tokens look at, if that is known already.
    async fn forward(
        &self,
        Sides { queries, keys, tokens, places }: Sides<'_>,
        known: Option<&KeyValues>,
        breath: &Breath,
    ) -> Result<(Tensor, Tensor)> {
        let mut kept = self.self_attn.nothing();
        let queries = if self.first == First::Yes {
            self.self_attn.remember(&queries, &queries, &mut kept, breath).await?;
            self.self_attn.look(&queries, &kept, None, breath).await?
        } else {
            let placed = (&queries + tokens)?;
            self.self_attn.remember(&placed, &queries, &mut kept, breath).await?;
            (queries + self.self_attn.look(&placed, &kept, None, breath).await?)?
        };
        let queries = self.layer_norm1.forward(&queries)?;
        let placed_keys = (&keys + places)?;
        let look = &self.cross_attn_token_to_image;
        let mut kept = look.nothing();
        let kept = match known {
            Some(known) => known,
            None => {
                look.remember(&placed_keys, &keys, &mut kept, breath).await?;
                &kept
            }
        };
        let found = look.look(&(&queries + tokens)?, kept, None, breath).await?;
        let queries = self.layer_norm2.forward(&(queries + found)?)?;
        let inner = self.lin1.forward(&queries)?.apply_op1_no_bwd(&self.activation)?;
        let queries = self.layer_norm3.forward(&(&queries + self.lin2.forward(&inner)?)?)?;
        let look = &self.cross_attn_image_to_token;
        let mut kept = look.nothing();
        look.remember(&(&queries + tokens)?, &queries, &mut kept, breath).await?;
        let found = look.look(&placed_keys, &kept, None, breath).await?;
        Ok((queries, self.layer_norm4.forward(&(keys + found)?)?))
    }
}

/// Layers one after the other, with what is below zero cut off in between.
struct Head(Vec<Linear>);

impl Head {
    /// From the first of `sizes` to the last, by way of the second.
    async fn load(weights: &Weights, [from, inner, to]: [usize; 3], depth: usize) -> Result<Self> {
        let linear = async |at: &Weights, from, to| Linear::load_with_bias(at, from, to).await;
        let mut layers = vec![linear(&weights.at("proj_in"), from, inner).await?];
        for index in 0..depth - 2 {
            layers.push(linear(&weights.at("layers").at(index), inner, inner).await?);
        }
        layers.push(linear(&weights.at("proj_out"), inner, to).await?);
        Ok(Self(layers))
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let mut xs = xs.clone();
        for (index, layer) in self.0.iter().enumerate() {
            xs = layer.forward(&xs)?;
            if index + 1 < self.0.len() {
                xs = xs.apply_op1_no_bwd(&Activation::Relu)?;
            }
        }
        Ok(xs)
    }
}
