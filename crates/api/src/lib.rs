//! The words the page, the worker and the companion share.
//!
//! Invariant: nothing here computes, draws, fetches or knows which side it is on.

mod asked;
pub mod blip;
pub mod caption;
pub mod catalogue;
pub mod chat;
pub mod check;
pub mod classify;
pub mod classify_sound;
pub mod depth;
pub mod detect;
pub mod embed;
mod failure;
pub mod find;
pub mod itm;
mod loading;
pub mod measure;
pub mod picture;
mod precision;
pub mod segment;
pub mod speak;
pub mod store;
pub mod summarize;
mod task;
pub mod transcribe;
pub mod translate;
pub mod vqa;
pub mod wire;

pub use crate::{
    asked::Asked, failure::Failure, loading::Loading, precision::Precision, task::Task,
};

/// Which checkpoint a task should use: a row of the [`catalogue`], or the name its files were stored
/// or dropped under.
pub type ModelId = String;
