//! Downloads. They belong to the page, not to the panel: leaving the panel does not stop them.

use api::store::{Input, Partial, Store, What, Wish};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    call::{Call, State, Step, use_call},
    engines::{Engines, STORE, use_engines},
};

/// One download, running or not.
#[derive(Clone)]
pub(super) struct Download {
    /// Name it is kept under.
    pub(super) model: String,
    what: What,
    pub(super) call: Call<Store>,
}

impl Download {
    /// What was asked for.
    pub(super) fn what(&self) -> What {
        self.what.clone()
    }
}

/// Every download since the page was opened.
#[derive(Clone, Copy)]
pub struct Downloads {
    list: RwSignal<Vec<Download>, LocalStorage>,
    /// Calls are stopped when their owner goes; this one stays.
    owner: StoredValue<Option<Owner>>,
    engines: Engines,
    /// Counts ends, so that whoever shows the shelf looks again.
    ended: RwSignal<u32>,
    /// Whether one arrived whole.
    arrived: RwSignal<bool>,
}

impl Downloads {
    /// Gives the page its downloads. Called once, at the root, below [`Engines::provide`].
    pub fn provide() {
        provide_context(Self {
            list: RwSignal::new_local(vec![]),
            owner: StoredValue::new(Owner::current()),
            engines: use_engines(),
            ended: RwSignal::new(0),
            arrived: RwSignal::new(false),
        });
    }

    /// All of them, newest last.
    pub(super) fn list(self) -> Vec<Download> {
        self.list.get()
    }

    /// Changes whenever one ends.
    pub(super) fn ended(self) -> u32 {
        self.ended.get()
    }

    /// Whether one arrived whole since the page was opened.
    pub(super) fn arrived(self) -> bool {
        self.arrived.get()
    }

    /// Whether a model is being downloaded now.
    pub(super) fn runs(self, model: &str) -> bool {
        self.list.with(|list| list.iter().any(|one| one.model == model && one.call.is_running()))
    }

    /// Starts a download, or continues it where it was cut.
    pub(super) fn start(self, model: &str, what: What) {
        let known = self
            .list
            .with_untracked(|list| list.iter().find(|download| download.model == model).cloned());
        let download = known.unwrap_or_else(|| self.add(model, what));
        let key = key(model);
        let input = Input { now_unix_ms: now_unix_ms(), wish: Wish::Download(download.what) };
        download.call.start_with(&key.clone(), &input, move |step| {
            if let Step::Ended(result) = step {
                if result.is_ok() {
                    self.arrived.set(true);
                }
                self.close(key.clone());
            }
        });
    }

    /// Stops a download; what arrived stays.
    pub(super) fn pause(self, download: &Download) {
        download.call.stop();
        self.close(key(&download.model));
    }

    /// Takes a download off the list.
    pub(super) fn forget(self, model: &str) {
        let gone = self.list.try_update(|list| {
            let at = list.iter().position(|download| download.model == model)?;
            Some(list.remove(at))
        });
        if let Some(download) = gone.flatten() {
            self.pause(&download);
        }
    }

    fn add(self, model: &str, what: What) -> Download {
        let owner = self.owner.get_value().unwrap_or_default();
        let call = owner.with(use_call::<Store>);
        let download = Download { model: model.into(), what, call };
        self.list.update(|list| list.push(download.clone()));
        download
    }

    /// Each download has an engine of its own, so that it neither waits for another nor keeps the
    /// shelf from being shown. It ends once it has said its last word.
    fn close(self, key: String) {
        spawn_local(async move {
            self.engines.unload(&key);
            self.ended.update(|ended| *ended += 1);
        });
    }
}

fn key(model: &str) -> String {
    format!("{STORE} of {model}")
}

/// The page's downloads.
pub(super) fn use_downloads() -> Downloads {
    expect_context()
}

/// Wall clock, in milliseconds since 1970.
pub(super) fn now_unix_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// How a download stands, in words: empty before there is anything to say.
pub(super) fn words(state: &State<Store>) -> String {
    use crate::format::{bytes, left};
    let partial = match state {
        State::Idle | State::Running(None) => return "Starting…".into(),
        State::Ended(Ok(_)) => return "Done.".into(),
        State::Ended(Err(trouble)) => return trouble.to_string(),
        State::Running(Some(partial)) => partial,
    };
    match partial {
        Partial::Asking => "Asking for sizes…".into(),
        Partial::Checking(progress) => {
            format!("Checking what is here: {}", bytes(progress.done_bytes))
        }
        Partial::Waiting { reason, retry_in_ms, attempt, .. } => {
            let seconds = retry_in_ms.div_ceil(1000);
            format!("{reason}; trying again in {seconds} s (attempt {attempt})")
        }
        Partial::Fetching(progress) => {
            let done = match progress.total_bytes {
                Some(total) => format!("{} of {}", bytes(progress.done_bytes), bytes(total)),
                None => bytes(progress.done_bytes),
            };
            let speed = match progress.bytes_per_s {
                0.0 => String::new(),
                speed => format!(" · {}/s", bytes(speed as u64)),
            };
            let left = progress.left_s.map(|s| format!(" · {}", left(s))).unwrap_or_default();
            done + &speed + &left
        }
    }
}

/// Bytes done and in all, once both are known.
pub(super) fn done_of(state: &State<Store>) -> Option<(u64, u64)> {
    match state {
        State::Running(Some(Partial::Fetching(progress) | Partial::Checking(progress))) => {
            Some((progress.done_bytes, progress.total_bytes?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use api::{Failure, store::Progress};

    use super::*;
    use crate::call::Trouble;

    fn fetching(total_bytes: Option<u64>, bytes_per_s: f64, left_s: Option<f64>) -> State<Store> {
        let file = "a".into();
        let progress = Progress { file, done_bytes: 5_000_000, total_bytes, bytes_per_s, left_s };
        State::Running(Some(Partial::Fetching(progress)))
    }

    #[test]
    fn a_download_says_only_what_is_known() {
        assert_eq!(words(&fetching(None, 0.0, None)), "5.0 MB");
        let known = fetching(Some(20_000_000), 1e6, Some(15.0));
        assert_eq!(words(&known), "5.0 MB of 20 MB · 1.0 MB/s · 15 s left");
        assert_eq!(done_of(&known), Some((5_000_000, 20_000_000)));
        assert_eq!(done_of(&fetching(None, 0.0, None)), None);
    }

    #[test]
    fn a_cut_says_why_and_when_it_goes_on() {
        let reason = "the connection was cut".into();
        let waiting = Partial::Waiting { file: "a".into(), reason, retry_in_ms: 1_500, attempt: 2 };
        let said = words(&State::Running(Some(waiting)));
        assert_eq!(said, "the connection was cut; trying again in 2 s (attempt 2)");
        let stopped = State::Ended(Err(Trouble::Failed(Failure::Stopped)));
        assert_eq!(words(&stopped), "stopped");
    }
}
