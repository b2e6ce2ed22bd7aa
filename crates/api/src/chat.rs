//! Answer the last message of a conversation.

use serde::{Deserialize, Serialize};

use crate::{Loading, ModelId, Task};

/// Marker for this task.
pub struct Chat;

impl Task for Chat {
    const NAME: &'static str = "chat";
    type Input = Input;
    type Partial = Partial;
    type Output = Output;
}

/// Who said a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing orders, before the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

/// Which model, and what to ask it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Checkpoint to use; it is loaded if it is not yet.
    pub model: ModelId,
    /// The question; `None` only loads the model and tells what it is.
    pub ask: Option<Ask>,
}

/// A question with the rules for answering it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The conversation so far; the last message is the person's.
    pub messages: Vec<Message>,
    /// How many answers to give, 1 to 8. Answer `i` uses `seed + i`.
    pub answers: u8,
    /// How tokens are chosen.
    pub sampling: Sampling,
}

/// How the next token is chosen, and when to stop. The defaults change nothing but the length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 always takes the likeliest token; 1 samples the model's own distribution.
    pub temperature: f32,
    /// Keep only this many of the likeliest tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the likeliest tokens that together reach this probability; 1 keeps all.
    pub top_p: f32,
    /// Drop tokens less likely than this share of the likeliest; 0 drops none.
    pub min_p: f32,
    /// Divide the logit of tokens already in the context by this (multiply if negative); 1 is off.
    pub repetition_penalty: f32,
    /// Subtracted from a token's logit for each time the answer holds it; 0 is off.
    pub frequency_penalty: f32,
    /// Subtracted once from the logit of a token the answer holds; 0 is off.
    pub presence_penalty: f32,
    /// Same seed, same model, same question: same answer.
    pub seed: u64,
    /// The answer ends before the first of these strings.
    pub stop: Vec<String>,
    /// Most tokens an answer may have.
    pub max_tokens: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            seed: 0,
            stop: Vec::new(),
            max_tokens: 512,
        }
    }
}

/// What arrives while the model loads and answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The conversation is being read.
    Reading {
        /// Tokens read so far, those kept from the turn before included.
        read_tokens: u32,
        /// Tokens in all.
        total_tokens: u32,
    },
    /// More of an answer.
    Text {
        /// Which answer, counted from 0.
        answer: u8,
        /// What to append to it.
        text: String,
    },
}

/// The loaded model, and its answers if any were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// As many as were asked for.
    pub answers: Vec<Answer>,
}

/// What a checkpoint says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its own name, or the file's.
    pub name: String,
    /// `llama`, `qwen3`, ….
    pub architecture: String,
    /// Weights in all.
    pub parameters: u64,
    /// The type most weights are stored in, such as `Q8_0`.
    pub quantization: String,
    /// Longest context the model was made for.
    pub context_tokens: u32,
    /// Bytes of memory the weights take.
    pub weight_bytes: u64,
    /// Where the words around each message come from.
    pub format: Format,
}

/// How a conversation is put to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// By the checkpoint's own chat template.
    Own,
    /// With `User:` and `Assistant:` in front of messages, as it brings no template: such a model was
    /// made to continue text, and may answer poorly.
    Plain,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The whole text.
    pub text: String,
    /// Why it ended.
    pub end: End,
    /// What it cost.
    pub cost: Cost,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The model ended its turn.
    Turn,
    /// It came to one of the stop strings.
    StopString(String),
    /// It reached `max_tokens`.
    Length,
    /// The context is full.
    Context,
}

/// Counts and times of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Tokens of the conversation.
    pub prompt_tokens: u32,
    /// How many of them were still in memory from the turn before.
    pub kept_tokens: u32,
    /// Tokens of the conversation's beginning that the model was not given, as its window holds no more
    /// than `prompt_tokens`.
    #[serde(default)]
    pub left_out_tokens: u32,
    /// Tokens of the answer.
    pub answer_tokens: u32,
    /// From the question to the end of the conversation's reading.
    pub prompt_ms: f64,
    /// From the question to the first token; of a second answer and those after it, from the end of the
    /// answer before.
    pub first_token_ms: f64,
    /// From this answer's first token to its last.
    pub answer_ms: f64,
}
