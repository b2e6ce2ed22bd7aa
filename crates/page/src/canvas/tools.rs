//! What a panel lets a person do on the canvas beside looking: handed over boxed, so that panels without
//! tools do not carry them.

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::{View, hand::Touch};
use crate::picture::header::Size;

/// What happens on the canvas.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// A pointer comes down; with Shift if so.
    Press(Touch, bool),
    /// It moves.
    Drag(Touch),
    /// It is lifted.
    Lift(Touch),
    /// It comes to nothing.
    Cancel,
    /// A key is pressed; with Shift if so. The picture's pixels to a unit of the screen.
    Key(&'a str, bool, f64),
    /// A key is pressed together with Ctrl, or what takes its place; with Shift if so.
    Command(&'a str, bool),
}

/// Draws over a picture that is seen so.
type Draw = dyn Fn(&CanvasRenderingContext2d, View) -> Result<(), JsValue>;

/// Tools on a canvas.
pub struct Tools {
    /// Draws their buttons.
    pub bar: Box<dyn Fn() -> AnyView>,
    /// Takes what happens on a picture of this size; tells whether it meant something.
    pub act: Box<dyn Fn(Act<'_>, Size) -> bool>,
    /// Draws what they do, over everything else.
    pub draw: Box<Draw>,
    /// Whether a pointer that moves draws, and does not move the picture.
    pub draws: Box<dyn Fn() -> bool>,
}
