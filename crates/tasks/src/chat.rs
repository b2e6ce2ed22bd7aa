//! Answer the last message of a conversation.

mod answer;
mod blenderbot;
mod stream;
pub(crate) mod template;

use std::cell::Cell;

use api::{
    Failure, Precision,
    chat::{Answer, Ask, Chat, Input, Message, Output, Partial, Role},
};
use models::Cache;

use crate::{
    Job, Kit,
    chat::answer::{Prompt, answer, read},
    chat::blenderbot::Blenderbot,
    chat::template::Part,
    checkpoint::{self, Checkpoint},
    grouped::grouped,
    sampling,
    tokenizer::Piece,
};

/// More answers at once help nobody read them.
const MOST_ANSWERS: u8 = 8;
/// Tokens read between two reports to the page.
pub(crate) const REPORT_TOKENS: usize = 64;

/// A loaded model of either kind that can hold a conversation.
enum Model {
    Decoder(Box<Loaded>),
    Blenderbot(Box<Blenderbot>),
}

/// A decoder, with the last conversation's keys and values.
struct Loaded {
    checkpoint: Checkpoint,
    /// Empty only while a call uses it.
    talk: Cell<Option<Talk>>,
}

/// What is held of a conversation.
pub(crate) struct Talk {
    cache: Cache,
    /// Tokens whose keys and values the cache holds.
    ids: Vec<u32>,
}

impl Talk {
    /// Forgets what comes after the first `len` tokens.
    fn truncate(&mut self, len: usize) {
        self.cache.truncate(len);
        self.ids.truncate(len);
    }
}

impl Job for Chat {
    async fn run(kit: &Kit<Self>, input: Input) -> Result<Output, Failure> {
        let Input { model, ask } = input;
        if let Some(ask) = &ask {
            check(ask)?;
        }
        let open = async || open(kit, &model).await;
        let loaded = kit.held(&model, Precision::Stored, open).await?;
        let about = match &*loaded {
            Model::Decoder(loaded) => &loaded.checkpoint.about,
            Model::Blenderbot(loaded) => loaded.about(),
        };
        let answers = match (&*loaded, &ask) {
            (Model::Decoder(loaded), Some(ask)) => answers(kit, loaded, ask).await?,
            (Model::Blenderbot(loaded), Some(ask)) => loaded.answers(kit, ask).await?,
            (_, None) => Vec::new(),
        };
        Ok(Output { model: about.clone(), answers })
    }
}

async fn open(kit: &Kit<Chat>, model: &str) -> Result<Model, Failure> {
    if blenderbot::is_there(kit, model).await? {
        return Blenderbot::open(kit, model)
            .await
            .map(|loaded| Model::Blenderbot(Box::new(loaded)));
    }
    let checkpoint = checkpoint::open(kit, model, Partial::Loading).await?;
    Ok(Model::Decoder(Box::new(Loaded { checkpoint, talk: Cell::new(None) })))
}

fn check(ask: &Ask) -> Result<(), Failure> {
    let refused = |field: &str, reason: &str| Err(Failure::input(field, reason));
    match ask.messages.last() {
        Some(last) if last.role == Role::User && !last.text.trim().is_empty() => {}
        _ => return refused("message", "write something first"),
    }
    if !(1..=MOST_ANSWERS).contains(&ask.answers) {
        return refused("answers", "ask for 1 to 8 of them");
    }
    sampling::check(&ask.sampling)
}

async fn answers(kit: &Kit<Chat>, loaded: &Loaded, ask: &Ask) -> Result<Vec<Answer>, Failure> {
    let asked_ms = kit.now_ms();
    let checkpoint = &loaded.checkpoint;
    let ids = tokens(checkpoint, &ask.messages)?;
    check_length(ids.len(), checkpoint.about.context_tokens as usize)?;
    let mut talk = InUse::take(loaded);
    let prompt = read(kit, checkpoint, talk.get(), Prompt { ids, asked_ms }).await?;
    let mut answers = Vec::new();
    for index in 0..ask.answers {
        talk.get().truncate(prompt.ids.len());
        answers.push(answer(kit, checkpoint, talk.get(), (ask, index, &prompt)).await?);
    }
    Ok(answers)
}

/// The conversation's keys and values while a call uses them.
///
/// Invariant: they are put back however the call ends, also when its future is dropped, and then hold
/// just the tokens that are listed.
struct InUse<'a> {
    loaded: &'a Loaded,
    talk: Option<Talk>,
}

impl<'a> InUse<'a> {
    fn take(loaded: &'a Loaded) -> Self {
        Self { loaded, talk: loaded.talk.take() }
    }

    fn get(&mut self) -> &mut Talk {
        let decoder = &self.loaded.checkpoint.decoder;
        self.talk.get_or_insert_with(|| Talk { cache: Cache::new(decoder), ids: Vec::new() })
    }
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        if let Some(mut talk) = self.talk.take() {
            talk.truncate(talk.ids.len().min(talk.cache.len()));
            self.loaded.talk.set(Some(talk));
        }
    }
}

/// The conversation as the model's tokens.
pub(crate) fn tokens(checkpoint: &Checkpoint, messages: &[Message]) -> Result<Vec<u32>, Failure> {
    let Checkpoint { tokenizer, template, .. } = checkpoint;
    let rendered = template.render(messages)?;
    let parts = template.parts(&rendered);
    let pieces: Vec<_> = parts
        .iter()
        .map(|part| match part {
            Part::Template(text) => Piece::Template(text),
            Part::Person(text) => Piece::Person(text),
        })
        .collect();
    let mut ids = tokenizer.encode(&pieces)?;
    if let Some(begin) = tokenizer.begin().filter(|begin| ids.first() != Some(begin)) {
        ids.insert(0, begin);
    }
    match ids.is_empty() {
        true => Err(template::refused("it renders nothing".into())),
        false => Ok(ids),
    }
}

fn check_length(tokens: usize, context: usize) -> Result<(), Failure> {
    if tokens < context {
        return Ok(());
    }
    Err(Failure::Input {
        field: "messages".into(),
        reason: format!(
            "the conversation takes {} tokens, and this model holds {} with its answer: shorten it, or \
             start a new one",
            grouped(tokens),
            grouped(context)
        ),
    })
}
