//! Masks and edits as the browser draws them, all of the picture's size.

use std::sync::Arc;

use api::picture::Mask;
use gloo::utils;
use js_sys::Promise;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::edit::{self, blur, pixelate};
use crate::{
    canvas::{
        colour::Colour,
        mask::{bounds, spans},
    },
    picture::{brush, header::Size},
};

/// Rows that are changed before the page is drawn again.
const ROWS: u32 = 128;
/// A square of the board that shows through.
const SQUARE: u32 = 8;

/// What is done with the pixels that are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// They are blurred by this standard deviation in pixels.
    Blur(f64),
    /// They become squares of this side in pixels.
    Pixelate(u32),
    /// All others go.
    CutOut,
    /// All others have this colour.
    Colour(String),
    /// All others are those of another picture, which fills this one.
    Picture(HtmlCanvasElement),
}

impl Edit {
    /// Whether it changes what is meant, and not all the rest.
    pub fn is_of_meant(&self) -> bool {
        matches!(self, Self::Blur(_) | Self::Pixelate(_))
    }

    /// Where it looks to change some pixels: left, top, right, bottom.
    fn sight(&self, [left, top, right, bottom]: [u32; 4], size: Size) -> [u32; 4] {
        let wide =
            |by: u32| [left.saturating_sub(by), top.saturating_sub(by), right + by, bottom + by];
        let [left, top, right, bottom] = match *self {
            Self::Blur(sigma) => wide(edit::margin(sigma)),
            Self::Pixelate(side) => [
                left - left % side,
                top - top % side,
                right.next_multiple_of(side),
                bottom.next_multiple_of(side),
            ],
            _ => wide(0),
        };
        [left, top, right.min(size.width), bottom.min(size.height)]
    }

    /// Rows that are changed at once: not so few that most of the work is done twice.
    fn rows(&self) -> u32 {
        match *self {
            Self::Blur(sigma) => ROWS.max(edit::margin(sigma)),
            Self::Pixelate(side) => ROWS.next_multiple_of(side),
            _ => ROWS,
        }
    }
}

/// A canvas with nothing on it, and what draws there.
fn blank(size: Size) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = utils::document().create_element("canvas")?.dyn_into()?;
    canvas.set_width(size.width);
    canvas.set_height(size.height);
    let brush = brush(&canvas)?;
    Ok((canvas, brush))
}

/// Masks in their colours, on a ground if there is one; the last lies on top.
pub fn painted(
    size: Size,
    ground: Option<Colour>,
    masks: &[(Colour, Arc<Mask>)],
) -> Result<HtmlCanvasElement, JsValue> {
    let (canvas, brush) = blank(size)?;
    if let Some(ground) = ground {
        brush.set_fill_style_str(&ground.css());
        brush.fill_rect(0.0, 0.0, size.width.into(), size.height.into());
    }
    for (colour, mask) in masks {
        brush.set_fill_style_str(&colour.css());
        fill(&brush, mask);
    }
    Ok(canvas)
}

/// Fills the pixels of a mask.
fn fill(brush: &CanvasRenderingContext2d, mask: &Mask) {
    for span in spans(mask) {
        let (from, to) = (f64::from(span.from), f64::from(span.to));
        brush.fill_rect(from, span.y.into(), to - from, 1.0);
    }
}

/// The pixels that an edit changes, all of `changed`, and nothing else; `None` if it is not wanted any more.
pub async fn changes(
    picture: HtmlCanvasElement,
    changed: Mask,
    edit: Edit,
    wanted: Box<dyn Fn() -> bool>,
) -> Result<Option<HtmlCanvasElement>, JsValue> {
    let size = Size { width: picture.width(), height: picture.height() };
    let (canvas, onto) = blank(size)?;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    match &edit {
        Edit::Blur(_) | Edit::Pixelate(_) => {
            let [left, top, right, bottom] = bounds(&changed).unwrap_or_default();
            let from = brush(&picture)?;
            let rows = edit.rows();
            let mut y = top - top % rows;
            while y < bottom {
                if !wanted() {
                    return Ok(None);
                }
                unclear((&from, &onto), &edit, [left, y, right, (y + rows).min(bottom)], size)?;
                y += rows;
                breath().await?;
            }
        }
        Edit::CutOut => squares(&onto, size),
        Edit::Colour(css) => {
            onto.set_fill_style_str(css);
            onto.fill_rect(0.0, 0.0, width, height);
        }
        Edit::Picture(other) => {
            let (wide, high) = (f64::from(other.width()), f64::from(other.height()));
            let zoom = (width / wide).max(height / high);
            let (x, y) = ((width - wide * zoom) / 2.0, (height - high * zoom) / 2.0);
            onto.draw_image_with_html_canvas_element_and_dw_and_dh(
                other,
                x,
                y,
                wide * zoom,
                high * zoom,
            )?;
        }
    }
    let (only, stencil) = blank(size)?;
    fill(&stencil, &changed);
    onto.set_global_composite_operation("destination-in")?;
    onto.draw_image_with_html_canvas_element(&only, 0.0, 0.0)?;
    Ok(Some(canvas))
}

