use std::collections::BTreeMap;

use kernels::Activation;
use serde::Deserialize;

use crate::{
    Error, Result,
    encoder::{self, HiddenAct, Sizes},
    resnet,
};

/// Layers or queries beyond this are a lie.
const MOST: usize = 1 << 12;

/// `config.json` of a DetrForObjectDetection.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct Config {
    pub d_model: usize,
    pub num_queries: usize,
    pub encoder_layers: usize,
    pub decoder_layers: usize,
    pub(super) encoder_attention_heads: usize,
    pub(super) decoder_attention_heads: usize,
    pub(super) encoder_ffn_dim: usize,
    pub(super) decoder_ffn_dim: usize,
    pub(super) activation: Activation,
    pub(super) backbone: resnet::Config,
    /// Names of the things, by number.
    pub labels: Vec<String>,
}

/// The same as it is written; the defaults are those of `DetrConfig` in transformers 4.57.
#[derive(Deserialize)]
struct File {
    #[serde(default = "yes")]
    use_timm_backbone: bool,
    backbone: Option<String>,
    backbone_config: Option<resnet::Config>,
    #[serde(default)]
    dilation: Option<bool>,
    #[serde(default = "sine")]
    position_embedding_type: String,
    d_model: usize,
    num_queries: usize,
    encoder_layers: usize,
    decoder_layers: usize,
    encoder_attention_heads: usize,
    decoder_attention_heads: usize,
    encoder_ffn_dim: usize,
    decoder_ffn_dim: usize,
    activation_function: HiddenAct,
    id2label: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn sine() -> String {
    "sine".into()
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = encoder::config(json)?;
        if file.dilation == Some(true) || file.position_embedding_type != "sine" {
            return Err(Error::Unsupported(
                "a DETR with a dilated backbone or learned positions is not known here".into(),
            ));
        }
        let config = Self {
            backbone: file.backbone()?,
            labels: labels(&file.id2label)?,
            d_model: file.d_model,
            num_queries: file.num_queries,
            encoder_layers: file.encoder_layers,
            decoder_layers: file.decoder_layers,
            encoder_attention_heads: file.encoder_attention_heads,
            decoder_attention_heads: file.decoder_attention_heads,
            encoder_ffn_dim: file.encoder_ffn_dim,
            decoder_ffn_dim: file.decoder_ffn_dim,
            activation: file.activation_function.activation(),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let Self { d_model: hidden, num_queries, encoder_layers, decoder_layers, .. } = *self;
        for (heads, intermediate) in [
            (self.encoder_attention_heads, self.encoder_ffn_dim),
            (self.decoder_attention_heads, self.decoder_ffn_dim),
        ] {
            let activation = self.activation;
            Sizes { hidden, intermediate, heads, eps: super::EPS, activation }.check()?;
        }
        let counts = [num_queries, encoder_layers, decoder_layers];
        if !hidden.is_multiple_of(4) || !counts.iter().all(|count| (1..=MOST).contains(count)) {
            return Err(Error::Damaged(format!(
                "a DETR of {encoder_layers} and {decoder_layers} layers with {num_queries} queries of {hidden} numbers is not possible"
            )));
        }
        self.backbone.check()
    }
}

impl File {
    fn backbone(&self) -> Result<resnet::Config> {
        match (self.use_timm_backbone, &self.backbone, &self.backbone_config) {
            (true, name, _) => resnet::Config::named(name.as_deref().unwrap_or("resnet50")),
            (false, _, Some(config)) => Ok(config.clone()),
            (false, None, None) => Ok(resnet::Config::default()),
            (false, Some(name), None) => resnet::Config::named(name),
        }
    }
}

/// Labels in the order of their numbers, which are 0, 1 and so on.
fn labels(by_number: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let label = |number: usize| {
        by_number.get(&number.to_string()).cloned().ok_or_else(|| {
            Error::Damaged(format!("config.json: `id2label` has no label for number {number}"))
        })
    };
    match by_number.len() {
        0 => Err(Error::Damaged("config.json: `id2label` has no labels".into())),
        count => (0..count).map(label).collect(),
    }
}
