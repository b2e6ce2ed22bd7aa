//! Going through a piece of a recording, window by window.

mod overlapping;

use api::{
    Failure,
    transcribe::{
        Ask, Chunk, Form, Goal, Heard as Answered, Listening, Partial, Sequential, Span, Spoken,
        Transcribe,
    },
    wire,
};
use candle_core::Tensor;
use media::HOP;
use models::whisper::Heard;
use serde::{Deserialize, Serialize};

use super::{
    Loaded,
    merge::Merger,
    most_before,
    rules::{Rules, Times},
    segments::segments,
    sound::Piece,
    writing::{Answer, Writing},
};
use crate::{Kit, checkpoint::failure};

/// How often what is being written is shown.
const TELL_EVERY_MS: f64 = 100.;
/// Frames in a second.
const FRAMES_S: f64 = 100.;
/// Part of a window that it has in common with the next, to each side.
const OVERLAP: f64 = 6.;

/// What is known of the recording before a place in it.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Known {
    /// The token of the language, and how sure the model was.
    spoken: Option<(u32, Option<f32>)>,
    /// The loudest band so far.
    loudest: Option<f32>,
    /// The last tokens that were written; `None` before the first window that said something.
    history: Option<Vec<u32>>,
    /// They were written by a low temperature.
    sure: bool,
    merger: Merger,
    /// When the last chunk ended.
    told_s: f64,
}

/// A question while it is answered.
struct Listener<'a> {
    kit: &'a Kit<Transcribe>,
    loaded: &'a Loaded,
    piece: &'a Piece,
    asked: Asked<'a>,
    known: Known,
    chunks: Vec<Chunk>,
    /// How many of them were shown.
    shown: usize,
    /// Up to where it was said that all is heard: never less than before, though windows overlap.
    done_s: f64,
    silences: Vec<Span>,
}

/// What does not change while a question is answered.
#[derive(Clone, Copy)]
struct Asked<'a> {
    goal: Goal,
    times: Times,
    /// Tokens of the prompt.
    prompt: &'a [u32],
    how: &'a Sequential,
    seed: u64,
}

impl Loaded {
    /// What is said in a piece.
    pub(super) async fn listen(
        &self,
        kit: &Kit<Transcribe>,
        ask: Ask,
    ) -> Result<Answered, Failure> {
        self.check(&ask)?;
        let prompt = self.prompt(&ask.prompt)?;
        let mut known = self.known(&ask)?;
        let from_s = ask.place.as_ref().map(|place| place.from_s);
        let piece = Piece::of(ask.sound, &kit.breath()).await?;
        let from_s = from_s.unwrap_or(piece.first_frame as f64 / FRAMES_S);
        check_place(from_s, &piece)?;
        if known.history.is_none() && !prompt.is_empty() {
            known.history = Some(prompt.clone());
        }
        let whole = piece.first_frame == 0 && piece.ends && piece.len() <= self.frames() * HOP;
        let (how, sequential) = match ask.form {
            Form::Sequential(how) => (how, true),
            Form::Chunks => (plain(), false),
        };
        let told = ask.timestamps || sequential && !whole;
        let times = if told { Times::Told } else { Times::Left };
        let asked = Asked { goal: ask.goal, times, prompt: &prompt, how: &how, seed: ask.seed };
        let mut listener = Listener {
            kit,
            loaded: self,
            piece: &piece,
            asked,
            known,
            chunks: Vec::new(),
            shown: 0,
            done_s: from_s,
            silences: Vec::new(),
        };
        let at_s = match sequential {
            true => listener.sequential(from_s, whole).await?,
            false => listener.chunks(from_s).await?,
        };
        listener.answer(at_s)
    }

    /// Frames of a window.
    fn frames(&self) -> usize {
        self.model.encoder.config().max_source_positions * 2
    }

    /// What the place says, and the language that was asked for.
    fn known(&self, ask: &Ask) -> Result<Known, Failure> {
        let mut known: Known = match &ask.place {
            Some(place) => wire::decode(&place.known)?,
            None => Known { sure: true, ..Known::default() },
        };
        let places = self.model.decoder.config().vocab_size;
        let history = known.history.iter().flatten();
        let language = known.spoken.map(|(id, _)| id);
        if history.chain(&language).any(|id| *id as usize >= places) {
            return Err(Failure::Bug("the place is one of another model".into()));
        }
        if let Some(code) = &ask.language {
            let row = self.words.languages.iter().find(|(language, _)| language.code == *code);
            known.spoken = row.map(|(_, id)| (*id, None));
        }
        Ok(known)
    }
}

/// How a window of the other form is written: once.
fn plain() -> Sequential {
    Sequential {
        temperatures: vec![0.],
        compression_ratio: None,
        log_probability: None,
        no_speech: None,
        condition_on_previous: false,
    }
}

