//! Writing an answer with an encoder-decoder: greedily, by beams, or drawn.
//!
//! A task reads `generation_config.json` into [`Settings`], changes what a person has chosen, and asks:
//!
//! ```text
//! let mut settings = Settings::read(generation_config.as_deref(), config.as_bytes())?;
//! settings.forced_bos_token_id = tokenizer.id("fra_Latn");
//! let input = Input::read(&model, &ids, &kit.breath()).await?;
//! let question = Question { model: &model, input: &input, settings: &settings, seed: 0 };
//! let answer = write(question, &kit.breath(), async |so_far| kit.send(…).await).await?;
//! ```

mod beams;
mod rules;
mod settings;

use api::{Failure, chat::Sampling};
use models::{
    Breath, Numbers,
    seq2seq::{Memory, Past, Seq2Seq, log_probabilities},
};

pub use self::settings::{EarlyStopping, Settings};
use self::{beams::Beams, rules::Rules};
use crate::{checkpoint::failure, sampling::Sampler};

/// A text that a model has read: any number of answers can be written to it.
pub struct Input {
    ids: Vec<u32>,
    memory: Memory,
}

impl Input {
    /// Reads ids, as the checkpoint's tokenizer ends them.
    ///
    /// Fails with [`Failure::Input`] if there are none, or more than the model reads.
    pub async fn read(model: &Seq2Seq, ids: &[u32], breath: &Breath) -> Result<Self, Failure> {
        let most = model.config().max_position_embeddings.unwrap_or(usize::MAX);
        let refused = |reason: String| Err(Failure::input("text", reason));
        if ids.is_empty() {
            return refused("it is empty: give at least one word".into());
        }
        if ids.len() > most {
            let tokens = ids.len();
            return refused(format!("{tokens} tokens are more than the {most} this model reads"));
        }
        let named = |error| failure("the model", error);
        let states = model.encode(ids, breath).await.map_err(named)?;
        let memory = model.remember(&states, breath).await.map_err(named)?;
        Ok(Self { ids: ids.to_vec(), memory })
    }

    /// Tokens that were read.
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }
}

/// What is to be answered, and how.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// What answers.
    pub model: &'a Seq2Seq,
    /// What it has read.
    pub input: &'a Input,
    /// How.
    pub settings: &'a Settings,
    /// Same seed, same question: same answer. Only drawn tokens ask for it.
    pub seed: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// From the token answers start from to the one that ended it, as `generate` gives them.
    pub ids: Vec<u32>,
    /// Whether the model ended it, rather than `max_length`.
    pub ended: bool,
}

/// Writes an answer. `tell` is called after every step with what is likeliest so far, which beams may
/// still change; it may stop the writing by failing.
///
/// Fails with [`Failure::Input`] on settings that mean nothing.
pub async fn write(
    question: Question<'_>,
    breath: &Breath,
    tell: impl AsyncFnMut(&[u32]) -> Result<(), Failure>,
) -> Result<Answer, Failure> {
    let Question { model, input, settings, .. } = question;
    settings.check(model.config().decoder_vocab_size)?;
    // A model cannot write beyond its positions; the last token is not read again.
    let most = model.config().max_position_embeddings.map_or(usize::MAX, |most| most + 1);
    let settings = &Settings { max_length: settings.max_length.min(most), ..settings.clone() };
    let rules = Rules { settings, source: &input.ids };
    let run = Run { question, rules: &rules, breath };
    let ids = match settings.num_beams {
        1 => run.one(tell).await?,
        _ => run.beams(tell).await?,
    };
    let forced = ids.len() == settings.max_length && !settings.forced_eos_token_id.is_empty();
    let ended = !forced && ids.last().is_some_and(|id| settings.eos_token_id.contains(id));
    Ok(Answer { ids, ended })
}

/// What both ways of writing need.
struct Run<'a> {
    question: Question<'a>,
    rules: &'a Rules<'a>,
    breath: &'a Breath,
}

impl Run<'_> {
    /// What follows the last token of each beam, read by `read`.
    async fn step(
        &self,
        ids: &[u32],
        pasts: &mut [Past],
        read: fn(&Numbers) -> models::Result<Vec<Vec<f32>>>,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        let logits =
            self.question.model.step(&self.question.input.memory, ids, pasts, self.breath).await;
        logits.and_then(|logits| read(&logits)).map_err(|error| failure("the model", error))
    }

    async fn one(
        &self,
        mut tell: impl AsyncFnMut(&[u32]) -> Result<(), Failure>,
    ) -> Result<Vec<u32>, Failure> {
        let Settings { temperature, top_k, top_p, min_p, do_sample, .. } = *self.rules.settings;
        let temperature = if do_sample { temperature } else { 0. };
        let sampling = Sampling { temperature, top_k, top_p, min_p, ..Sampling::default() };
        crate::sampling::check(&sampling)?;
        let mut sampler = Sampler::new(&sampling, self.question.seed, &[]);
        let mut pasts = [Past::new(self.question.model)];
        let mut ids = vec![self.rules.settings.decoder_start_token_id];
        let mut last = ids[0];
        while ids.len() < self.rules.settings.max_length {
            for mut logits in self.step(&[last], &mut pasts, |logits| Ok(logits.to_vec2()?)).await?
            {
                self.rules.apply(&ids, &mut logits);
                last = sampler.next(logits)?;
            }
            ids.push(last);
            tell(&ids).await?;
            if self.rules.settings.eos_token_id.contains(&last) {
                break;
            }
        }
        Ok(ids)
    }

    async fn beams(
        &self,
        mut tell: impl AsyncFnMut(&[u32]) -> Result<(), Failure>,
    ) -> Result<Vec<u32>, Failure> {
        let mut beams = Beams::new(self.rules);
        let mut pasts = vec![Past::new(self.question.model)];
        loop {
            let last = beams.last();
            if last.is_empty() {
                return Ok(beams.best().to_vec());
            }
            let scores = self.step(&last, &mut pasts, log_probabilities).await?;
            let parents = beams.advance(scores)?;
            // Clones share what they have in common; the last one to go on from a past has it alone.
            pasts = parents.iter().map(|parent| pasts[*parent].clone()).collect();
            tell(beams.best()).await?;
        }
    }
}
