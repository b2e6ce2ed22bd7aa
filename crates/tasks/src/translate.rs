//! Put a text into another language, sentence by sentence.

mod languages;
pub(crate) mod names;

use api::{
    Asked, Failure,
    translate::{About, Ask, MOST_BEAMS, MOST_CHARACTERS, Output, Partial, Segment, Translate},
};

use self::languages::{Languages, Pair};
use crate::{
    Job, Kit, checkpoint,
    generate::Settings,
    sentences::{self, Piece},
    seq2seq::{self, Writer},
};

/// A model, ready to translate.
struct Loaded {
    writer: Writer,
    languages: Languages,
    /// Most tokens of a sentence alone.
    room: usize,
    about: About,
}

impl Job for Translate {
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
        let segments = match ask {
            Some(ask) => loaded.segments(kit, &ask).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), segments })
    }
}

fn check(ask: &Ask) -> Result<(), Failure> {
    seq2seq::check_text(&ask.text, MOST_CHARACTERS)?;
    match ask.beams {
        Some(beams) if !(1..=MOST_BEAMS).contains(&beams) => {
            Err(Failure::input("beams", format!("{beams} is not from 1 to {MOST_BEAMS}")))
        }
        _ => Ok(()),
    }
}

impl Loaded {
    fn new(writer: Writer, name: String) -> Result<Self, Failure> {
        let languages = Languages::read(&writer)?;
        let settings = writer.settings(languages.task())?;
        // A translation is about as long as what it is of: a sentence that leaves no room for it would
        // lose its end.
        let most = writer.window.min(settings.max_length);
        let room = most.saturating_sub(languages.around(&writer)?);
        let about = About {
            name,
            sources: languages.sources(),
            targets: languages.targets(),
            window_tokens: room as u32,
            beams: settings.num_beams as u8,
        };
        Ok(Self { writer, languages, room, about })
    }

    async fn segments(&self, kit: &Kit<Translate>, ask: &Ask) -> Result<Vec<Segment>, Failure> {
        let pair = self.languages.pair(&self.writer, &ask.source, &ask.target)?;
        let mut settings = self.writer.settings(pair.task.as_deref())?;
        settings.forced_bos_token_id = pair.first.or(settings.forced_bos_token_id);
        if let Some(beams) = ask.beams {
            settings.num_beams = beams.into();
            settings.do_sample = false;
        }
        let fits = |piece: &str| Ok(self.writer.text.plain(piece)?.len() <= self.room);
        let pieces = sentences::pieces(kit, &ask.text, self.room, fits).await?;
        self.check_readable(&ask.text, &pieces)?;
        kit.send(Partial::Split { segments: pieces.len() as u32 }).await?;
        let mut segments = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let segment = self.segment(kit, (&ask.text, piece), (&pair, &settings)).await?;
            kit.send(Partial::Done(segment.clone())).await?;
            segments.push(segment);
        }
        Ok(segments)
    }

    fn check_readable(&self, text: &str, pieces: &[Piece]) -> Result<(), Failure> {
        for piece in pieces {
            if !self.writer.text.plain(&text[piece.at.clone()])?.is_empty() {
                return Ok(());
            }
        }
        let reason = "it holds nothing this model can read, such as letters or digits";
        Err(Failure::input("text", reason))
    }

    async fn segment(
        &self,
        kit: &Kit<Translate>,
        (text, Piece { from, at, part }): (&str, Piece),
        (pair, settings): (&Pair, &Settings),
    ) -> Result<Segment, Failure> {
        let (lead, source) = (text[from..at.start].to_owned(), text[at].to_owned());
        let empty = self.writer.text.plain(&source)?.is_empty();
        let (target, unfinished) = match empty {
            true => (String::new(), false),
            false => {
                let ids = pair.ids(&self.writer.text, &source)?;
                let answer = self.writer.write(kit, &ids, settings).await?;
                (self.writer.text.spell(&answer.ids)?, !answer.ended)
            }
        };
        Ok(Segment { lead, source, target, part, unfinished })
    }
}
