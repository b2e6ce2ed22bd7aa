//! The models this browser keeps, and those it could.

use crate::{
    icon::Icon,
    lazy::lazy,
    panels::{Panel, store::Models},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "models",
    alias: "store",
    title: "Models",
    group: "Library",
    icon: Icon::Shelf,
    code: lazy!(models, Models),
};
