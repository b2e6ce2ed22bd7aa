//! The tests of the whole house. They are one program, as each links everything anew: thirty of them filled a disk.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

// What tests share.
pub mod boxes;
pub mod breaths;
pub mod driver;
pub mod engine;
pub mod near;
pub mod pictures;
pub mod server;

mod blip;
mod checkpoints;
mod clap;
mod classify;
mod defaults;
mod depth;
mod detect;
mod detr;
mod dpt;
mod embed;
mod encoders;
mod fastsam;
mod find;
mod house;
mod measure;
mod media;
mod mobilesam;
mod models;
mod owlvit;
mod phonemes;
mod sam;
mod segment;
mod seq2seq;
mod shelf;
mod speak;
mod store;
mod tasks;
mod tell;
mod text;
mod tokenizer;
mod transcribe;
mod vits;
mod whisper;
mod windows;
mod wire;
mod written;