fn check_place(from_s: f64, piece: &Piece) -> Result<(), Failure> {
    let (begins_s, ends_s) = (piece.first_frame as f64 / FRAMES_S, piece.end_s());
    match (begins_s..=ends_s + 1. / FRAMES_S).contains(&from_s) {
        true => Ok(()),
        false => Err(Failure::input(
            "place",
            format!(
                "{from_s:.2} s is outside the sound, which goes from {begins_s:.2} to {ends_s:.2} s"
            ),
        )),
    }
}

impl Listener<'_> {
    /// Each window begins where the last told time of the one before is. Gives the moment up to which all is heard.
    // The loop of `generate` of `generation_whisper.py` in transformers 4.57. There, the silence behind a short sound
    // is listened to as well; what begins in it is left out here.
    async fn sequential(&mut self, from_s: f64, whole: bool) -> Result<f64, Failure> {
        let (piece, window) = (self.piece, self.loaded.frames());
        let least = if whole { window } else { 0 };
        let bands = piece.bands(&self.loaded.mel, least, &self.kit.breath()).await?;
        let loudest = bands.loudest.max(self.known.loudest.unwrap_or(bands.loudest));
        self.known.loudest = Some(loudest);
        let mut at = (from_s * FRAMES_S).round() as usize - piece.first_frame;
        let sounds = if whole { piece.len().div_ceil(HOP) } else { bands.frames };
        while at < sounds && (piece.ends || at + window <= bands.frames) {
            let frames = window.min(bands.frames - at);
            let begins_s = self.second(at);
            let next = if piece.silent(at * HOP..(at + frames) * HOP) {
                self.silent(begins_s, self.second(at + frames));
                frames
            } else {
                let mel = bands.window(&self.loaded.mel, (at, window), loudest)?;
                self.window(mel, (at, frames)).await?
            };
            at += next;
            self.show(self.second(at), Vec::new()).await?;
        }
        Ok(self.second(at))
    }

    /// Seconds of the recording at a frame of the piece.
    fn second(&self, frame: usize) -> f64 {
        (self.piece.first_frame + frame) as f64 * 0.02 / 2.
    }

    /// Writes down a window; gives after how many frames the next one begins.
    async fn window(
        &mut self,
        mel: Tensor,
        (at, frames): (usize, usize),
    ) -> Result<usize, Failure> {
        let begins_s = self.second(at);
        let heard = self.hear(&mel).await?;
        let answer = self.write(&heard, (begins_s, frames), &[]).await?;
        if answer.skipped {
            self.silent(begins_s, self.second(at + frames));
            return Ok(frames);
        }
        let first_time = self.loaded.words.first_time();
        let (segments, next) = segments(&answer.tokens, first_time, frames);
        for segment in &segments {
            self.remember(&answer.tokens[segment.tokens.clone()]);
        }
        let chunks = self.timed(&answer.tokens, begins_s, frames)?;
        self.chunks.extend(chunks);
        // Never stuck where the last time is that of the beginning.
        Ok(if next == 0 { frames } else { next })
    }

    /// The chunks of a window's tokens.
    fn timed(&self, tokens: &[u32], begins_s: f64, frames: usize) -> Result<Vec<Chunk>, Failure> {
        let words = &self.loaded.words;
        let mut chunks = Vec::new();
        for segment in segments(tokens, words.first_time(), frames).0 {
            let tokens = &tokens[segment.tokens];
            let text = words.spell(tokens)?;
            let told = tokens.iter().any(|id| *id >= words.first_time());
            let (start_s, end_s) = (begins_s + segment.start_s, begins_s + segment.end_s);
            let end_s = if told { end_s } else { end_s.min(self.piece.end_s()) };
            if !text.is_empty() {
                chunks.push(Chunk { start_s, end_s, text });
            }
        }
        Ok(chunks)
    }

    fn silent(&mut self, start_s: f64, end_s: f64) {
        let end_s = end_s.min(self.piece.end_s());
        match self.silences.last_mut() {
            Some(last) if last.end_s >= start_s => last.end_s = end_s,
            _ => self.silences.push(Span { start_s, end_s }),
        }
    }

    /// Keeps what the next windows may read before they write.
    // `_pad_to_max_length` with `skip_ending_double_timestamps`.
    fn remember(&mut self, tokens: &[u32]) {
        let first_time = self.loaded.words.first_time();
        let tokens = match tokens {
            [rest @ .., _] if rest.len() > 1 && rest.last().is_some_and(|id| *id >= first_time) => {
                rest
            }
            _ => tokens,
        };
        let most = most_before(self.loaded.model.decoder.config());
        let history = self.known.history.get_or_insert_default();
        history.extend(tokens);
        history.drain(..history.len().saturating_sub(most));
    }

    /// Listens to a window, and tells the language if that is not known yet.
    async fn hear(&mut self, mel: &Tensor) -> Result<Heard, Failure> {
        let named = |error| failure("the model", error);
        let (breath, model) = (self.kit.breath(), &self.loaded.model);
        let states = model.encoder.forward(mel, &breath).await.map_err(named)?;
        let heard = model.decoder.hear(&states, &breath).await.map_err(named)?;
        if self.known.spoken.is_none() && !self.loaded.words.languages.is_empty() {
            let start = [self.loaded.words.start];
            let mut written = model.decoder.nothing();
            let logits = model.decoder.step(&heard, &start, &mut written, &breath).await;
            let logits: Vec<f32> =
                logits.and_then(|logits| Ok(logits.to_vec1()?)).map_err(named)?;
            self.known.spoken = Some(self.language(&logits)?);
            if let Some(spoken) = self.spoken() {
                self.kit.send(Partial::Language(spoken)).await?;
            }
        }
        Ok(heard)
    }

    /// The likeliest language by the logits of what follows the beginning; of two alike the first token.
    fn language(&self, logits: &[f32]) -> Result<(u32, Option<f32>), Failure> {
        let ids = self.loaded.words.languages.iter().map(|(_, id)| *id);
        let scores = ids.filter_map(|id| Some((id, *logits.get(id as usize)?)));
        let mut scores: Vec<(u32, f32)> = scores.collect();
        scores.sort_by_key(|(id, _)| *id);
        if scores.iter().any(|(_, score)| !score.is_finite()) {
            return Err(Failure::Bug("the model's output is not a number".into()));
        }
        let best = scores.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
        let (id, most) = best.ok_or_else(|| Failure::Bug("the model has no languages".into()))?;
        let sum: f64 = scores.iter().map(|(_, score)| f64::from(score - most).exp()).sum();
        Ok((id, Some((1. / sum) as f32)))
    }

    fn spoken(&self) -> Option<Spoken> {
        let (wanted, probability) = self.known.spoken?;
        let row = self.loaded.words.languages.iter().find(|(_, id)| *id == wanted)?;
        Some(Spoken { language: row.0.clone(), probability })
    }

    /// What is read before an answer, and where in it the tokens are that an answer begins with.
    fn prompt(&self) -> (Vec<u32>, usize) {
        let words = &self.loaded.words;
        let history = self.known.history.as_deref();
        let history = history.filter(|_| self.asked.how.condition_on_previous && self.known.sure);
        let prompt = Some(self.asked.prompt).filter(|prompt| !prompt.is_empty());
        let mut ids = match history.or(prompt) {
            Some(before) => [&[words.before], before].concat(),
            None => Vec::new(),
        };
        let start_at = ids.len();
        ids.push(words.start);
        if let Some((language, _)) = self.known.spoken {
            let goal = match self.asked.goal {
                Goal::Transcribe => words.transcribe,
                Goal::Translate => words.translate,
            };
            ids.extend([Some(language), goal].into_iter().flatten());
        }
        if self.asked.times == Times::Left {
            ids.push(words.no_timestamps);
        }
        (ids, start_at)
    }

    /// Writes down what was heard, and shows it after what is `open`.
    async fn write(
        &mut self,
        heard: &Heard,
        (begins_s, frames): (f64, usize),
        open: &[Chunk],
    ) -> Result<Answer, Failure> {
        let Loaded { model, words, settings, generation, .. } = self.loaded;
        let max_initial = generation.max_initial_timestamp_index;
        let rules = Rules { words, settings, max_initial, times: self.asked.times };
        let (prompt, start_at) = self.prompt();
        let breath = self.kit.breath();
        let writing = Writing {
            model,
            heard,
            rules: &rules,
            prompt: &prompt,
            start_at,
            seed: self.asked.seed ^ ((begins_s * FRAMES_S) as u64) << 16,
            breath: &breath,
        };
        self.done_s = self.done_s.max(begins_s);
        let mut told_ms = self.kit.now_ms();
        let mut tell = async |tokens: &[u32]| {
            if self.kit.now_ms() - told_ms < TELL_EVERY_MS {
                return Ok(());
            }
            told_ms = self.kit.now_ms();
            let open = [open, &self.timed(tokens, begins_s, frames)?].concat();
            let (done_s, total_s) = (self.done_s, self.piece.end_s());
            let listening = Listening { done_s, total_s, settled: Vec::new(), open, place: None };
            self.kit.send(Partial::Listening(listening)).await
        };
        let answer = writing.write(self.asked.how, &mut tell).await?;
        self.known.sure = answer.sure;
        Ok(answer)
    }
}
