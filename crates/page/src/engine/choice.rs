//! Which of the two engines this browser can run, and on how many threads.

use wasm_bindgen::prelude::*;

/// More threads than this only get in each other's way while a model answers.
const MOST_THREADS: u32 = 8;

/// A module whose one function uses `i8x16.relaxed_swizzle`: valid only where relaxed SIMD is known.
const RELAXED_SIMD: &[u8] = &[
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253,
    15, 65, 2, 253, 15, 253, 128, 2, 11,
];

/// One of the two builds of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `simd128` on one thread.
    Simd,
    /// `simd128`, relaxed SIMD and threads.
    Threads,
}

impl Kind {
    /// Its folder, and what `?engine=` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simd => "simd",
            Self::Threads => "threads",
        }
    }

    /// What a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Simd => "one thread, SIMD",
            Self::Threads => "threads, relaxed SIMD",
        }
    }
}

/// An engine and the threads it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which build.
    pub kind: Kind,
    /// Threads it computes on.
    pub threads: u32,
}

impl Choice {
    /// What every browser can run.
    pub const PLAIN: Self = Self { kind: Kind::Simd, threads: 1 };

    /// Address of the worker's script, from the site's root.
    pub fn script(self) -> String {
        format!("engine.js?kind={}&threads={}", self.kind.name(), self.threads)
    }
}

/// What decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Whether memory may be shared with workers, and the browser knows how to.
    pub shared_memory: bool,
    /// Whether the browser knows relaxed SIMD.
    pub relaxed_simd: bool,
    /// Logical processors.
    pub cores: u32,
}

/// The engine for a browser. `forced` is what the address asks for; an unknown word asks for nothing.
pub fn choose(abilities: Abilities, forced: Option<&str>) -> Choice {
    let threads = abilities.cores.clamp(1, MOST_THREADS);
    let able = abilities.shared_memory && abilities.relaxed_simd;
    match forced {
        Some("threads") => Choice { kind: Kind::Threads, threads },
        Some("simd") => Choice::PLAIN,
        _ if able => Choice { kind: Kind::Threads, threads },
        _ => Choice::PLAIN,
    }
}

/// What this browser can do.
pub fn abilities() -> Abilities {
    let global = js_sys::global();
    let has = |name: &str| js_sys::Reflect::get(&global, &name.into()).ok();
    let isolated = has("crossOriginIsolated").is_some_and(|value| value.is_truthy());
    let shares = has("SharedArrayBuffer").is_some_and(|value| value.is_function());
    let bytes: JsValue = js_sys::Uint8Array::from(RELAXED_SIMD).into();
    let relaxed = js_sys::WebAssembly::validate(&bytes) == Ok(true);
    Abilities {
        shared_memory: isolated && shares,
        relaxed_simd: relaxed,
        cores: gloo::utils::window().navigator().hardware_concurrency() as u32,
    }
}

/// What `?engine=` in the page's address says.
pub fn forced() -> Option<String> {
    let address = gloo::utils::window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&address).ok()?.get("engine")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABLE: Abilities = Abilities { shared_memory: true, relaxed_simd: true, cores: 4 };

    #[track_caller]
    fn check(abilities: Abilities, forced: Option<&str>, want: (Kind, u32)) {
        let got = choose(abilities, forced);
        assert_eq!((got.kind, got.threads), want, "{abilities:?} {forced:?}");
    }

    #[test]
    fn threads_need_shared_memory_and_relaxed_simd() {
        check(ABLE, None, (Kind::Threads, 4));
        check(Abilities { shared_memory: false, ..ABLE }, None, (Kind::Simd, 1));
        check(Abilities { relaxed_simd: false, ..ABLE }, None, (Kind::Simd, 1));
    }

    #[test]
    fn the_number_of_threads_has_two_ends() {
        check(Abilities { cores: 64, ..ABLE }, None, (Kind::Threads, 8));
        check(Abilities { cores: 0, ..ABLE }, None, (Kind::Threads, 1));
    }

    #[test]
    fn the_address_has_the_last_word() {
        check(ABLE, Some("simd"), (Kind::Simd, 1));
        check(Abilities { shared_memory: false, ..ABLE }, Some("threads"), (Kind::Threads, 4));
        check(ABLE, Some("warp"), (Kind::Threads, 4));
    }

    #[test]
    fn the_script_names_kind_and_threads() {
        let choice = Choice { kind: Kind::Threads, threads: 8 };
        assert_eq!(choice.script(), "engine.js?kind=threads&threads=8");
    }
}
