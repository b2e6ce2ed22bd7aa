//! Tools in a hand: what a pointer, a finger or the keyboard does with them on the picture.

use api::{
    picture::Area,
    segment::{Side, Spot},
};

use super::Point;
use crate::picture::header::Size;

/// A pointer that has gone less far over the screen has only pressed.
const STILL: f64 = 6.0;
/// How far a key moves the crosshair over the screen.
const STEP: f64 = 10.0;
/// What is said where nothing of the picture is touched.
pub const BESIDE: &str = "that is beside the picture: nothing is there to be found";

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Moves the picture, and chooses what is pressed.
    Move,
    /// Points at what is meant.
    Include,
    /// Points at what is not meant.
    Exclude,
    /// Draws a rectangle around it.
    Box,
    /// Adds what it passes over.
    Paint,
    /// Takes away what it passes over.
    Erase,
}

/// What was done with a tool, in the picture's pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// Whatever is there is chosen.
    Pick(Point),
    /// A point was set.
    Point(Spot),
    /// A rectangle was drawn.
    Box(Area),
    /// A brush was moved.
    Stroke(Stroke),
}

/// The way of a brush.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Where its middle went.
    pub path: Vec<Point>,
    /// How far it reaches.
    pub radius: f64,
    /// Whether it adds or takes away.
    pub side: Side,
}

/// Where a pointer is: on the screen, and in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touch {
    /// On the screen.
    pub screen: Point,
    /// In the picture.
    pub at: Point,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// Nothing.
    Nothing,
    /// A pointer is down.
    Pressed {
        /// Where it came down.
        touch: Touch,
        /// What a point there means.
        side: Side,
    },
    /// A rectangle is drawn, between these.
    Framing(Point, Point),
    /// A brush is on its way.
    Drawing(Vec<Point>),
}

/// What a key did.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// Nothing: it is the canvas' own.
    Passed,
    /// Something, and nothing is done with it yet.
    Taken,
    /// Something was done, or why it cannot be.
    Done(Result<Done, &'static str>),
}

/// A tool, and what is going on with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// The tool.
    pub tool: Tool,
    /// How far the brush reaches, in the picture's pixels.
    pub radius: f64,
    /// What is going on.
    pub doing: Doing,
    /// Where the keyboard is; `None` while it is not used.
    pub cross: Option<Point>,
}

impl Hand {
    /// A hand that holds a tool.
    pub fn new(tool: Tool) -> Self {
        Self { tool, radius: 8.0, doing: Doing::Nothing, cross: None }
    }

    /// Takes another tool.
    pub fn take(&mut self, tool: Tool) {
        self.tool = tool;
        self.doing = Doing::Nothing;
    }

    /// Whether a pointer that moves draws, and does not move the picture.
    pub fn draws(&self) -> bool {
        matches!(self.tool, Tool::Box | Tool::Paint | Tool::Erase)
    }

    /// A pointer comes down; with the other meaning if `turned`.
    pub fn press(&mut self, touch: Touch, turned: bool) {
        self.cross = None;
        self.doing = match self.tool {
            Tool::Move | Tool::Include | Tool::Exclude => {
                Doing::Pressed { touch, side: self.side(turned) }
            }
            Tool::Box => Doing::Framing(touch.at, touch.at),
            Tool::Paint | Tool::Erase => Doing::Drawing(vec![touch.at]),
        };
    }

    /// It moves.
    pub fn drag(&mut self, touch: Touch) {
        match &mut self.doing {
            Doing::Framing(_, to) => *to = touch.at,
            Doing::Drawing(path) => path.push(touch.at),
            Doing::Nothing | Doing::Pressed { .. } => {}
        }
    }

