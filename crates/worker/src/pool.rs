use std::{
    collections::VecDeque,
    io,
    sync::{Condvar, Mutex, PoisonError},
};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Threads of the pool that no helper runs yet. Memory is all that an engine and its helpers share,
/// so this is a global.
static UNCLAIMED: Mutex<VecDeque<ThreadBuilder>> = Mutex::new(VecDeque::new());
static OFFERED: Condvar = Condvar::new();

/// Makes rayon's pool of this thread and of the helpers that wait in [`help`], one fewer than `threads`.
///
/// This one computes its share itself: asleep until others have done all, it would have to be woken
/// for each product, hundreds of times per token.
///
/// # Errors
/// When there is a pool already.
#[wasm_bindgen]
pub fn pool(threads: usize) -> Result<(), JsValue> {
    let offer = |thread| {
        UNCLAIMED.lock().unwrap_or_else(PoisonError::into_inner).push_back(thread);
        OFFERED.notify_one();
        Ok::<_, io::Error>(())
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads).use_current_thread();
    let built = pool.spawn_handler(offer).build_global();
    built.map_err(|e| JsError::new(&format!("threads: {e}")).into())
}

/// Runs one thread of the pool; never returns while the engine lives.
#[wasm_bindgen]
pub fn help() {
    let mut unclaimed = UNCLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match unclaimed.pop_front() {
            Some(thread) => break thread,
            None => unclaimed = OFFERED.wait(unclaimed).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(unclaimed);
    thread.run();
}
