//! An engine for tests of tasks, by the same door the worker uses: bytes in, bytes out. Its checkpoints
//! are in memory, its clock ticks when it is looked at.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fs,
    path::Path,
    rc::Rc,
};

use api::{
    Failure, Task,
    catalogue::{self, File, Origin},
    chat::{Answer, Ask, Chat, Cost, Input, Message, Output, Partial, Role, Sampling},
    wire,
};
use tasks::{Files, Later, Memory, Port, Resident, Source};

/// The tiny seeded checkpoints of `golden/decoder.py`.
pub const FAMILIES: &[&str] = &["llama", "qwen2", "qwen3", "gemma3", "phi3"];
/// What the clock gains whenever it is looked at: two looks are a report apart.
const TICK_MS: f64 = 30.0;

/// A file.
pub type Bytes = Vec<u8>;

/// Checkpoints in memory.
#[derive(Default)]
pub struct Shelf {
    models: RefCell<BTreeMap<String, BTreeMap<String, Bytes>>>,
    edition: Cell<u64>,
    /// `model/file` of each that was opened, in turn.
    pub opened: RefCell<Vec<String>>,
}

fn now<T: 'static>(value: Result<T, Failure>) -> Later<T> {
    Box::pin(std::future::ready(value))
}

impl Files for Shelf {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let names = self.models.borrow().get(model).map(|files| files.keys().cloned().collect());
        let reason = "it is not there".into();
        now(names.ok_or(Failure::Input { field: "model".into(), reason }))
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        self.opened.borrow_mut().push(format!("{model}/{file}"));
        now(Ok(Rc::new(Memory(self.models.borrow()[model][file].clone()))))
    }

    fn edition(&self, _model: &str) -> u64 {
        self.edition.get()
    }
}

/// One engine.
#[derive(Default)]
pub struct Engine {
    /// What it can open.
    pub shelf: Rc<Shelf>,
    resident: Rc<Resident>,
    /// What its clock shows.
    pub clock_ms: Rc<Cell<f64>>,
}

/// Looks at what is shown early, and says when it has heard enough.
pub type Listener<T> = Box<dyn Fn(&<T as Task>::Partial) -> bool>;

/// Records partials, and hangs up when the listener says so.
struct Tape<T: Task> {
    shelf: Rc<Shelf>,
    resident: Rc<Resident>,
    clock_ms: Rc<Cell<f64>>,
    seen: RefCell<Vec<T::Partial>>,
    enough: Listener<T>,
    stopped: Cell<bool>,
}

impl<T: Task> Port for Tape<T> {
    fn partial(&self, body: Bytes) -> Later<()> {
        let partial = wire::decode(&body).unwrap();
        assert!(!self.stopped.get(), "more came after the stop");
        self.stopped.set((self.enough)(&partial));
        self.seen.borrow_mut().push(partial);
        self.turn()
    }

    fn turn(&self) -> Later<()> {
        now(if self.stopped.get() { Err(Failure::Stopped) } else { Ok(()) })
    }

    fn now_ms(&self) -> f64 {
        self.clock_ms.set(self.clock_ms.get() + TICK_MS);
        self.clock_ms.get()
    }

    fn files(&self) -> Rc<dyn Files> {
        self.shelf.clone()
    }

    fn resident(&self) -> Rc<Resident> {
        self.resident.clone()
    }
}

impl Engine {
    /// With one checkpoint.
    pub fn with(model: &str, files: &[(&str, Bytes)]) -> Self {
        let engine = Self::default();
        engine.keep(model, files);
        engine
    }

    /// With one of the tiny seeded checkpoints.
    pub fn tiny(family: &str) -> Self {
        Self::with("tiny", &[("model.gguf", gguf(family))])
    }

    /// With a model of the site, under its own name.
    pub fn shipped(id: &str) -> Self {
        let row = catalogue::find(id).unwrap();
        assert_eq!(row.origin, Origin::Shipped);
        let file = |file: &File| (file.path, read(&format!("../www/models/{}", file.path)));
        Self::with(id, &row.files.iter().map(file).collect::<Vec<_>>())
    }

