//! Draws a picture and its layers, on the screen and for a file.

use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{Area, Content, Layer, Mark, Point, Shape, View, colour::Colour};
use crate::picture::{Taken, header::Size, on_white};

/// From this many units to a pixel of the picture on, its pixels are seen as squares.
const SQUARES: f64 = 3.0;
/// Height of letters on a frame.
const LETTERS: f64 = 13.0;
/// Width of a frame's line.
const LINE: f64 = 4.5;
const FONT: &str = "system-ui, -apple-system, \"Segoe UI\", Roboto, \"Noto Sans\", sans-serif";
/// A file's longest side is at least this, so that words on small pictures can be read.
const FILE_SIDE_PX: u32 = 512;
/// One unit for so many pixels of a file's longest side.
const FILE_UNIT_PX: f64 = 900.0;

/// Draws the layers from the lowest up, with lines and letters `unit` times their usual size.
pub fn paint(
    brush: &CanvasRenderingContext2d,
    view: View,
    (area, unit): (Area, f64),
    (taken, layers): (&Taken, &[Layer]),
) -> Result<(), JsValue> {
    for layer in layers.iter().filter(|layer| layer.visible) {
        brush.set_global_alpha(layer.opacity);
        match &layer.content {
            Content::Picture => pixels(brush, view, (taken.size, &taken.pixels))?,
            Content::Drawn(None) => {}
            Content::Drawn(Some(drawn)) => pixels(brush, view, (taken.size, drawn))?,
            Content::Shapes(shapes) => {
                // Frames first: no line goes through another's words.
                for Shape::Box(mark) in shapes {
                    frame(brush, view, unit, mark);
                }
                for Shape::Box(mark) in shapes {
                    words(brush, view, (area, unit), mark)?;
                }
            }
        }
    }
    brush.set_global_alpha(1.0);
    Ok(())
}

/// Draws what has the picture's size.
fn pixels(
    brush: &CanvasRenderingContext2d,
    view: View,
    (size, pixels): (Size, &HtmlCanvasElement),
) -> Result<(), JsValue> {
    let Point { x, y } = view.corner;
    brush.set_image_smoothing_enabled(view.zoom < SQUARES);
    let (wide, high) = (f64::from(size.width) * view.zoom, f64::from(size.height) * view.zoom);
    brush.draw_image_with_html_canvas_element_and_dw_and_dh(pixels, x, y, wide, high)
}

fn frame(brush: &CanvasRenderingContext2d, view: View, unit: f64, mark: &Mark) {
    let colour = Colour::of(&mark.label);
    let (from, to) = (view.to_screen(mark.from), view.to_screen(mark.to));
    // A line of the other kind around it shows it on a ground of its own colour.
    for (colour, width) in [(colour.ink(), LINE), (colour, LINE - 2.0)] {
        brush.set_stroke_style_str(&colour.css());
        brush.set_line_width(width * unit);
        brush.stroke_rect(from.x, from.y, to.x - from.x, to.y - from.y);
    }
}

fn words(
    brush: &CanvasRenderingContext2d,
    view: View,
    (area, unit): (Area, f64),
    mark: &Mark,
) -> Result<(), JsValue> {
    let colour = Colour::of(&mark.label);
    brush.set_font(&format!("600 {}px {FONT}", LETTERS * unit));
    brush.set_text_baseline("middle");
    let pad = 5.0 * unit;
    let plate = Area {
        width: brush.measure_text(&mark.words)?.width() + 2.0 * pad,
        height: (LETTERS + 7.0) * unit,
    };
    let (from, to) = (view.to_screen(mark.from), view.to_screen(mark.to));
    // Flush with the outer edge of the frame's line.
    let from = Point { x: from.x - LINE / 2.0 * unit, ..from };
    let Some(at) = plate_at(from, to, plate, area) else { return Ok(()) };
    brush.set_fill_style_str(&colour.css());
    brush.fill_rect(at.x, at.y, plate.width, plate.height);
    brush.set_fill_style_str(&colour.ink().css());
    brush.fill_text(&mark.words, at.x + pad, at.y + plate.height / 2.0)
}

/// Where a frame's words go: above it, or else in it, and never beside the area; `None` if the frame is out
/// of sight.
fn plate_at(from: Point, to: Point, plate: Area, area: Area) -> Option<Point> {
    let seen = from.x < area.width && from.y < area.height && to.x > 0.0 && to.y > 0.0;
    let above = from.y - plate.height;
    let y = if above >= 0.0 { above } else { from.y.max(0.0) };
    let x = from.x.min(area.width - plate.width).max(0.0);
    seen.then_some(Point { x, y })
}

/// The picture with its layers at its own size, or a whole number of times that.
pub fn whole(taken: &Taken, layers: &[Layer]) -> Result<HtmlCanvasElement, JsValue> {
    let times = enlarged(taken.size);
    let size = Size { width: taken.size.width * times, height: taken.size.height * times };
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let view = View { zoom: times.into(), corner: Point { x: 0.0, y: 0.0 } };
    let unit = (width.max(height) / FILE_UNIT_PX).max(1.0);
    on_white(size, |brush| paint(brush, view, (Area { width, height }, unit), (taken, layers)))
}

fn enlarged(size: Size) -> u32 {
    FILE_SIDE_PX.div_ceil(size.width.max(size.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: (f64, f64), to: (f64, f64), want: Option<(f64, f64)>) {
        let (plate, area) =
            (Area { width: 80.0, height: 20.0 }, Area { width: 300.0, height: 200.0 });
        let point = |(x, y)| Point { x, y };
        assert_eq!(plate_at(point(from), point(to), plate, area), want.map(point), "{from:?}");
    }

    #[test]
    fn words_stay_in_sight() {
        check((50.0, 60.0), (90.0, 90.0), Some((50.0, 40.0)));
        check((50.0, 5.0), (90.0, 90.0), Some((50.0, 5.0)));
        check((-30.0, -40.0), (90.0, 90.0), Some((0.0, 0.0)));
        check((290.0, 60.0), (400.0, 90.0), Some((220.0, 40.0)));
        check((301.0, 60.0), (400.0, 90.0), None);
        check((-90.0, 60.0), (-1.0, 90.0), None);
    }

    #[test]
    fn a_small_picture_is_saved_large_enough_for_words() {
        let times = |width, height| enlarged(Size { width, height });
        assert_eq!(
            [times(1, 1), times(128, 96), times(500, 2), times(512, 9), times(4_000, 9)],
            [512, 4, 2, 1, 1]
        );
    }
}