/// Blurs or pixelates some rows: left, top, right, bottom.
fn unclear(
    (from, onto): (&CanvasRenderingContext2d, &CanvasRenderingContext2d),
    edit: &Edit,
    rows: [u32; 4],
    size: Size,
) -> Result<(), JsValue> {
    let [left, top, right, bottom] = edit.sight(rows, size);
    let (width, height) = (right - left, bottom - top);
    let data = from.get_image_data(left.into(), top.into(), width.into(), height.into())?;
    let mut pixels = data.data().0;
    match *edit {
        Edit::Blur(sigma) => blur(&mut pixels, width as usize, sigma),
        Edit::Pixelate(side) => pixelate(&mut pixels, width as usize, side as usize),
        _ => {}
    }
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height)?;
    let [own_left, own_top, own_right, own_bottom] = rows.map(f64::from);
    let (left, top) = (f64::from(left), f64::from(top));
    onto.put_image_data_with_dirty_x_and_dirty_y_and_dirty_width_and_dirty_height(
        &data,
        left,
        top,
        own_left - left,
        own_top - top,
        own_right - own_left,
        own_bottom - own_top,
    )
}

/// A board of light squares, as where nothing is.
fn squares(onto: &CanvasRenderingContext2d, size: Size) {
    onto.set_fill_style_str("#fff");
    onto.fill_rect(0.0, 0.0, size.width.into(), size.height.into());
    onto.set_fill_style_str("#ccc");
    let side = SQUARE.max(size.width.max(size.height) / 100);
    for y in 0..size.height.div_ceil(side) {
        for x in (y % 2..size.width.div_ceil(side)).step_by(2) {
            let (x, y) = (f64::from(x * side), f64::from(y * side));
            onto.fill_rect(x, y, side.into(), side.into());
        }
    }
}

/// The picture with its changes; of what is cut out, what was changed is see-through.
pub fn edited(
    picture: &HtmlCanvasElement,
    changes: &HtmlCanvasElement,
    edit: &Edit,
) -> Result<HtmlCanvasElement, JsValue> {
    let (canvas, brush) = blank(Size { width: picture.width(), height: picture.height() })?;
    brush.draw_image_with_html_canvas_element(picture, 0.0, 0.0)?;
    if *edit == Edit::CutOut {
        brush.set_global_composite_operation("destination-out")?;
    }
    brush.draw_image_with_html_canvas_element(changes, 0.0, 0.0)?;
    Ok(canvas)
}

/// Lets the page do something else.
async fn breath() -> Result<(), JsValue> {
    let window = utils::window();
    let passed = Promise::new(&mut |done, _| {
        // If there are no timers, nothing waits for one.
        let _ = window.set_timeout_with_callback(&done);
    });
    JsFuture::from(passed).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 100, height: 80 };

    #[test]
    fn an_edit_sees_all_it_needs_and_nothing_beside_the_picture() {
        let rows = [30, 40, 35, 44];
        assert_eq!(Edit::CutOut.sight(rows, SIZE), rows);
        assert_eq!(Edit::Pixelate(8).sight(rows, SIZE), [24, 40, 40, 48]);
        assert_eq!(Edit::Pixelate(64).sight(rows, SIZE), [0, 0, 64, 64]);
        assert_eq!(Edit::Pixelate(90).sight(rows, SIZE), [0, 0, 90, 80]);
        let by = edit::margin(1.0);
        assert_eq!(Edit::Blur(1.0).sight(rows, SIZE), [30 - by, 40 - by, 35 + by, 44 + by]);
        assert_eq!(Edit::Blur(30.0).sight(rows, SIZE), [0, 0, 100, 80]);
    }

    #[test]
    fn squares_are_never_cut_by_a_band() {
        for side in [2, 3, 50, 127, 128, 300] {
            assert_eq!(Edit::Pixelate(side).rows() % side, 0, "{side}");
        }
        assert!(Edit::Blur(100.0).rows() >= edit::margin(100.0));
    }
}
