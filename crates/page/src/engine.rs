//! One engine: its worker, the calls that wait for it, its signs of life.

pub mod choice;
mod life;
mod line;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use api::{
    Failure, ModelId,
    wire::{self, CallId, Event, Request},
};
use gloo::{
    events::EventListener,
    timers::callback::{Interval, Timeout},
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, File, MessageEvent, WorkerOptions, WorkerType};

pub use self::life::{Death, Life};
use self::{
    choice::{Choice, Kind},
    line::{BEAT_MS, Beat, Line, News},
};
use crate::engines::Ground;

/// After a Stop an engine has this long to end the call by itself.
const STOP_MS: u32 = 2_000;

/// What a caller hears.
pub enum Heard {
    /// An encoded partial.
    Partial(Vec<u8>),
    /// The last word.
    End(Result<Vec<u8>, Lost>),
}

/// Why a call ended without bytes.
pub enum Lost {
    /// The engine says so.
    Failed(Failure),
    /// The engine is gone.
    Died(Death),
}

type Listener = Rc<RefCell<dyn FnMut(Heard)>>;

/// An engine, alive or not; cloning shares it.
#[derive(Clone)]
pub struct Engine(Rc<Body>);

struct Body {
    ground: Rc<Ground>,
    worker: RefCell<Option<Running>>,
    line: RefCell<Line>,
    listeners: RefCell<HashMap<CallId, Listener>>,
    dropped: RefCell<Vec<(ModelId, Vec<File>)>>,
    last_call: Cell<u32>,
    life: ArcRwSignal<Life>,
    memory_bytes: ArcRwSignal<u64>,
}

/// A worker with its listeners; dropping it ends it.
struct Running {
    worker: web_sys::Worker,
    _message: EventListener,
    _error: EventListener,
    _beat: Interval,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Engine {
    /// An engine without a worker yet.
    pub(crate) fn new(ground: Rc<Ground>) -> Self {
        Self(Rc::new(Body {
            ground,
            worker: RefCell::default(),
            line: RefCell::new(Line::new(0.0, vec![])),
            listeners: RefCell::default(),
            dropped: RefCell::default(),
            last_call: Cell::new(0),
            life: ArcRwSignal::new(Life::Asleep),
            memory_bytes: ArcRwSignal::new(0),
        }))
    }

    /// Whether it lives.
    pub fn life(&self) -> ArcRwSignal<Life> {
        self.0.life.clone()
    }

    /// Memory it held when it was last heard.
    pub fn memory_bytes(&self) -> ArcRwSignal<u64> {
        self.0.memory_bytes.clone()
    }

    /// Starts its worker, if it has none.
    pub fn wake(&self) {
        if self.0.worker.borrow().is_none() {
            self.spawn();
        }
    }

    /// Ends its worker; whoever waits hears of it. Asking again starts another.
    pub fn end(&self) {
        self.die(Death::Ended);
        self.0.life.set(Life::Asleep);
    }

    /// Hands over files a person dropped; calls know them as `model`.
    pub fn give_files(&self, model: &str, files: Vec<File>) {
        let mut dropped = self.0.dropped.borrow_mut();
        dropped.retain(|(name, _)| name != model);
        if self.0.line.borrow().is_open() {
            self.post_files(model, &files);
        }
        dropped.push((model.into(), files));
    }

    /// Starts a task; the listener hears what comes of it.
    pub fn ask(&self, task: &str, input: Vec<u8>, listener: impl FnMut(Heard) + 'static) -> CallId {
        let call = CallId(self.0.last_call.get().wrapping_add(1));
        self.0.last_call.set(call.0);
        self.0.listeners.borrow_mut().insert(call, Rc::new(RefCell::new(listener)));
        self.wake();
        self.send(Request::Start { call, task: task.into(), input });
        call
    }

    /// Gives up on a call; its listener hears nothing more. An engine that goes on regardless is ended.
    pub fn stop(&self, call: CallId) {
        if self.0.listeners.borrow_mut().remove(&call).is_none() {
            return;
        }
        if self.0.line.borrow_mut().withdraw(call) {
            return;
        }
        let (engine, obeyed) = (self.clone(), Rc::new(Cell::new(false)));
        let told = obeyed.clone();
        let end = move |heard| {
            if let Heard::End(_) = heard {
                told.set(true);
            }
        };
        self.0.listeners.borrow_mut().insert(call, Rc::new(RefCell::new(end)));
        self.send(Request::Stop { call });
        let enforce = move || {
            if !obeyed.get() {
                engine.die(Death::Stubborn);
                engine.0.life.set(Life::Asleep);
            }
        };
        Timeout::new(STOP_MS, enforce).forget();
    }

    fn send(&self, request: Request) {
        let ready = self.0.line.borrow_mut().send(request);
        if let Some(request) = ready {
            self.post(&request);
        }
    }

    fn post(&self, request: &Request) {
        let posted =
            wire::encode(request).map_err(|failure| failure.to_string()).and_then(|bytes| {
                let bytes = Uint8Array::from(&bytes[..]);
                let worker = self.0.worker.borrow();
                let Some(running) = worker.as_ref() else { return Ok(()) };
                running
                    .worker
                    .post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
                    .map_err(|thrown| format!("{thrown:?}"))
            });
        if let Err(why) = posted {
            self.die(Death::Trapped(why));
        }
    }

    fn post_files(&self, model: &str, files: &[File]) {
        let message = Object::new();
        let list: Array = files.iter().collect();
        let set = |key: &str, value: &JsValue| Reflect::set(&message, &key.into(), value);
        let paths: Array =
            files.iter().map(|file| JsValue::from(crate::files::path(file))).collect();
        let made = set("model", &model.into())
            .and_then(|_| set("files", &list))
            .and_then(|_| set("paths", &paths));
        let worker = self.0.worker.borrow();
        let Some(running) = worker.as_ref() else { return };
        if let Err(thrown) = made.and_then(|_| running.worker.post_message(&message)) {
            leptos::logging::warn!("{model}: the files could not be handed over: {thrown:?}");
        }
    }

    fn spawn(&self) {
        let choice = self.0.ground.choice();
        let waiting = std::mem::replace(&mut *self.0.line.borrow_mut(), Line::new(0.0, vec![]));
        *self.0.line.borrow_mut() = Line::new(now_ms(), waiting.into_waiting());
        self.0.life.set(Life::Starting);
        match self.worker(choice) {
            Ok(running) => *self.0.worker.borrow_mut() = Some(running),
            Err(thrown) => self.die(Death::before_start(&format!("{thrown:?}"))),
        }
    }

    fn worker(&self, choice: Choice) -> Result<Running, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let base = gloo::utils::document().base_uri()?.unwrap_or_default();
        let address = web_sys::Url::new_with_base(&choice.script(), &base)?.href();
        let worker = web_sys::Worker::new_with_options(&address, &options)?;
        let (hears, fails, beats) = (self.clone(), self.clone(), self.clone());
        Ok(Running {
            _message: EventListener::new(&worker, "message", move |event| {
                if let Some(event) = event.dyn_ref::<MessageEvent>() {
                    hears.hear(&event.data());
                }
            }),
            _error: EventListener::new(&worker, "error", move |event| {
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
                fails.fail(&message.unwrap_or_default(), choice);
            }),
            _beat: Interval::new(BEAT_MS, move || beats.beat()),
            worker,
        })
    }

