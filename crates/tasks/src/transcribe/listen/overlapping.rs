//! The other form: windows that overlap, each by itself, and what they have in common told once.

use api::{
    Failure,
    transcribe::{Chunk, Heard as Answered, Listening, Partial, Place},
    wire,
};
use media::{HOP, MEL_RATE};

use super::{Listener, OVERLAP};
use crate::transcribe::{
    merge::{Kinds, Merged, Stride},
    segments::segments,
};

/// Where a window lies, in samples.
struct Window {
    /// From the piece's first sample.
    at: usize,
    len: usize,
    left: usize,
    right: usize,
}

impl Listener<'_> {
    /// Gives the moment from which on the next piece is heard.
    // `chunk_iter` of `pipelines/automatic_speech_recognition.py` in transformers 4.57.
    pub(super) async fn chunks(&mut self, from_s: f64) -> Result<f64, Failure> {
        let piece = self.piece;
        let window = self.loaded.frames() * HOP;
        let stride = (window as f64 / OVERLAP).round() as usize;
        let step = window - 2 * stride;
        let mut at = (from_s * f64::from(MEL_RATE)).round() as usize - piece.first_sample();
        while at < piece.len() && (piece.ends || at + window <= piece.sure_len()) {
            let last = piece.ends && at + window >= piece.len();
            let left = if piece.first_sample() + at == 0 { 0 } else { stride };
            let len = window.min(piece.len() - at);
            if len > left {
                let right = if last { 0 } else { stride };
                self.overlapping(Window { at, len, left, right }).await?;
            }
            at = if last { piece.len() } else { at + step };
            if last {
                self.end()?;
            }
            let open = self.open()?;
            self.show(self.moment(at), open).await?;
        }
        Ok(self.moment(at))
    }

    /// Seconds of the recording at a sample of the piece.
    fn moment(&self, sample: usize) -> f64 {
        (self.piece.first_sample() + sample) as f64 / f64::from(MEL_RATE)
    }

    async fn overlapping(&mut self, window: Window) -> Result<(), Failure> {
        let Window { at, len, left, right } = window;
        let tokens = if self.piece.silent(at..at + len) {
            self.silent(self.moment(at), self.moment(at + len));
            Vec::new()
        } else {
            self.alone(at, len).await?
        };
        let seconds = |samples: usize| samples as f64 / f64::from(MEL_RATE);
        let stride = Stride { len_s: seconds(len), left_s: seconds(left), right_s: seconds(right) };
        let words = &self.loaded.words;
        let kinds = Kinds {
            first_time: words.first_time(),
            window_s: seconds(self.loaded.frames() * HOP),
            is_word: &|id| words.spells(id),
        };
        let ended = self.known.merger.push(&tokens, stride, kinds);
        for merged in ended {
            let chunk = self.chunk(merged)?;
            self.known.told_s = chunk.end_s;
            self.chunks.extend(Some(chunk).filter(|chunk| !chunk.text.is_empty()));
        }
        Ok(())
    }

    /// The tokens of some samples by themselves, heard as a short sound is.
    async fn alone(&mut self, at: usize, len: usize) -> Result<Vec<u32>, Failure> {
        let (count, mel) = (self.loaded.frames(), &self.loaded.mel);
        let bands = self.piece.alone(mel, at..at + len, count, &self.kit.breath()).await?;
        let open = self.open()?;
        let (mut first, mut all) = (0, Vec::new());
        while first * HOP < len {
            let frames = count - first;
            let heard = self.hear(&bands.window(mel, (first, count), bands.loudest)?).await?;
            let begins_s = self.moment(at + first * HOP);
            let answer = self.write(&heard, (begins_s, frames), &open).await?;
            let (segments, next) = segments(&answer.tokens, self.loaded.words.first_time(), frames);
            let told = segments.last().map_or(0, |segment| segment.tokens.end);
            all.extend(answer.tokens.get(..told).unwrap_or_default());
            first += if next == 0 { frames } else { next };
        }
        Ok(all)
    }

    fn chunk(&self, merged: Merged) -> Result<Chunk, Failure> {
        Ok(Chunk {
            start_s: merged.start_s.unwrap_or(self.known.told_s),
            end_s: merged.end_s.unwrap_or(self.piece.end_s()),
            text: self.loaded.words.spell(&merged.tokens)?,
        })
    }

    /// What may still have something in common with the next window.
    fn open(&self) -> Result<Vec<Chunk>, Failure> {
        let open = self.known.merger.open().map(|merged| self.chunk(merged)).transpose()?;
        Ok(open.into_iter().filter(|chunk| !chunk.text.is_empty()).collect())
    }

    /// Tells what is left when the recording ends.
    fn end(&mut self) -> Result<(), Failure> {
        let open = self.open()?;
        self.known.merger = Default::default();
        self.chunks.extend(open);
        Ok(())
    }

    /// Shows chunks that are new, those that may change, and where one may go on.
    pub(super) async fn show(&mut self, from_s: f64, open: Vec<Chunk>) -> Result<(), Failure> {
        let settled = self.chunks.get(self.shown..).unwrap_or_default().to_vec();
        self.shown = self.chunks.len();
        let place = Some(Place { from_s, known: wire::encode(&self.known)? });
        let total_s = self.piece.end_s();
        self.done_s = self.done_s.max(from_s).min(total_s);
        let listening = Listening { done_s: self.done_s, total_s, settled, open, place };
        self.kit.send(Partial::Listening(listening)).await
    }

    /// What was heard up to a moment.
    pub(super) fn answer(self, from_s: f64) -> Result<Answered, Failure> {
        Ok(Answered {
            spoken: self.spoken(),
            text: self.chunks.iter().map(|chunk| chunk.text.as_str()).collect(),
            place: Place { from_s, known: wire::encode(&self.known)? },
            chunks: self.chunks,
            silences: self.silences,
        })
    }
}
