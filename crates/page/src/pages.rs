//! What is shown beside the tasks' panels.

pub mod models;
