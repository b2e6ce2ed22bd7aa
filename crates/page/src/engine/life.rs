//! Whether an engine lives, and in one sentence why it does not.

use std::fmt;

/// Where an engine stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// It has no worker; asking it something starts one.
    Asleep,
    /// Its worker is being fetched and compiled.
    Starting,
    /// It answers.
    Ready {
        /// Threads it computes on.
        threads: u32,
    },
    /// It said `Ready` once and has not been heard for ten seconds.
    Silent,
    /// Its worker is gone.
    Dead(Death),
}

/// Why a worker is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Death {
    /// A person or the page ended it.
    Ended,
    /// It used all memory the browser grants.
    OutOfMemory,
    /// It came to an instruction that must never be reached, or to another error of ours.
    Trapped(String),
    /// It did not start.
    NoStart(String),
    /// It speaks another version of the words in `api::wire`.
    Version(u32),
    /// It did not obey a Stop.
    Stubborn,
}

/// A memory this full that cannot grow is the likeliest cause of a trap: Rust's allocator answers a
/// refused request with the same trap as a panic.
const FULL_BYTES: u64 = 3_600 << 20;

impl Death {
    /// What an error of a worker that had started means.
    pub(crate) fn of(message: &str, memory_bytes: u64) -> Self {
        let lower = message.to_lowercase();
        let says_so = ["out of memory", "memory allocation", "array buffer allocation", "oom"]
            .iter()
            .any(|words| lower.contains(words));
        let full = lower.contains("unreachable") && memory_bytes >= FULL_BYTES;
        if says_so || full { Self::OutOfMemory } else { Self::Trapped(plain(message)) }
    }

    /// What an error of a worker that had not started means.
    pub(crate) fn before_start(message: &str) -> Self {
        Self::NoStart(plain(message))
    }
}

/// The message without what browsers put before it.
fn plain(message: &str) -> String {
    let message = message.strip_prefix("Uncaught ").unwrap_or(message);
    let message = message.strip_prefix("Error: ").unwrap_or(message);
    if message.is_empty() { "the browser does not say why".into() } else { message.into() }
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended => write!(f, "the engine was ended"),
            Self::OutOfMemory => write!(
                f,
                "the engine ran out of memory: restart it, or take a smaller model or a shorter \
                 conversation"
            ),
            Self::Trapped(why) => write!(f, "the engine broke down ({why}): restart it to go on"),
            Self::NoStart(why) => write!(f, "the engine did not start: {why}"),
            Self::Version(theirs) => write!(
                f,
                "the engine is of another version ({theirs}) than this page: reload the page"
            ),
            Self::Stubborn => write!(f, "the engine did not stop and was ended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_out_of_memory_is_told_from_other_traps() {
        let trap = "Uncaught RuntimeError: unreachable";
        assert_eq!(Death::of(trap, 10), Death::Trapped("RuntimeError: unreachable".into()));
        assert_eq!(Death::of(trap, 3_900 << 20), Death::OutOfMemory);
        assert_eq!(Death::of("RangeError: Out of memory", 10), Death::OutOfMemory);
        assert_eq!(Death::of("RangeError: Array buffer allocation failed", 10), Death::OutOfMemory);
    }

    #[test]
    fn a_worker_that_says_nothing_still_gets_a_sentence() {
        let told = Death::before_start("").to_string();
        assert_eq!(told, "the engine did not start: the browser does not say why");
    }
}
