//! What a person sees. Knows the words in `api`; knows nothing of networks or tensors.

pub mod address;
pub mod app;
pub mod call;
pub mod canvas;
pub mod chat;
pub mod classify;
pub mod depth;
pub mod desk;
pub mod detect;
pub mod embed;
pub mod engine;
pub mod engines;
pub mod files;
pub mod find;
pub mod fit;
pub mod format;
pub mod icon;
pub mod lazy;
pub mod look;
pub mod menu;
pub mod narrate;
pub mod pages;
pub mod panels;
pub mod part;
pub mod picker;
pub mod picture;
pub mod rows;
pub mod runs;
pub mod segment;
pub mod status;
pub mod summarize;
pub mod tell;
pub mod theme;
pub mod things;
pub mod translate;

pub use app::{App, start};
