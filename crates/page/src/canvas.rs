//! One canvas for everything that looks at a picture: where the picture lies on the screen, and what lies
//! on it.

pub mod board;
pub mod colour;
pub mod hand;
pub mod history;
pub mod mask;
pub mod paint;
pub mod toolbar;
pub mod tools;

use web_sys::HtmlCanvasElement;

use crate::picture::header::Size;

/// A picture's pixel is at most so many of the screen's.
const MOST_ZOOM: f64 = 32.0;

/// A place, on the screen or in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// The part of the screen that shows the picture, in the screen's own units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// Where the picture lies: a place in it, times `zoom`, plus its corner, is the place on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Units of the screen to a pixel of the picture.
    pub zoom: f64,
    /// Where the picture's left upper corner is.
    pub corner: Point,
}

/// A picture before an area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The picture.
    pub picture: Size,
    /// The area.
    pub area: Area,
}

impl Frame {
    /// All of the picture, as large as it can be, in the middle.
    pub fn whole(self) -> View {
        let across = self.area.width / f64::from(self.picture.width);
        let down = self.area.height / f64::from(self.picture.height);
        self.kept(View { zoom: across.min(down), corner: Point { x: 0.0, y: 0.0 } })
    }

    /// The picture `by` times as large; what is at `at` on the screen stays there.
    pub fn zoomed(self, view: View, by: f64, at: Point) -> View {
        let least = self.least();
        let zoom = (view.zoom * by).clamp(least, MOST_ZOOM.max(least));
        let place = view.to_picture(at);
        let corner = Point { x: at.x - place.x * zoom, y: at.y - place.y * zoom };
        self.kept(View { zoom, corner })
    }

    /// The picture moved over the screen, as far as some of it would be lost and nothing gained.
    pub fn moved(self, view: View, by: Point) -> View {
        let corner = Point { x: view.corner.x + by.x, y: view.corner.y + by.y };
        self.kept(View { corner, ..view })
    }

    /// What two fingers do that were at `before` and are at `after`.
    pub fn pinched(self, view: View, before: [Point; 2], after: [Point; 2]) -> View {
        let apart = |[a, b]: [Point; 2]| (a.x - b.x).hypot(a.y - b.y).max(1.0);
        let middle = |[a, b]: [Point; 2]| Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 };
        let (from, to) = (middle(before), middle(after));
        let view = self.moved(view, Point { x: to.x - from.x, y: to.y - from.y });
        self.zoomed(view, apart(after) / apart(before), to)
    }

    /// The middle of the area.
    pub fn middle(self) -> Point {
        Point { x: self.area.width / 2.0, y: self.area.height / 2.0 }
    }

    fn least(self) -> f64 {
        let across = self.area.width / f64::from(self.picture.width);
        across.min(self.area.height / f64::from(self.picture.height))
    }

    /// In the middle where it has room, else without a gap beside it.
    fn kept(self, view: View) -> View {
        let along = |corner: f64, length: u32, room: f64| {
            let spare = room - f64::from(length) * view.zoom;
            if spare >= 0.0 { spare / 2.0 } else { corner.clamp(spare, 0.0) }
        };
        let x = along(view.corner.x, self.picture.width, self.area.width);
        let y = along(view.corner.y, self.picture.height, self.area.height);
        View { corner: Point { x, y }, ..view }
    }
}

impl View {
    /// Where a place in the picture is on the screen.
    pub fn to_screen(self, at: Point) -> Point {
        Point { x: at.x * self.zoom + self.corner.x, y: at.y * self.zoom + self.corner.y }
    }

    /// Which place in the picture is at one of the screen.
    pub fn to_picture(self, at: Point) -> Point {
        Point { x: (at.x - self.corner.x) / self.zoom, y: (at.y - self.corner.y) / self.zoom }
    }
}

/// Something that lies on the picture, in the picture's pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A frame around something.
    Box(Mark),
}

