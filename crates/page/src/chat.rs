//! What the chat panel is made of.

pub mod conversation;
pub mod export;
pub mod keep;
pub mod markdown;
pub mod session;
pub mod settings;
pub mod turns;
