//! Say in few words what a text says.

use api::{
    Asked, Failure,
    summarize::{About, Ask, Chunk, MOST_CHARACTERS, Output, Partial, Summarize, Summary},
};
use models::seq2seq::Family;

use crate::{
    Job, Kit, checkpoint,
    generate::Settings,
    grouped::grouped,
    sentences::{self, Piece},
    seq2seq::{self, Writer},
};

/// The task's name in `config.json`.
const TASK: &str = "summarization";
/// What T5 was trained to read before a text that is to be summarized.
const T5_PREFIX: &str = "summarize: ";

/// A model, ready to summarize.
struct Loaded {
    writer: Writer,
    settings: Settings,
    prefix: String,
    /// Most tokens of a chunk alone.
    room: usize,
    about: About,
}

impl Job for Summarize {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        if let Some(ask) = &ask {
            check(ask)?;
        }
        let open = async || {
            let writer = seq2seq::open(kit, &model, precision, Partial::Loading).await?;
            Loaded::new(writer, checkpoint::name(&model))
        };
        let loaded = kit.held(&model, precision, open).await?;
        let rounds = match ask {
            Some(ask) => loaded.rounds(kit, &ask).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), rounds })
    }
}

fn check(ask: &Ask) -> Result<(), Failure> {
    seq2seq::check_text(&ask.text, MOST_CHARACTERS)?;
    if ask.max_tokens == Some(0) {
        return Err(Failure::input("most tokens", "a summary needs at least one token"));
    }
    Ok(())
}

impl Loaded {
    fn new(writer: Writer, name: String) -> Result<Self, Failure> {
        let mut settings = writer.settings(Some(TASK))?;
        let own = writer.prefix(TASK).map(str::to_owned);
        let prefix = match writer.family() {
            Family::T5 => own.unwrap_or_else(|| T5_PREFIX.into()),
            _ => own.unwrap_or_default(),
        };
        let around = writer.text.whole(&prefix)?.len();
        let most = writer.model.config().max_position_embeddings.unwrap_or(usize::MAX);
        settings.max_length = settings.max_length.min(most.saturating_add(1));
        let about = About {
            name,
            window_tokens: writer.window as u32,
            min_tokens: settings.min_length.saturating_sub(1) as u32,
            max_tokens: settings.max_length.saturating_sub(1) as u32,
        };
        Ok(Self { room: writer.window.saturating_sub(around), prefix, settings, about, writer })
    }

    /// What is asked for. Lengths of [`Settings`] count the token answers start from.
    fn asked(&self, ask: &Ask) -> Result<Settings, Failure> {
        let mut settings = self.settings.clone();
        if let Some(most) = ask.max_tokens {
            settings.max_length = (most as usize).saturating_add(1);
            settings.min_length = settings.min_length.min(settings.max_length);
        }
        if let Some(least) = ask.min_tokens {
            settings.min_length = (least as usize).saturating_add(1);
        }
        let most = self.writer.model.config().max_position_embeddings.unwrap_or(self.writer.window);
        if settings.max_length > most + 1 {
            let reason = format!("this model writes at most {}", grouped(most));
            return Err(Failure::input("most tokens", reason));
        }
        if settings.min_length > settings.max_length {
            let (least, most) = (settings.min_length - 1, settings.max_length - 1);
            let reason = format!("{least} are more than the {most} a summary may have");
            return Err(Failure::input("fewest tokens", reason));
        }
        Ok(settings)
    }

    async fn rounds(&self, kit: &Kit<Summarize>, ask: &Ask) -> Result<Vec<Vec<Chunk>>, Failure> {
        let settings = self.asked(ask)?;
        let mut text = ask.text.trim().to_owned();
        let mut rounds: Vec<Vec<Chunk>> = Vec::new();
        loop {
            let chunks = self.chunks(kit, &text).await?;
            if rounds.last().is_some_and(|before| chunks.len() >= before.len()) {
                let reason = "the summaries of its chunks take as much room as they do: ask for shorter ones";
                return Err(Failure::input("most tokens", reason));
            }
            let round = self.round(kit, chunks, &settings).await?;
            text =
                round.iter().map(|chunk| chunk.summary.text.as_str()).collect::<Vec<_>>().join(" ");
            let last = round.len() == 1;
            rounds.push(round);
            if last {
                return Ok(rounds);
            }
        }
    }