    /// Puts a checkpoint on its shelf, in the place of what had its name.
    pub fn keep(&self, model: &str, files: &[(&str, Bytes)]) {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone()));
        self.shelf.models.borrow_mut().insert(model.into(), files.collect());
        self.shelf.edition.set(self.shelf.edition.get() + 1);
    }

    /// The single place that knows how a task is called.
    pub fn call<T: Task>(
        &self,
        input: &T::Input,
        enough: Listener<T>,
    ) -> (Vec<T::Partial>, Result<T::Output, Failure>) {
        let tape = Rc::new(Tape::<T> {
            shelf: self.shelf.clone(),
            resident: self.resident.clone(),
            clock_ms: self.clock_ms.clone(),
            seen: RefCell::default(),
            enough,
            stopped: Cell::default(),
        });
        let entry = tasks::find(T::NAME).unwrap();
        let end = pollster::block_on((entry.run)(tape.clone(), wire::encode(input).unwrap()));
        (tape.seen.take(), end.map(|body| wire::decode(&body).unwrap()))
    }

    /// What comes of loading a model, and of asking it if there is a question.
    pub fn run(&self, model: &str, ask: Option<Ask>) -> (Vec<Partial>, Result<Output, Failure>) {
        self.call::<Chat>(&Input { model: model.into(), ask }, Box::new(|_| false))
    }

    /// The answers of the model called `tiny`.
    #[track_caller]
    pub fn answers(&self, ask: &Ask) -> Vec<Answer> {
        self.run("tiny", Some(ask.clone())).1.unwrap().answers
    }

    /// The one answer of the model called `tiny`.
    #[track_caller]
    pub fn answer(&self, ask: &Ask) -> Answer {
        self.answers(ask).remove(0)
    }

    /// Asks the model called `tiny`, which refuses in these words.
    #[track_caller]
    pub fn refused(&self, ask: Option<Ask>, words: &str) {
        let said = self.run("tiny", ask).1.unwrap_err().to_string();
        assert!(said.contains(words), "`{said}` lacks `{words}`");
    }

    /// Asks the model called `tiny` until `enough` was heard.
    pub fn stopped(&self, ask: &Ask, enough: impl Fn(&Partial) -> bool + 'static) {
        let input = Input { model: "tiny".into(), ask: Some(ask.clone()) };
        assert_eq!(self.call::<Chat>(&input, Box::new(enough)).1, Err(Failure::Stopped));
    }
}

/// A file beside the tests.
pub fn read(path: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The float GGUF of a tiny seeded checkpoint.
pub fn gguf(family: &str) -> Bytes {
    read(&format!("golden/decoder/{family}/model-float.gguf"))
}

/// `bytes` with the one `old` in it replaced by as many `new`.
pub fn patched(bytes: &[u8], old: &[u8], new: &[u8]) -> Bytes {
    assert_eq!(old.len(), new.len());
    let mut places = bytes.windows(old.len()).enumerate().filter(|(_, window)| *window == old);
    let (at, _) = places.next().unwrap();
    assert!(places.next().is_none(), "there are two");
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

/// A message.
pub fn said(role: Role, text: &str) -> Message {
    Message { role, text: text.into() }
}

/// A question alone, answered by the likeliest tokens.
pub fn ask(text: &str) -> Ask {
    Ask { messages: vec![said(Role::User, text)], answers: 1, sampling: sampling() }
}

/// The likeliest tokens, forty of them at most.
pub fn sampling() -> Sampling {
    Sampling { max_tokens: 40, ..Sampling::default() }
}

/// As the model itself would choose.
pub fn warm(seed: u64) -> Sampling {
    Sampling { temperature: 1.0, seed, ..sampling() }
}

/// An answer of which only what never changes is left.
pub fn without_times(mut answer: Answer) -> Answer {
    let Cost { prompt_tokens, answer_tokens, .. } = answer.cost;
    answer.cost = Cost { prompt_tokens, answer_tokens, ..Cost::default() };
    answer
}

/// What was shown of each answer.
pub fn shown(partials: &[Partial], answers: usize) -> Vec<String> {
    let mut texts = vec![String::new(); answers];
    for partial in partials {
        if let Partial::Text { answer, text } = partial {
            assert!(!text.is_empty());
            texts[usize::from(*answer)].push_str(text);
        }
    }
    texts
}
