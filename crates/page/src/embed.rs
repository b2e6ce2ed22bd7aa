//! What the panel for texts is made of.

pub mod lists;
pub mod plane;
pub mod session;
pub mod table;