    /// It is lifted: what was done, if anything, or why it cannot be.
    pub fn lift(&mut self, touch: Touch, size: Size) -> Option<Result<Done, &'static str>> {
        if let Doing::Pressed { touch: Touch { screen, .. }, .. } = self.doing {
            let far = (touch.screen.x - screen.x).hypot(touch.screen.y - screen.y);
            if far > STILL {
                self.doing = Doing::Nothing;
                return None;
            }
        }
        self.end(size)
    }

    /// Nothing comes of it: a second finger came, or the pointer was lost.
    pub fn cancel(&mut self) {
        self.doing = Doing::Nothing;
    }

    /// What a key does, given how many of the picture's pixels a unit of the screen is.
    pub fn key(&mut self, key: &str, shift: bool, (size, unit): (Size, f64)) -> Key {
        let step = if shift { 1.0 } else { (STEP * unit).max(1.0) };
        match key {
            "Escape" if self.doing != Doing::Nothing => self.doing = Doing::Nothing,
            "Escape" if self.cross.is_some() => self.cross = None,
            _ if let Some(tool) = called(key) => self.take(tool),
            _ if self.tool == Tool::Move => return Key::Passed,
            "ArrowLeft" => self.step(size, -step, 0.0),
            "ArrowRight" => self.step(size, step, 0.0),
            "ArrowUp" => self.step(size, 0.0, -step),
            "ArrowDown" => self.step(size, 0.0, step),
            "Enter" | " " => return self.set(shift, size),
            _ => return Key::Passed,
        }
        Key::Taken
    }

    /// What a point means.
    fn side(&self, turned: bool) -> Side {
        match (self.tool == Tool::Exclude) != turned {
            true => Side::Outside,
            false => Side::Inside,
        }
    }

    /// Moves the crosshair, which begins in the middle, and whatever is drawn with it.
    fn step(&mut self, size: Size, x: f64, y: f64) {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let from = self.cross.unwrap_or(Point { x: width / 2.0, y: height / 2.0 });
        let to = Point {
            x: (from.x + x).clamp(0.5, width - 0.5),
            y: (from.y + y).clamp(0.5, height - 0.5),
        };
        self.cross = Some(to);
        match &mut self.doing {
            Doing::Framing(_, end) => *end = to,
            Doing::Drawing(path) => path.push(to),
            Doing::Nothing | Doing::Pressed { .. } => {}
        }
    }

    /// Uses the tool at the crosshair: the first time begins a rectangle or a stroke, the second ends it.
    fn set(&mut self, turned: bool, size: Size) -> Key {
        let Some(at) = self.cross else {
            self.step(size, 0.0, 0.0);
            return Key::Taken;
        };
        if self.draws() && self.doing == Doing::Nothing {
            self.doing = match self.tool {
                Tool::Box => Doing::Framing(at, at),
                _ => Doing::Drawing(vec![at]),
            };
            return Key::Taken;
        }
        if !self.draws() {
            let touch = Touch { screen: at, at };
            self.doing = Doing::Pressed { touch, side: self.side(turned) };
        }
        self.end(size).map_or(Key::Taken, Key::Done)
    }

    /// What came of what was going on.
    fn end(&mut self, size: Size) -> Option<Result<Done, &'static str>> {
        match std::mem::replace(&mut self.doing, Doing::Nothing) {
            Doing::Nothing => None,
            Doing::Pressed { touch, .. } if !reaches(size, touch.at, 0.0) => {
                (self.tool != Tool::Move).then_some(Err(BESIDE))
            }
            Doing::Pressed { touch: Touch { at, .. }, .. } if self.tool == Tool::Move => {
                Some(Ok(Done::Pick(at)))
            }
            Doing::Pressed { touch: Touch { at, .. }, side } => {
                Some(Ok(Done::Point(Spot { x: at.x as f32, y: at.y as f32, side })))
            }
            Doing::Framing(from, to) => framed(from, to, size).transpose(),
            Doing::Drawing(path) => Some(self.stroke(path, size)),
        }
    }

    fn stroke(&self, path: Vec<Point>, size: Size) -> Result<Done, &'static str> {
        let side = if self.tool == Tool::Erase { Side::Outside } else { Side::Inside };
        match path.iter().any(|&at| reaches(size, at, self.radius)) {
            true => Ok(Done::Stroke(Stroke { path, radius: self.radius, side })),
            false => Err(BESIDE),
        }
    }
}

