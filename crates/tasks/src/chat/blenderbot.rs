//! Conversations with Blenderbot, an encoder-decoder.

use api::{
    Failure, Precision,
    chat::{About, Answer, Ask, Chat, Cost, End, Format, Message, Partial, Sampling},
};

use super::{
    stream::Stream,
    template::{self, Template, Tokens},
};
use crate::{
    Kit,
    checkpoint::{self, ModelType, parsed},
    generate::{self, Input, Question, Settings},
    seq2seq::{self, Writer},
};

const MODEL_TYPE: &str = "blenderbot";
/// Used when a checkpoint brings none.
// `BlenderbotTokenizer.default_chat_template` of transformers 4.40, `tokenization_blenderbot.py`.
const TEMPLATE: &str = "{% for message in messages %}{% if message['role'] == 'user' %}{{ ' ' }}{% endif %}\
    {{ message['content'] }}{% if not loop.last %}{{ '  ' }}{% endif %}{% endfor %}{{ eos_token }}";

/// A loaded Blenderbot.
pub(super) struct Blenderbot {
    writer: Writer,
    settings: Settings,
    template: Template,
    about: About,
}

/// Whether a checkpoint is one.
pub(super) async fn is_there(kit: &Kit<Chat>, model: &str) -> Result<bool, Failure> {
    let names = kit.files().list(model).await?;
    if names.iter().any(|name| name.to_lowercase().ends_with(".gguf")) {
        return Ok(false);
    }
    let Some(config) = checkpoint::read(kit, model, &names, "config.json").await? else {
        return Ok(false);
    };
    let ModelType { model_type } = parsed("config.json", &config)?;
    Ok(model_type == MODEL_TYPE)
}

/// A conversation that has been read.
struct Read {
    input: Input,
    left_out_tokens: usize,
    asked_ms: f64,
    read_ms: f64,
}

impl Blenderbot {
    pub(super) async fn open(kit: &Kit<Chat>, model: &str) -> Result<Self, Failure> {
        let writer = seq2seq::open(kit, model, Precision::Stored, Partial::Loading).await?;
        let source = writer.tokenizer.chat_template.as_deref().unwrap_or(TEMPLATE);
        // Its tokens are put around the text when that becomes ids.
        let template = Template::new(Some(source), &Tokens { bos: "", eos: "", controls: &[] })?;
        let about = About {
            name: checkpoint::name(model),
            architecture: MODEL_TYPE.into(),
            parameters: writer.model.held().parameters(),
            quantization: writer.model.held().quantization(),
            context_tokens: writer.window as u32,
            weight_bytes: writer.model.held().bytes(),
            format: Format::Own,
        };
        Ok(Self { settings: writer.settings(None)?, template, about, writer })
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    pub(super) async fn answers(&self, kit: &Kit<Chat>, ask: &Ask) -> Result<Vec<Answer>, Failure> {
        let settings = self.settings(&ask.sampling)?;
        let read = self.read(kit, &ask.messages).await?;
        let mut answers = Vec::new();
        for index in 0..ask.answers {
            answers.push(self.answer(kit, (ask, index), (&read, &settings)).await?);
        }
        Ok(answers)
    }

    /// The checkpoint's own way of answering, or one beam of drawn tokens if there is a temperature.
    fn settings(&self, asked: &Sampling) -> Result<Settings, Failure> {
        let mut settings = self.settings.clone();
        if asked.temperature > 0.0 {
            settings.num_beams = 1;
            settings.do_sample = true;
            (settings.temperature, settings.top_k) = (asked.temperature, asked.top_k);
            (settings.top_p, settings.min_p) = (asked.top_p, asked.min_p);
        }
        if asked.repetition_penalty != 1.0 {
            settings.repetition_penalty = asked.repetition_penalty;
        }
        let penalties = [
            ("frequency penalty", asked.frequency_penalty),
            ("presence penalty", asked.presence_penalty),
        ];
        if let Some((field, _)) = penalties.iter().find(|(_, penalty)| *penalty != 0.0) {
            let reason = "Blenderbot's answers have none: set it to 0";
            return Err(Failure::input(*field, reason));
        }
        settings.max_length =
            settings.max_length.min((asked.max_tokens as usize).saturating_add(1));
        settings.min_length = settings.min_length.min(settings.max_length);
        Ok(settings)
    }

    /// Reads the end of a conversation, as much of it as the window holds.
    // As `ConversationalPipeline` and `BlenderbotTokenizer` of transformers up to 4.41 cut it: the last
    // tokens stay, wherever a message begins.
    async fn read(&self, kit: &Kit<Chat>, messages: &[Message]) -> Result<Read, Failure> {
        let asked_ms = kit.now_ms();
        let text = self.template.render(messages)?;
        let ids = self.writer.text.whole(&text)?;
        if ids.len() < 2 {
            return Err(template::refused("it renders nothing".into()));
        }
        let left_out_tokens = ids.len().saturating_sub(self.writer.window);
        let input = Input::read(&self.writer.model, &ids[left_out_tokens..], &kit.breath()).await?;
        let total_tokens = input.tokens() as u32;
        kit.send(Partial::Reading { read_tokens: total_tokens, total_tokens }).await?;
        Ok(Read { input, left_out_tokens, asked_ms, read_ms: kit.now_ms() })
    }

    async fn answer(
        &self,
        kit: &Kit<Chat>,
        (ask, index): (&Ask, u8),
        (read, settings): (&Read, &Settings),
    ) -> Result<Answer, Failure> {
        let seed = ask.sampling.seed.wrapping_add(index.into());
        let question = Question { model: &self.writer.model, input: &read.input, settings, seed };
        let asked_ms = if index == 0 { read.asked_ms } else { kit.now_ms() };
        let stops = &ask.sampling.stop;
        let mut said = Said::new(index, stops);
        let mut first_ms = None;
        let tell = async |ids: &[u32]| {
            first_ms.get_or_insert_with(|| kit.now_ms());
            // What beams have so far may change.
            match settings.num_beams {
                1 => said.say(kit, ids, &self.writer.text.spell(ids)?).await,
                _ => kit.turn().await,
            }
        };
        let written = generate::write(question, &kit.breath(), tell).await;
        let end = match said.stop.take() {
            Some(stop) => End::StopString(stop),
            None => {
                let answer = written?;
                let whole = self.writer.text.spell(&answer.ids)?;
                said.finish(kit, &answer, &whole).await?
            }
        };
        let (first_ms, now_ms) = (first_ms.unwrap_or(read.read_ms), kit.now_ms());
        let cost = Cost {
            prompt_tokens: read.input.tokens() as u32,
            kept_tokens: 0,
            left_out_tokens: read.left_out_tokens as u32,
            answer_tokens: said.tokens,
            prompt_ms: read.read_ms - read.asked_ms,
            first_token_ms: first_ms - asked_ms,
            answer_ms: now_ms - first_ms,
        };
        Ok(Answer { text: said.text, end, cost })
    }
}

/// An answer so far.
struct Said<'a> {
    answer: u8,
    stream: Stream<'a>,
    /// What went into the stream.
    spelled: String,
    /// What came out of it.
    text: String,
    tokens: u32,
    stop: Option<String>,
}

