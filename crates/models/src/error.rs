/// Why a network could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The checkpoint is not what it claims; the text names the tensor or key.
    #[error("{0}")]
    Damaged(String),
    /// The checkpoint is sound, but we cannot run it; the text names what is missing.
    #[error("{0}")]
    Unsupported(String),
    /// The checkpoint's bytes could not be read.
    #[error("cannot read: {0}")]
    Read(#[from] std::io::Error),
    /// The machine has no room for it; the text says for what.
    #[error("{0}")]
    Memory(String),
    /// The driver wants no answer any more.
    #[error("stopped")]
    Stopped,
    /// Arithmetic failed: shapes or types that do not fit.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// What loading and running return.
pub type Result<T> = std::result::Result<T, Error>;
