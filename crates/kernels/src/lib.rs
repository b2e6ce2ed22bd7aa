//! Arithmetic: matrix products and the other inner loops, as candle custom ops.
//!
//! Work is shared out over rayon's global pool where there is one; without it, as in a browser build
//! with one thread, rayon runs it in place. Invariant: only slices cross to other threads, never a
//! `Tensor`, whose lock cannot wait in a browser.

mod attend;
mod check;
mod dot;
mod kind;
mod machine;
mod matrix;
mod panel;
mod quants;
mod rope;
mod rounded;
mod slices;
mod tile;

pub use crate::{
    attend::Attend,
    check::check,
    kind::Kind,
    matrix::{Matrix, Product},
    rope::{Angles, Pairs, Rope},
};
