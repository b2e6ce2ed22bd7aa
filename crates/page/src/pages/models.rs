//! The models this browser keeps, and those it could.

use leptos::prelude::*;

use crate::{
    icon::Icon,
    panels::{Panel, store::Models},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "models",
    alias: "store",
    title: "Models",
    group: "Library",
    icon: Icon::Shelf,
    view: || view! { <Models/> }.into_any(),
};