    async fn round(
        &self,
        kit: &Kit<Summarize>,
        chunks: Vec<String>,
        settings: &Settings,
    ) -> Result<Vec<Chunk>, Failure> {
        kit.send(Partial::Round { chunks: chunks.clone() }).await?;
        let mut settings = settings.clone();
        if chunks.len() > 1 {
            // Two summaries go into a chunk of the next round, or there would be no end.
            settings.max_length = settings.max_length.min((self.room / 2).max(2));
            settings.min_length = settings.min_length.min(settings.max_length);
        }
        let mut round = Vec::new();
        for text in chunks {
            let ids = self.writer.text.whole(&format!("{}{text}", self.prefix))?;
            let answer = self.writer.write(kit, &ids, &settings).await?;
            let summary = Summary {
                text: self.writer.text.spell(&answer.ids)?,
                tokens: answer.ids.len().saturating_sub(1) as u32,
                unfinished: !answer.ended,
            };
            kit.send(Partial::Done(summary.clone())).await?;
            round.push(Chunk { text, summary });
        }
        Ok(round)
    }

    /// Whole sentences that fit the window together, about as many tokens in each chunk.
    async fn chunks(&self, kit: &Kit<Summarize>, text: &str) -> Result<Vec<String>, Failure> {
        let tokens = |piece: &str| Ok::<_, Failure>(self.writer.text.plain(piece)?.len());
        let fits = |piece: &str| Ok(tokens(piece)? <= self.room);
        let pieces = sentences::pieces(kit, text, self.room, fits).await?;
        let (mut counts, mut readable) = (Vec::new(), false);
        for Piece { from, at, .. } in &pieces {
            readable = readable || tokens(&text[at.clone()])? > 0;
            // One more, as text that stands alone may be cut in another way.
            counts.push(tokens(&text[*from..at.end])? + 1);
            kit.turn().await?;
        }
        if !readable {
            let reason = "it holds nothing this model can read, such as letters or digits";
            return Err(Failure::input("text", reason));
        }
        let fits_whole = counts.iter().sum::<usize>() <= 2 * self.room && fits(text)?;
        Ok(match fits_whole {
            true => vec![text.to_owned()],
            false => joined(&pieces, &counts, self.room)
                .into_iter()
                .map(|at| text[at].to_owned())
                .collect(),
        })
    }
}

/// Neighbours together, as long as they have no more than `room` tokens. The last chunk is not much
/// shorter than the others: a summary of one sentence left over says nothing.
fn joined(pieces: &[Piece], counts: &[usize], room: usize) -> Vec<std::ops::Range<usize>> {
    let total: usize = counts.iter().sum();
    let even = total.div_ceil(total.div_ceil(room.max(1)).max(1));
    let mut chunks: Vec<std::ops::Range<usize>> = Vec::new();
    let mut tokens = usize::MAX;
    for (piece, count) in pieces.iter().zip(counts) {
        match chunks.last_mut() {
            Some(last) if tokens < even && tokens + count <= room => {
                last.end = piece.at.end;
                tokens += count;
            }
            _ => {
                chunks.push(piece.at.clone());
                tokens = *count;
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_full_and_about_alike() {
        let pieces: Vec<_> = (0..10)
            .map(|i| Piece { from: 10 * i, at: 10 * i + 1..10 * i + 10, part: false })
            .collect();
        assert_eq!(joined(&pieces, &[4; 10], 100), std::slice::from_ref(&(1..100)));
        assert_eq!(joined(&pieces, &[10; 10], 60), [1..50, 51..100]);
        assert_eq!(joined(&pieces, &[10; 10], 40), [1..40, 41..80, 81..100]);
        assert_eq!(joined(&pieces[..3], &[50, 1, 1], 50), [1..10, 11..30]);
        assert_eq!(joined(&pieces[..2], &[51, 51], 50), [1..10, 11..20]);
    }
}