    fn hear(&self, message: &JsValue) {
        let Some(bytes) = message.dyn_ref::<Uint8Array>() else {
            return self.die(Death::Trapped("it sent what is no message".into()));
        };
        let event = match wire::decode::<Event>(&bytes.to_vec()) {
            Ok(event) => event,
            Err(failure) => return self.die(Death::Trapped(failure.to_string())),
        };
        let news = self.0.line.borrow_mut().hear(event, now_ms());
        self.revive();
        match news {
            News::Open { threads, waiting } => self.open(threads, &waiting),
            News::Version(theirs) => self.die(Death::Version(theirs)),
            News::Memory(bytes) => self.0.memory_bytes.set(bytes),
            News::Partial(call, body) => {
                let listener = self.0.listeners.borrow().get(&call).cloned();
                tell(listener, Heard::Partial(body));
            }
            News::End(call, result) => {
                let listener = self.0.listeners.borrow_mut().remove(&call);
                tell(listener, Heard::End(result.map_err(Lost::Failed)));
            }
        }
    }

    /// An engine that was silent and is heard again only worked long.
    fn revive(&self) {
        if self.0.life.with_untracked(|life| *life == Life::Silent) {
            self.0.life.set(Life::Ready { threads: self.0.ground.choice().threads });
        }
    }

    fn open(&self, threads: u32, waiting: &[Request]) {
        self.0.ground.started();
        self.0.life.set(Life::Ready { threads });
        for (model, files) in self.0.dropped.borrow().iter() {
            self.post_files(model, files);
        }
        for request in waiting {
            self.post(request);
        }
        self.post(&Request::Ping { count: 0 });
    }

    fn fail(&self, message: &str, choice: Choice) {
        if self.0.line.borrow().is_open() {
            let memory_bytes = self.0.memory_bytes.get_untracked();
            return self.die(Death::of(message, memory_bytes));
        }
        let death = Death::before_start(message);
        if choice.kind == Kind::Threads {
            self.0.ground.fall_back(&death.to_string());
            self.0.worker.borrow_mut().take();
            return self.spawn();
        }
        self.die(death);
    }

    fn beat(&self) {
        let beat = self.0.line.borrow_mut().beat(now_ms());
        match beat {
            Beat::Wait => {}
            Beat::Ping(ping) => self.post(&ping),
            Beat::Silent(ping) => {
                self.0.life.set(Life::Silent);
                self.post(&ping);
            }
            Beat::NoStart => self.die(Death::before_start("it took longer than 90 s")),
        }
    }

    fn die(&self, death: Death) {
        self.0.worker.borrow_mut().take();
        *self.0.line.borrow_mut() = Line::new(now_ms(), vec![]);
        self.0.memory_bytes.set(0);
        self.0.life.set(Life::Dead(death.clone()));
        let listeners = std::mem::take(&mut *self.0.listeners.borrow_mut());
        for listener in listeners.into_values() {
            tell(Some(listener), Heard::End(Err(Lost::Died(death.clone()))));
        }
    }
}

/// A call nobody listens to any more has none.
fn tell(listener: Option<Listener>, heard: Heard) {
    if let Some(listener) = listener {
        listener.borrow_mut()(heard);
    }
}

fn now_ms() -> f64 {
    js_sys::Date::now()
}
