//! candle-transformers' own quantized Llama on random tokens: a peer of the benchmark.

use std::io::Cursor;

use candle_core::{Device, Tensor, quantized::gguf_file::Content};
use candle_transformers::models::quantized_llama::ModelWeights;
use wasm_bindgen::prelude::*;

/// A loaded model, and what follows from the tokens it has read.
#[wasm_bindgen]
pub struct Stock {
    weights: ModelWeights,
    vocab_size: u32,
    read: usize,
    logits: Option<Tensor>,
}

#[wasm_bindgen]
impl Stock {
    /// Loads a GGUF file.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: Vec<u8>) -> Result<Stock, JsError> {
        let mut reader = Cursor::new(bytes);
        let content = Content::read(&mut reader)?;
        let embedding = content.tensor_infos.get("token_embd.weight");
        let vocab_size = embedding.ok_or_else(|| JsError::new("no token_embd.weight"))?.shape.dims()[0];
        let weights = ModelWeights::from_gguf(content, &mut reader, &Device::Cpu)?;
        Ok(Self { weights, vocab_size: vocab_size as u32, read: 0, logits: None })
    }

    /// Reads so many random tokens at once, in a context of their own.
    pub fn read(&mut self, tokens: usize, seed: u32) -> Result<(), JsError> {
        self.read = 0;
        let mut state = seed;
        let ids: Vec<u32> = (0..tokens)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) % self.vocab_size
            })
            .collect();
        self.forward(&ids)
    }

    /// Chooses the likeliest token and reads it.
    pub fn step(&mut self) -> Result<(), JsError> {
        let logits = self.logits.take().ok_or_else(|| JsError::new("read something first"))?;
        let logits = logits.flatten_all()?.to_vec1::<f32>()?;
        let best = logits.iter().enumerate().reduce(|a, b| if b.1 > a.1 { b } else { a });
        let (id, _) = best.ok_or_else(|| JsError::new("no logits"))?;
        self.forward(&[id as u32])
    }

    fn forward(&mut self, ids: &[u32]) -> Result<(), JsError> {
        let input = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?;
        self.logits = Some(self.weights.forward(&input, self.read)?);
        self.read += ids.len();
        Ok(())
    }
}
