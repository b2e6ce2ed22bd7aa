//! Arithmetic: matrix products and the other inner loops, as candle custom ops.

mod kind;

pub use crate::kind::Kind;