impl<'a> Said<'a> {
    fn new(answer: u8, stops: &'a [String]) -> Self {
        let (spelled, text) = (String::new(), String::new());
        Self { answer, stream: Stream::new(stops), spelled, text, tokens: 0, stop: None }
    }

    /// Shows what tokens have added to the text. Fails when that comes to a stop string, too.
    async fn say(&mut self, kit: &Kit<Chat>, ids: &[u32], whole: &str) -> Result<(), Failure> {
        self.tokens = ids.len().saturating_sub(1) as u32;
        // Half a character waits for its other half.
        if whole.ends_with(char::REPLACEMENT_CHARACTER) {
            return kit.turn().await;
        }
        self.push(kit, whole).await?;
        match self.stop {
            Some(_) => Err(Failure::Stopped),
            None => Ok(()),
        }
    }

    async fn push(&mut self, kit: &Kit<Chat>, whole: &str) -> Result<(), Failure> {
        let added = whole.strip_prefix(self.spelled.as_str()).unwrap_or_default();
        let step = self.stream.push(added.as_bytes());
        self.spelled.push_str(added);
        self.stop = step.stop;
        self.show(kit, step.text).await
    }

    async fn show(&mut self, kit: &Kit<Chat>, text: String) -> Result<(), Failure> {
        if text.is_empty() {
            return kit.turn().await;
        }
        self.text.push_str(&text);
        kit.send(Partial::Text { answer: self.answer, text }).await
    }

    /// Shows what is left of a whole answer, and tells why it ended.
    async fn finish(
        &mut self,
        kit: &Kit<Chat>,
        answer: &generate::Answer,
        whole: &str,
    ) -> Result<End, Failure> {
        // The token that ends a turn is no part of it.
        self.tokens = answer.ids.len().saturating_sub(1 + usize::from(answer.ended)) as u32;
        self.push(kit, whole).await?;
        if let Some(stop) = self.stop.take() {
            return Ok(End::StopString(stop));
        }
        let rest = std::mem::replace(&mut self.stream, Stream::new(&[])).finish();
        self.show(kit, rest).await?;
        Ok(if answer.ended { End::Turn } else { End::Length })
    }
}
