use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::Poll,
};

use api::{
    Failure,
    wire::{self, CallId, Event},
};
use js_sys::{Array, Promise, Reflect, Uint8Array};
use tasks::{Disk, Files, Later, Net, Port, Resident};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageChannel, MessageEvent, Performance};

use crate::{
    browser::{bug, scope},
    fetch::Browser,
    files::Shelves,
    mailbox::{Call, Mailbox},
    opfs::Opfs,
};

/// Longest time a task computes before the mailbox is looked at. A Stop is to be obeyed within 100 ms
/// and the longest piece of work between two looks comes on top.
const LOOK_EVERY_MS: f64 = 12.0;

/// Runs one call after the other and answers the page.
pub(crate) struct Driver {
    scope: DedicatedWorkerGlobalScope,
    clock: Performance,
    hop: MessageChannel,
    looked_ms: Cell<f64>,
    mailbox: RefCell<Mailbox>,
    resident: Rc<Resident>,
    files: Rc<Shelves>,
}

impl Driver {
    /// Listens for the life of the worker.
    pub(crate) fn start(threads: u32) -> Result<(), JsValue> {
        let scope = scope()?;
        let driver = Rc::new(Self {
            clock: scope.performance().ok_or_else(|| JsError::new("this worker has no clock"))?,
            hop: MessageChannel::new()?,
            looked_ms: Cell::new(0.0),
            mailbox: RefCell::default(),
            resident: Rc::default(),
            files: Rc::new(Shelves::new(&scope)?),
            scope,
        });
        let listener = driver.clone();
        let hear = move |event: MessageEvent| listener.receive(&event.data());
        let hear = Closure::<dyn FnMut(MessageEvent) -> Result<(), JsValue>>::new(hear);
        driver.scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        hear.forget();
        driver.post(&Event::Ready { version: wire::VERSION, threads })
    }

    fn receive(self: &Rc<Self>, message: &JsValue) -> Result<(), JsValue> {
        match message.dyn_ref::<Uint8Array>() {
            Some(bytes) => self.obey(&bytes.to_vec()),
            None => self.keep_dropped(message),
        }
    }

    fn obey(self: &Rc<Self>, bytes: &[u8]) -> Result<(), JsValue> {
        let request = wire::decode(bytes).map_err(|e| JsError::new(&e.to_string()))?;
        let event = self.mailbox.borrow_mut().receive(request, memory_bytes());
        if let Some(event) = event {
            self.post(&event)?;
        }
        self.run_next();
        Ok(())
    }

    fn keep_dropped(&self, message: &JsValue) -> Result<(), JsValue> {
        let model = Reflect::get(message, &"model".into())?.as_string();
        let model = model.ok_or_else(|| JsError::new("a message that is no request"))?;
        let files: Array = Reflect::get(message, &"files".into())?.dyn_into()?;
        // Whoever gives files alone means their names.
        let paths = Reflect::get(message, &"paths".into())?.dyn_into::<Array>().unwrap_or_default();
        let with_path = |(at, file): (usize, JsValue)| -> Result<_, JsValue> {
            let file: File = file.dyn_into()?;
            Ok((paths.get(at as u32).as_string().unwrap_or_else(|| file.name()), file))
        };
        self.files
            .drop_files(model, files.iter().enumerate().map(with_path).collect::<Result<_, _>>()?);
        Ok(())
    }

    fn run_next(self: &Rc<Self>) {
        let Some(call) = self.mailbox.borrow_mut().next() else { return };
        let driver = self.clone();
        spawn_local(async move {
            let id = call.id;
            let result = driver.run(call).await;
            driver.mailbox.borrow_mut().ended();
            if let Err(thrown) = driver.post(&Event::End { call: id, result }) {
                wasm_bindgen::throw_val(thrown);
            }
            driver.run_next();
        });
    }

    /// Invariant: a call can be stopped wherever it waits, also for the network: it is dropped there,
    /// and what it holds (a transfer, an open file) ends with it.
    async fn run(self: &Rc<Self>, call: Call) -> Result<Vec<u8>, Failure> {
        let entry = tasks::find(&call.task)
            .ok_or_else(|| Failure::Bug(format!("this engine has no task `{}`", call.task)))?;
        let port = CallPort { driver: self.clone(), call: call.id };
        let mut job = (entry.run)(Rc::new(port), call.input);
        poll_fn(|context| {
            let stopped = self.mailbox.borrow_mut().stopped(Some(context.waker()));
            if stopped { Poll::Ready(Err(Failure::Stopped)) } else { job.as_mut().poll(context) }
        })
        .await
    }

    fn post(&self, event: &Event) -> Result<(), JsValue> {
        let bytes = wire::encode(event).map_err(|e| JsError::new(&e.to_string()))?;
        let bytes = Uint8Array::from(&bytes[..]);
        self.scope.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()))
    }

    /// Lets every message that has arrived be heard.
    async fn look(&self) -> Result<(), Failure> {
        let hop = |resolve: js_sys::Function, _| {
            self.hop.port1().set_onmessage(Some(&resolve));
            if let Err(thrown) = self.hop.port2().post_message(&JsValue::NULL) {
                wasm_bindgen::throw_val(thrown);
            }
        };
        JsFuture::from(Promise::new(&mut { hop })).await.map_err(bug)?;
        self.looked_ms.set(self.clock.now());
        Ok(())
    }
}

/// What a running call sees of its driver.
struct CallPort {
    driver: Rc<Driver>,
    call: CallId,
}

impl Port for CallPort {
    fn partial(&self, body: Vec<u8>) -> Later<()> {
        let posted = self.driver.post(&Event::Partial { call: self.call, body });
        let turn = self.turn();
        Box::pin(async move {
            posted.map_err(bug)?;
            turn.await
        })
    }

    fn turn(&self) -> Later<()> {
        let driver = self.driver.clone();
        Box::pin(async move {
            if driver.clock.now() - driver.looked_ms.get() >= LOOK_EVERY_MS {
                driver.look().await?;
            }
            let stopped = driver.mailbox.borrow_mut().stopped(None);
            if stopped { Err(Failure::Stopped) } else { Ok(()) }
        })
    }

    fn now_ms(&self) -> f64 {
        self.driver.clock.now()
    }

    fn files(&self) -> Rc<dyn Files> {
        self.driver.files.clone()
    }

    fn resident(&self) -> Rc<Resident> {
        self.driver.resident.clone()
    }

    fn disk(&self) -> Result<Rc<dyn Disk>, Failure> {
        Ok(Rc::new(Opfs(self.driver.scope.clone())))
    }

    fn net(&self) -> Result<Rc<dyn Net>, Failure> {
        Ok(Rc::new(Browser(self.driver.scope.clone())))
    }
}

#[cfg(target_arch = "wasm32")]
fn memory_bytes() -> u64 {
    const PAGE_BYTES: u64 = 65_536;
    core::arch::wasm32::memory_size(0) as u64 * PAGE_BYTES
}

/// Only the mailbox's tests run outside a browser.
#[cfg(not(target_arch = "wasm32"))]
fn memory_bytes() -> u64 {
    0
}
