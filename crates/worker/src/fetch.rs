use std::{cell::Cell, rc::Rc};

use api::Failure;
use js_sys::{Promise, Reflect, Uint8Array};
use tasks::{Ask, Later, Net, Reply};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, DedicatedWorkerGlobalScope, ReadableStreamDefaultReader, RequestCache,
    RequestInit, Response,
};

use crate::browser::{answer, bug, message};

/// The browser's `fetch`.
pub(crate) struct Browser(pub(crate) DedicatedWorkerGlobalScope);

impl Net for Browser {
    fn get(&self, ask: Ask) -> Later<Box<dyn Reply>> {
        let scope = self.0.clone();
        Box::pin(async move {
            let watch = Watch::new(scope, ask.patience_ms).map_err(bug)?;
            let failed = |thrown: JsValue| watch.failure(&ask.url, &thrown);
            let request = request(&ask, &watch).map_err(bug)?;
            watch.begin().map_err(bug)?;
            let response = watch.scope.fetch_with_str_and_init(&ask.url, &request);
            let response: Response = answer(response).await.map_err(failed)?;
            watch.rest();
            let body = response.body().map(|body| body.get_reader().unchecked_into());
            Ok(Box::new(Arriving { url: ask.url, response, body, watch: Rc::new(watch) }) as _)
        })
    }

    fn wait(&self, ms: u32) -> Later<()> {
        let scope = self.0.clone();
        Box::pin(async move {
            let ms = i32::try_from(ms).map_err(|_| Failure::Bug(format!("a wait of {ms} ms")))?;
            let mut ring = |resolve: js_sys::Function, _| {
                let set = scope.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
                if let Err(thrown) = set {
                    wasm_bindgen::throw_val(thrown);
                }
            };
            JsFuture::from(Promise::new(&mut ring)).await.map_err(bug)?;
            Ok(())
        })
    }
}

fn request(ask: &Ask, watch: &Watch) -> Result<RequestInit, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in &ask.headers {
        headers.set(name, value)?;
    }
    let request = RequestInit::new();
    request.set_headers(&headers);
    request.set_signal(Some(&watch.controller.signal()));
    // What is kept is kept in the store; a second copy in the HTTP cache would count as ours.
    request.set_cache(RequestCache::NoStore);
    Ok(request)
}

/// Ends a transfer when nothing arrives for too long, or when nobody wants it any more.
struct Watch {
    scope: DedicatedWorkerGlobalScope,
    controller: AbortController,
    stalled: Rc<Cell<bool>>,
    give_up: Closure<dyn FnMut()>,
    patience_ms: i32,
    timer: Cell<Option<i32>>,
}

impl Watch {
    fn new(scope: DedicatedWorkerGlobalScope, patience_ms: u32) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let stalled = Rc::new(Cell::new(false));
        let give_up = Closure::new({
            let (controller, stalled) = (controller.clone(), stalled.clone());
            move || {
                stalled.set(true);
                controller.abort();
            }
        });
        let patience_ms = i32::try_from(patience_ms).unwrap_or(i32::MAX);
        Ok(Self { scope, controller, stalled, give_up, patience_ms, timer: Cell::new(None) })
    }

    fn begin(&self) -> Result<(), JsValue> {
        let timer = self.scope.set_timeout_with_callback_and_timeout_and_arguments_0(
            self.give_up.as_ref().unchecked_ref(),
            self.patience_ms,
        )?;
        self.timer.set(Some(timer));
        Ok(())
    }

    fn rest(&self) {
        if let Some(timer) = self.timer.take() {
            self.scope.clear_timeout_with_handle(timer);
        }
    }

    fn failure(&self, url: &str, thrown: &JsValue) -> Failure {
        self.rest();
        let reason = match self.stalled.get() {
            true => format!("nothing arrived for {} s", self.patience_ms / 1000),
            false => format!("the connection failed ({})", message(thrown)),
        };
        Failure::Fetch { file: url.into(), reason }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.rest();
        self.controller.abort();
    }
}

struct Arriving {
    url: String,
    response: Response,
    body: Option<ReadableStreamDefaultReader>,
    watch: Rc<Watch>,
}

impl Reply for Arriving {
    fn status(&self) -> u16 {
        self.response.status()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name).ok().flatten()
    }

    fn chunk(&mut self) -> Later<Option<Vec<u8>>> {
        let (url, body, watch) = (self.url.clone(), self.body.clone(), self.watch.clone());
        Box::pin(async move {
            let Some(body) = body else { return Ok(None) };
            watch.begin().map_err(bug)?;
            let read = JsFuture::from(body.read()).await.map_err(|e| watch.failure(&url, &e))?;
            watch.rest();
            let value = Reflect::get(&read, &"value".into()).map_err(bug)?;
            Ok(value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
        })
    }
}
