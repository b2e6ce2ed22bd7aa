//! Arithmetic: matrix products and the other inner loops, as candle custom ops.
//!
//! Work is shared out over rayon's global pool where there is one; without it, as in a browser build
//! with one thread, rayon runs it in place. Invariant: only slices cross to other threads, never a
//! `Tensor`, whose lock cannot wait in a browser.

mod activation;
mod attend;
mod check;
mod conv;
mod each;
mod exp;
mod key_values;
mod kind;
mod machine;
mod matrix;
mod norm;
mod open;
mod panel;
mod pool;
mod quants;
mod resample;
mod rope;
mod rounded;
mod slices;
mod threads;
mod tile;

pub use crate::{
    activation::{Activation, Gated},
    attend::{Attend, Bias, Sight},
    check::check,
    conv::{Conv, ConvTranspose, Depthwise, Window},
    key_values::KeyValues,
    kind::Kind,
    matrix::{Matrix, Product},
    norm::Norm,
    pool::MaxPool,
    resample::{Between, Resample},
    rope::{Angles, Pairs, Rope},
    threads::beside,
};
