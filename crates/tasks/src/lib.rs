//! What happens when a task is asked for: prepare, run the network, read its answer.
//!
//! Invariant: no browser, no socket, no file system. Whoever drives a task supplies a [`Port`].

mod batches;
mod blip;
mod caption;
mod chat;
mod check;
mod checkpoint;
mod classify;
mod classify_sound;
mod depth;
mod detect;
mod disk;
mod embed;
mod encoder;
mod find;
pub mod generate;
mod grouped;
mod itm;
mod job;
mod labels;
mod measure;
mod net;
mod picture;
mod sampling;
mod segment;
mod sentences;
mod seq2seq;
pub mod speak;
mod store;
mod summarize;
pub mod text;
pub mod tokenizer;
pub mod transcribe;
mod translate;
mod vqa;

pub use crate::{
    disk::{Disk, Slot},
    job::{Entry, Files, Job, Kit, Later, Port, Resident},
    net::{Ask, Net, Reply},
    store::Shelf,
};
pub use models::{Memory, Source};

/// Every task this build can run. Adding one is one line here.
pub const ALL: &[Entry] = &[
    Entry::of::<api::caption::Caption>(),
    Entry::of::<api::chat::Chat>(),
    Entry::of::<api::check::Check>(),
    Entry::of::<api::classify::Classify>(),
    Entry::of::<api::classify_sound::ClassifySound>(),
    Entry::of::<api::depth::Depth>(),
    Entry::of::<api::detect::Detect>(),
    Entry::of::<api::embed::Embed>(),
    Entry::of::<api::itm::Itm>(),
    Entry::of::<api::find::Find>(),
    Entry::of::<api::measure::Measure>(),
    Entry::of::<api::segment::Segment>(),
    Entry::of::<api::speak::Speak>(),
    Entry::of::<api::store::Store>(),
    Entry::of::<api::summarize::Summarize>(),
    Entry::of::<api::transcribe::Transcribe>(),
    Entry::of::<api::translate::Translate>(),
    Entry::of::<api::vqa::Vqa>(),
];

/// The entry for a name off the wire.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}
