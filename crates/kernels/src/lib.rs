//! Arithmetic: matrix products and the other inner loops, as candle custom ops.
//!
//! Work is shared out over rayon's global pool where there is one; without it, as in a browser build
//! with one thread, rayon runs it in place. Invariant: only slices cross to other threads, never a
//! `Tensor`, whose lock cannot wait in a browser.

mod attend;
mod dot;
mod kind;
mod matrix;
mod rope;
mod slices;

pub use crate::{
    attend::Attend,
    kind::Kind,
    matrix::{Matrix, Product},
    rope::{Angles, Pairs, Rope},
};