/// A frame with words on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// What is in it; gives it its colour.
    pub label: String,
    /// What is written on it.
    pub words: String,
    /// Its left upper corner.
    pub from: Point,
    /// Its right lower corner.
    pub to: Point,
}

/// What a layer shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The picture itself.
    Picture,
    /// What lies on it.
    Shapes(Vec<Shape>),
    /// What was drawn of the picture's size, if anything was.
    Drawn(Option<HtmlCanvasElement>),
}

/// Things that are shown, hidden and made pale together.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What it is called.
    pub name: &'static str,
    /// Whether it is shown.
    pub visible: bool,
    /// How much of what is below it covers: 0 to 1.
    pub opacity: f64,
    /// What it shows.
    pub content: Content,
}

impl Layer {
    /// A layer that is shown and covers all.
    pub fn new(name: &'static str, content: Content) -> Self {
        Self { name, visible: true, opacity: 1.0, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame {
        picture: Size { width: 200, height: 100 },
        area: Area { width: 400.0, height: 400.0 },
    };

    fn at(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    fn view(zoom: f64, x: f64, y: f64) -> View {
        View { zoom, corner: at(x, y) }
    }

    #[test]
    fn a_whole_picture_is_in_the_middle() {
        assert_eq!(FRAME.whole(), view(2.0, 0.0, 100.0));
        let high = Frame { picture: Size { width: 1, height: 800 }, ..FRAME };
        assert_eq!(high.whole(), view(0.5, 199.75, 0.0));
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let close = FRAME.zoomed(FRAME.whole(), 4.0, at(100.0, 200.0));
        assert_eq!(close, view(8.0, -300.0, -200.0));
        let place = FRAME.whole().to_picture(at(100.0, 200.0));
        assert_eq!((place, close.to_screen(place)), (at(50.0, 50.0), at(100.0, 200.0)));
        assert_eq!(
            FRAME.zoomed(close, 0.01, at(7.0, 7.0)),
            FRAME.whole(),
            "not smaller than whole"
        );
        assert_eq!(FRAME.zoomed(close, 1e9, at(7.0, 7.0)).zoom, MOST_ZOOM);
    }

    #[test]
    fn a_picture_is_never_pushed_out_of_sight() {
        let close = FRAME.zoomed(FRAME.whole(), 4.0, FRAME.middle());
        assert_eq!(FRAME.moved(close, at(10.0, -20.0)).corner, at(-590.0, -220.0));
        assert_eq!(FRAME.moved(close, at(1e6, 1e6)).corner, at(0.0, 0.0));
        assert_eq!(FRAME.moved(close, at(-1e6, -1e6)).corner, at(-1200.0, -400.0));
        assert_eq!(FRAME.moved(FRAME.whole(), at(50.0, 50.0)), FRAME.whole());
    }

    #[test]
    fn two_fingers_move_and_zoom_at_once() {
        let start = FRAME.zoomed(FRAME.whole(), 2.0, FRAME.middle());
        let (before, after) =
            ([at(100.0, 200.0), at(200.0, 200.0)], [at(60.0, 200.0), at(260.0, 200.0)]);
        let pinched = FRAME.pinched(start, before, after);
        // What was between the fingers is between them still.
        let place = start.to_picture(at(150.0, 200.0));
        assert_eq!((pinched.zoom, pinched.to_screen(place)), (8.0, at(160.0, 200.0)));
        let still = FRAME.pinched(start, [at(5.0, 5.0); 2], [at(5.0, 5.0); 2]);
        assert_eq!(still, start, "fingers on one spot");
    }

    #[test]
    fn a_tiny_picture_fills_its_area_and_can_be_zoomed() {
        let dot = Frame { picture: Size { width: 1, height: 1 }, ..FRAME };
        assert_eq!(dot.whole(), view(400.0, 0.0, 0.0));
        assert_eq!(dot.zoomed(dot.whole(), 2.0, at(0.0, 0.0)), dot.whole());
    }
}