/// The tool that a key takes.
fn called(key: &str) -> Option<Tool> {
    Some(match key {
        "m" => Tool::Move,
        "i" => Tool::Include,
        "e" => Tool::Exclude,
        "b" => Tool::Box,
        "p" => Tool::Paint,
        "r" => Tool::Erase,
        _ => return None,
    })
}

/// Whether something of a picture is so near to a place.
fn reaches(size: Size, at: Point, radius: f64) -> bool {
    let along = |at: f64, length: u32| (-radius..f64::from(length) + radius).contains(&at);
    along(at.x, size.width) && along(at.y, size.height)
}

/// The part of a rectangle that is in the picture; nothing if it was hardly drawn.
fn framed(a: Point, b: Point, size: Size) -> Result<Option<Done>, &'static str> {
    let along = |a: f64, b: f64, length: u32| {
        let keep = |at: f64| at.clamp(0.0, length.into()) as f32;
        (keep(a.min(b)), keep(a.max(b)))
    };
    let ((xmin, xmax), (ymin, ymax)) = (along(a.x, b.x, size.width), along(a.y, b.y, size.height));
    if (a.x - b.x).abs() < 1.0 || (a.y - b.y).abs() < 1.0 {
        return Ok(None);
    }
    match xmax - xmin >= 1.0 && ymax - ymin >= 1.0 {
        true => Ok(Some(Done::Box(Area { xmin, ymin, xmax, ymax }))),
        false => Err(BESIDE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 100, height: 50 };

    fn at(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    fn touch(x: f64, y: f64) -> Touch {
        Touch { screen: at(x * 2.0, y * 2.0), at: at(x, y) }
    }

    fn point(x: f32, y: f32, side: Side) -> Done {
        Done::Point(Spot { x, y, side })
    }

    /// What comes of a pointer that goes this way.
    #[track_caller]
    fn check(
        tool: Tool,
        turned: bool,
        way: &[(f64, f64)],
        want: Option<Result<Done, &'static str>>,
    ) {
        let mut hand = Hand::new(tool);
        let touches: Vec<_> = way.iter().map(|&(x, y)| touch(x, y)).collect();
        hand.press(touches[0], turned);
        for &touch in &touches[1..] {
            hand.drag(touch);
        }
        assert_eq!(hand.lift(touches[touches.len() - 1], SIZE), want, "{tool:?} {way:?}");
        assert_eq!(hand.doing, Doing::Nothing);
    }

    #[test]
    fn a_press_sets_a_point_and_a_drag_does_not() {
        check(Tool::Include, false, &[(3.0, 4.0)], Some(Ok(point(3.0, 4.0, Side::Inside))));
        check(Tool::Include, true, &[(3.0, 4.0)], Some(Ok(point(3.0, 4.0, Side::Outside))));
        check(Tool::Exclude, false, &[(3.0, 4.0)], Some(Ok(point(3.0, 4.0, Side::Outside))));
        check(Tool::Exclude, true, &[(3.0, 4.0)], Some(Ok(point(3.0, 4.0, Side::Inside))));
        let shaken = [(3.0, 4.0), (4.0, 4.0), (5.5, 4.0)];
        check(Tool::Include, false, &shaken, Some(Ok(point(3.0, 4.0, Side::Inside))));
        check(Tool::Include, false, &[(3.0, 4.0), (9.0, 4.0)], None);
        check(Tool::Move, false, &[(3.0, 4.0)], Some(Ok(Done::Pick(at(3.0, 4.0)))));
        check(Tool::Move, false, &[(3.0, 4.0), (20.0, 4.0)], None);
    }

    #[test]
    fn what_is_beside_the_picture_is_said() {
        for way in [(-1.0, 4.0), (100.0, 4.0), (3.0, 50.5)] {
            check(Tool::Include, false, &[way], Some(Err(BESIDE)));
        }
        check(Tool::Move, false, &[(-1.0, 4.0)], None);
        check(Tool::Box, false, &[(-9.0, 4.0), (-3.0, 20.0)], Some(Err(BESIDE)));
        check(Tool::Paint, false, &[(-9.0, 4.0)], Some(Err(BESIDE)));
    }

    #[test]
    fn a_drag_draws_a_rectangle_within_the_picture() {
        let area = Area { xmin: 3.0, ymin: 0.0, xmax: 20.0, ymax: 40.0 };
        let way = [(20.0, 40.0), (11.0, 9.0), (3.0, -7.0)];
        check(Tool::Box, false, &way, Some(Ok(Done::Box(area))));
        check(Tool::Box, false, &[(20.0, 40.0)], None);
    }

    #[test]
    fn a_brush_keeps_its_way() {
        let stroke = |side| {
            Done::Stroke(Stroke { path: vec![at(3.0, 4.0), at(5.0, 6.0)], radius: 8.0, side })
        };
        let way = [(3.0, 4.0), (5.0, 6.0)];
        check(Tool::Paint, false, &way, Some(Ok(stroke(Side::Inside))));
        check(Tool::Erase, false, &way, Some(Ok(stroke(Side::Outside))));
    }

    #[test]
    fn a_second_finger_takes_it_back() {
        for tool in [Tool::Include, Tool::Box, Tool::Paint] {
            let mut hand = Hand::new(tool);
            hand.press(touch(3.0, 4.0), false);
            hand.cancel();
            hand.drag(touch(9.0, 9.0));
            assert_eq!(hand.lift(touch(3.0, 4.0), SIZE), None, "{tool:?}");
        }
    }

    #[test]
    fn all_tools_work_without_a_pointer() {
        let mut hand = Hand::new(Tool::Include);
        let mut press = |key: &str, shift: bool| hand.key(key, shift, (SIZE, 0.5));
        assert_eq!(press("Enter", false), Key::Taken, "the crosshair appears in the middle");
        assert_eq!(press("ArrowLeft", false), Key::Taken);
        assert_eq!(press("ArrowDown", true), Key::Taken);
        assert_eq!(press("Enter", false), Key::Done(Ok(point(45.0, 26.0, Side::Inside))));
        assert_eq!(press(" ", true), Key::Done(Ok(point(45.0, 26.0, Side::Outside))));
        for _ in 0..50 {
            press("ArrowUp", false);
        }
        assert_eq!(press("Enter", false), Key::Done(Ok(point(45.0, 0.5, Side::Inside))));
        assert_eq!(press("b", false), Key::Taken);
        for key in ["Enter", "ArrowDown", "ArrowRight"] {
            assert_eq!(press(key, false), Key::Taken, "{key}");
        }
        let area = Area { xmin: 45.0, ymin: 0.5, xmax: 50.0, ymax: 5.5 };
        assert_eq!(press("Enter", false), Key::Done(Ok(Done::Box(area))));
        press("r", false);
        press("Enter", false);
        press("ArrowLeft", false);
        let path = vec![at(50.0, 5.5), at(45.0, 5.5)];
        let stroke = Stroke { path, radius: 8.0, side: Side::Outside };
        assert_eq!(press("Enter", false), Key::Done(Ok(Done::Stroke(stroke))));
        press("Enter", false);
        assert_eq!(press("Escape", false), Key::Taken, "the stroke is given up");
        assert_eq!(press("Escape", false), Key::Taken, "the crosshair goes");
        assert_eq!(press("Escape", false), Key::Passed);
        assert_eq!(press("+", false), Key::Passed);
        press("m", false);
        assert_eq!(press("ArrowLeft", false), Key::Passed, "arrows move the picture");
    }
}
