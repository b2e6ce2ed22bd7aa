use std::{any::Any, cell::RefCell, marker::PhantomData, pin::Pin, rc::Rc};

use api::{Failure, Precision, Task, wire};
use models::{Breath, Source};

use crate::{disk::Disk, net::Net};

/// Something the driver answers in its own time.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// The driver's half: a worker, a server thread, or a test.
pub trait Port {
    /// Pass an encoded partial to whoever asked, then let the driver breathe.
    ///
    /// Fails with [`Failure::Stopped`] when nobody is waiting any more.
    fn partial(&self, body: Vec<u8>) -> Later<()>;

    /// Let the driver look at its mailbox if it has not for a few milliseconds.
    ///
    /// Fails with [`Failure::Stopped`] when nobody is waiting any more.
    fn turn(&self) -> Later<()>;

    /// Milliseconds since some moment that does not change.
    fn now_ms(&self) -> f64;

    /// The checkpoints the driver can open.
    fn files(&self) -> Rc<dyn Files>;

    /// What stays between two calls of this driver.
    fn resident(&self) -> Rc<Resident>;

    /// Where downloaded checkpoints are kept.
    fn disk(&self) -> Result<Rc<dyn Disk>, Failure> {
        Err(Failure::Bug("this engine keeps no files".into()))
    }

    /// How files are fetched.
    fn net(&self) -> Result<Rc<dyn Net>, Failure> {
        Err(Failure::Bug("this engine fetches no files".into()))
    }
}

/// Checkpoints by name, and their files by name.
pub trait Files {
    /// Names of a checkpoint's files. [`Failure::Input`] if the checkpoint is not there.
    fn list(&self, model: &str) -> Later<Vec<String>>;

    /// One file of a checkpoint.
    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>>;

    /// Another number whenever other files take a checkpoint's name.
    fn edition(&self, _model: &str) -> u64 {
        0
    }
}

/// The one loaded model of a driver, with what its task keeps beside it.
#[derive(Default)]
pub struct Resident(RefCell<Option<Rc<dyn Any>>>);

impl Resident {
    /// What is there, if it is a `T`.
    pub fn get<T: 'static>(&self) -> Option<Rc<T>> {
        self.0.borrow().clone()?.downcast().ok()
    }

    /// Replaces what is there.
    pub fn set(&self, value: Rc<dyn Any>) {
        *self.0.borrow_mut() = Some(value);
    }

    /// Empties the place, so that the memory can be used again before the next model comes.
    pub fn clear(&self) {
        *self.0.borrow_mut() = None;
    }
}

/// A model in memory, and what it was opened as.
struct Held<M> {
    name: String,
    precision: Precision,
    /// Of the files it was opened from.
    edition: u64,
    model: Rc<M>,
}

/// All a running task may touch.
pub struct Kit<T> {
    port: Rc<dyn Port>,
    task: PhantomData<T>,
}

// Not derived: that would ask the marker to be `Clone` too.
impl<T> Clone for Kit<T> {
    fn clone(&self) -> Self {
        Self { port: self.port.clone(), task: PhantomData }
    }
}

impl<T: Task> Kit<T> {
    /// Show something early. This is also where a running task learns that it was stopped.
    pub async fn send(&self, partial: T::Partial) -> Result<(), Failure> {
        self.port.partial(wire::encode(&partial)?).await
    }

    /// What a network calls between two pieces of work.
    pub fn breath(&self) -> Breath {
        let port = self.port.clone();
        Rc::new(move || {
            let turn = port.turn();
            Box::pin(async move { turn.await.map_err(|_| models::Error::Stopped) })
        })
    }

    /// Milliseconds since some moment that does not change.
    pub fn now_ms(&self) -> f64 {
        self.port.now_ms()
    }

    /// The checkpoints the driver can open.
    pub fn files(&self) -> Rc<dyn Files> {
        self.port.files()
    }

    /// What stays between two calls of this driver.
    pub fn resident(&self) -> Rc<Resident> {
        self.port.resident()
    }

    /// The model that `open` gives, opened before or now. One fits at a time: the one before goes first.
    pub(crate) async fn held<M: 'static>(
        &self,
        name: &str,
        precision: Precision,
        open: impl AsyncFnOnce() -> Result<M, Failure>,
    ) -> Result<Rc<M>, Failure> {
        let resident = self.resident();
        // Before the files are opened: if they change meanwhile, the next call opens them again.
        let edition = self.files().edition(name);
        let same = |held: &Rc<Held<M>>| {
            held.name == name && held.precision == precision && held.edition == edition
        };
        if let Some(held) = resident.get::<Held<M>>().filter(same) {
            return Ok(held.model.clone());
        }
        resident.clear();
        let model = Rc::new(open().await?);
        let name = name.to_owned();
        resident.set(Rc::new(Held { name, precision, edition, model: model.clone() }));
        Ok(model)
    }

    /// Lets the driver look at its mailbox; fails with [`Failure::Stopped`] when nobody is waiting.
    pub async fn turn(&self) -> Result<(), Failure> {
        self.port.turn().await
    }

    /// Where downloaded checkpoints are kept.
    pub fn disk(&self) -> Result<Rc<dyn Disk>, Failure> {
        self.port.disk()
    }

    /// How files are fetched.
    pub fn net(&self) -> Result<Rc<dyn Net>, Failure> {
        self.port.net()
    }
}

/// How a task is carried out.
#[expect(async_fn_in_trait, reason = "futures stay on the thread that made them")]
pub trait Job: Task + Sized {
    /// Prepare, run, read the answer.
    async fn run(kit: &Kit<Self>, input: Self::Input) -> Result<Self::Output, Failure>;
}

type Run = fn(Rc<dyn Port>, Vec<u8>) -> Later<Vec<u8>>;

/// A job with its types hidden, so jobs fit in one list.
pub struct Entry {
    /// The task's name on the wire.
    pub name: &'static str,
    /// Encoded input in, encoded output out.
    pub run: Run,
}

impl Entry {
    /// The only place where a task's types are forgotten.
    pub const fn of<J: Job>() -> Self {
        Self {
            name: J::NAME,
            run: |port, body| {
                Box::pin(async move {
                    let kit = Kit::<J> { port, task: PhantomData };
                    let output = J::run(&kit, wire::decode(&body)?).await?;
                    wire::encode(&output)
                })
            },
        }
    }
}
