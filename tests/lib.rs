//! What the tests of the whole house share.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

pub mod boxes;
pub mod driver;
pub mod engine;
pub mod near;
pub mod pictures;
pub mod server;
