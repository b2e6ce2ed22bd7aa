//! Reading a conversation into the cache, and one answer out of it.

use api::{
    Failure,
    chat::{Answer, Ask, Chat, Cost, End, Partial},
};

use crate::{
    Kit,
    chat::{REPORT_TOKENS, Talk, stream::Stream},
    checkpoint::{self, Checkpoint},
    sampling::Sampler,
};

/// A conversation that is to be read. Invariant: it has a token.
pub(super) struct Prompt {
    pub(super) ids: Vec<u32>,
    /// When the question came.
    pub(super) asked_ms: f64,
}

/// A conversation that has been read.
pub(super) struct Read {
    pub(super) ids: Vec<u32>,
    /// Logits that follow it.
    logits: Vec<f32>,
    kept_tokens: usize,
    asked_ms: f64,
    read_ms: f64,
}

/// Reads what `talk` does not hold yet of a conversation, telling how far it has come.
pub(super) async fn read(
    kit: &Kit<Chat>,
    checkpoint: &Checkpoint,
    talk: &mut Talk,
    prompt: Prompt,
) -> Result<Read, Failure> {
    let Prompt { ids, asked_ms } = prompt;
    let same = talk.ids.iter().zip(&ids).take_while(|(a, b)| a == b).count();
    // The last token is read again if need be: its logits are wanted.
    let kept_tokens = same.min(ids.len().saturating_sub(1));
    talk.truncate(kept_tokens);
    let mut logits = Vec::new();
    for some in ids[kept_tokens..].chunks(REPORT_TOKENS) {
        logits = forward(kit, checkpoint, talk, some).await?;
        let read_tokens = talk.ids.len() as u32;
        kit.send(Partial::Reading { read_tokens, total_tokens: ids.len() as u32 }).await?;
    }
    Ok(Read { ids, logits, kept_tokens, asked_ms, read_ms: kit.now_ms() })
}

async fn forward(
    kit: &Kit<Chat>,
    checkpoint: &Checkpoint,
    talk: &mut Talk,
    ids: &[u32],
) -> Result<Vec<f32>, Failure> {
    let logits = checkpoint.decoder.forward(ids, &mut talk.cache, &kit.breath()).await;
    let logits = logits.and_then(|logits| Ok(logits.to_vec1()?));
    let logits = logits.map_err(|error| checkpoint::failure("the model", error))?;
    talk.ids.extend(ids);
    Ok(logits)
}

/// Answer number `index` to what was read.
pub(super) async fn answer(
    kit: &Kit<Chat>,
    checkpoint: &Checkpoint,
    talk: &mut Talk,
    (ask, index, prompt): (&Ask, u8, &Read),
) -> Result<Answer, Failure> {
    let stops = stops(ask, checkpoint);
    let seed = ask.sampling.seed.wrapping_add(index.into());
    let mut sampler = Sampler::new(&ask.sampling, seed, &prompt.ids);
    let mut stream = Stream::new(&stops);
    let asked_ms = if index == 0 { prompt.asked_ms } else { kit.now_ms() };
    let mut said = Said { answer: index, text: String::new(), tokens: 0, asked_ms, first_ms: None };
    let mut logits = prompt.logits.clone();
    let end = loop {
        let token = sampler.next(logits)?;
        said.first_ms.get_or_insert_with(|| kit.now_ms());
        if checkpoint.ends.contains(&token) {
            break End::Turn;
        }
        said.tokens += 1;
        let step = stream.push(&checkpoint.tokenizer.bytes(token).unwrap_or_default());
        said.say(kit, step.text).await?;
        if let Some(stop) = step.stop {
            break if ask.sampling.stop.contains(&stop) {
                End::StopString(stop)
            } else {
                End::Turn
            };
        }
        if said.tokens == ask.sampling.max_tokens {
            break End::Length;
        }
        if talk.ids.len() == checkpoint.about.context_tokens as usize {
            break End::Context;
        }
        logits = forward(kit, checkpoint, talk, &[token]).await?;
    };
    if !matches!(end, End::StopString(_)) {
        said.say(kit, stream.finish()).await?;
    }
    let cost = said.cost(prompt, kit.now_ms());
    Ok(Answer { text: said.text, end, cost })
}

/// The person's stop strings, then those of a format in which no token ends a turn.
fn stops(ask: &Ask, checkpoint: &Checkpoint) -> Vec<String> {
    let own = checkpoint.template.stops().iter().map(|stop| (*stop).to_owned());
    ask.sampling.stop.iter().cloned().chain(own).collect()
}

/// An answer so far.
struct Said {
    answer: u8,
    text: String,
    tokens: u32,
    asked_ms: f64,
    first_ms: Option<f64>,
}

impl Said {
    async fn say(&mut self, kit: &Kit<Chat>, text: String) -> Result<(), Failure> {
        if text.is_empty() {
            // Nothing to show yet; the driver still wants to breathe.
            return kit.turn().await;
        }
        self.text.push_str(&text);
        kit.send(Partial::Text { answer: self.answer, text }).await
    }

    fn cost(&self, prompt: &Read, now_ms: f64) -> Cost {
        let first_ms = self.first_ms.unwrap_or(now_ms);
        Cost {
            prompt_tokens: prompt.ids.len() as u32,
            kept_tokens: prompt.kept_tokens as u32,
            left_out_tokens: 0,
            answer_tokens: self.tokens,
            prompt_ms: prompt.read_ms - prompt.asked_ms,
            first_token_ms: first_ms - self.asked_ms,
            answer_ms: now_ms - first_ms,
        }
    }
}
