//! What a person cuts out of one picture: things, each with what was pointed at and the mask that came of it.

use std::sync::Arc;

use api::{
    picture::{Area, Mask},
    segment::{Candidate, MOST_POINTS, Prompt, Side, Spot},
};

use crate::{
    canvas::{
        Point,
        hand::Stroke,
        mask::{self, area, brushed, fits, holds, of_spans, turned, union, without},
    },
    format::capital,
    picture::header::Size,
};

/// What a thing is called until it is named.
pub const UNNAMED: &str = "thing";

/// A mask that may be what was meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Its pixels.
    pub mask: Arc<Mask>,
    /// How well the model believes to have met the outline.
    pub score: f32,
}

/// One thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// No other thing of the picture has it.
    pub id: u32,
    /// What it is called.
    pub label: String,
    /// What was pointed at.
    pub prompt: Prompt,
    /// The prompt that the choices answer; a different one is still to be asked.
    pub answered: Prompt,
    /// What may be meant, the likeliest first.
    pub choices: Vec<Choice>,
    /// Which of them is chosen.
    pub chosen: usize,
    /// What was painted and rubbed out by hand.
    pub strokes: Vec<Stroke>,
    /// What is chosen, with the strokes; `None` before anything is there.
    pub mask: Option<Arc<Mask>>,
    /// Whether it is shown, edited and saved.
    pub used: bool,
}

/// What may be meant with each thing of an answer: its label, its prompt and its masks.
pub type Named = (String, Prompt, Vec<Candidate>);

/// All things of a picture, and the one that is worked on.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// In the order in which they came.
    pub things: Vec<Thing>,
    /// Id of the one that is worked on.
    pub current: u32,
    size: Size,
    next: u32,
}

impl Thing {
    fn new(id: u32, label: String) -> Self {
        Self {
            id,
            label,
            prompt: Prompt::default(),
            answered: Prompt::default(),
            choices: Vec::new(),
            chosen: 0,
            strokes: Vec::new(),
            mask: None,
            used: true,
        }
    }

    /// Whether nothing was done for it yet.
    fn is_blank(&self) -> bool {
        self.prompt == Prompt::default() && self.mask.is_none()
    }

    /// How well the model believes to have met its outline; `None` if it was made by hand.
    pub fn score(&self) -> Option<f32> {
        self.choices.get(self.chosen).map(|choice| choice.score)
    }

    /// Pixels of its mask.
    pub fn area(&self) -> u64 {
        self.mask.as_deref().map_or(0, area)
    }

    /// Lays the strokes over what is chosen.
    fn settle(&mut self, size: Size) {
        let chosen = self.choices.get(self.chosen).map(|choice| choice.mask.clone());
        if self.strokes.is_empty() {
            self.mask = chosen;
            return;
        }
        let mut mask = chosen.map_or_else(|| of_spans(size, Vec::new()), Arc::unwrap_or_clone);
        for stroke in &self.strokes {
            let touched = brushed(size, &stroke.path, stroke.radius);
            mask = match stroke.side {
                Side::Inside => union(&mask, &touched),
                Side::Outside => without(&mask, &touched),
            };
        }
        self.mask = Some(Arc::new(mask));
    }
}

impl Work {
    /// Nothing was done with a picture of this size yet.
    pub fn new(size: Size) -> Self {
        Self { things: vec![Thing::new(1, UNNAMED.into())], current: 1, size, next: 2 }
    }

    /// The picture's size.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The thing that is worked on.
    pub fn now(&self) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.id == self.current)
    }

    fn with_now(&mut self, change: impl FnOnce(&mut Thing, Size)) {
        let (current, size) = (self.current, self.size);
        if let Some(thing) = self.things.iter_mut().find(|thing| thing.id == current) {
            change(thing, size);
        }
    }

    /// Sets a point; what is beyond the most that can be asked falls away.
    pub fn point(&mut self, spot: Spot) {
        self.with_now(|thing, _| {
            if thing.prompt.points.len() < MOST_POINTS {
                thing.prompt.points.push(spot);
            }
        });
    }

    /// Draws the box anew.
    pub fn frame(&mut self, area: Area) {
        self.with_now(|thing, _| thing.prompt.area = Some(area));
    }

    /// Paints or rubs out.
    pub fn stroke(&mut self, stroke: Stroke) {
        self.with_now(|thing, size| {
            thing.strokes.push(stroke);
            thing.settle(size);
        });
    }

    /// Chooses another of the masks that may be meant.
    pub fn choose(&mut self, chosen: usize) {
        self.with_now(|thing, size| {
            thing.chosen = chosen;
            thing.settle(size);
        });
    }

    /// Begins another thing.
    pub fn begin(&mut self) {
        match self.things.iter().find(|thing| thing.is_blank()).map(|thing| thing.id) {
            Some(blank) => self.current = blank,
            None => self.current = self.push(UNNAMED.into()),
        }
    }

    fn push(&mut self, label: String) -> u32 {
        let id = self.next;
        self.next += 1;
        self.things.push(Thing::new(id, label));
        id
    }

    /// Forgets a thing.
    pub fn remove(&mut self, id: u32) {
        self.things.retain(|thing| thing.id != id);
        if self.current == id {
            self.begin();
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.things.clear();
        self.begin();
    }

    /// Works on a thing again.
    pub fn pick(&mut self, id: u32) {
        if self.things.iter().any(|thing| thing.id == id) {
            self.current = id;
        }
    }

    /// The smallest of the things that are shown at a place.
    pub fn at(&self, place: Point) -> Option<u32> {
        let there = |thing: &&Thing| thing.mask.as_ref().is_some_and(|mask| holds(mask, place));
        let found = self.used().filter(there).min_by_key(|thing| thing.area());
        found.map(|thing| thing.id)
    }

    /// Changes something about a thing that is no matter of its mask.
    pub fn change(&mut self, id: u32, change: impl FnOnce(&mut Thing)) {
        if let Some(thing) = self.things.iter_mut().find(|thing| thing.id == id) {
            change(thing);
        }
    }

    /// The things that are shown, edited and saved.
    pub fn used(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|thing| thing.used && thing.mask.is_some())
    }

    /// What is still to be asked: a thing, and what was pointed at.
    pub fn asked(&self) -> Option<(u32, Prompt)> {
        let thing = self.now()?;
        let asks = !thing.prompt.points.is_empty() || thing.prompt.area.is_some();
        (asks && thing.prompt != thing.answered).then(|| (thing.id, thing.prompt.clone()))
    }

    /// What came of a question; nothing if something else was pointed at meanwhile.
    pub fn hear(&mut self, id: u32, prompt: &Prompt, candidates: &[Candidate]) {
        let size = self.size;
        self.change(id, |thing| {
            if thing.prompt == *prompt {
                thing.answered = prompt.clone();
                thing.choices = choices(candidates, size);
                thing.chosen = 0;
                thing.settle(size);
            }
        });
    }

    /// Adds the things of an answer that have pixels, and tells how many those are. A thing for which nothing was
    /// done gives way to them.
    pub fn add(&mut self, named: Vec<Named>) -> usize {
        let size = self.size;
        let sound: Vec<_> = named
            .into_iter()
            .map(|(label, prompt, candidates)| (label, prompt, choices(&candidates, size)))
            .filter(|(_, _, choices)| choices.first().is_some_and(|best| area(&best.mask) > 0))
            .collect();
        let count = sound.len();
        if count > 0 {
            self.things.retain(|thing| !thing.is_blank());
        }
        for (label, prompt, choices) in sound {
            let id = self.push(label);
            self.current = id;
            self.with_now(|thing, size| {
                thing.answered = prompt.clone();
                thing.prompt = prompt;
                thing.choices = choices;
                thing.settle(size);
            });
        }
        count
    }

    /// All pixels of what is shown, or all others; `None` if that is nothing.
    pub fn meant(&self, inside: bool) -> Option<Mask> {
        let mut masks = self.used().filter_map(|thing| thing.mask.as_deref());
        let first = masks.next()?.clone();
        let all = masks.fold(first, |all, mask| union(&all, mask));
        let meant = if inside { all } else { turned(&all) };
        (area(&meant) > 0).then_some(meant)
    }

    /// The thing that is worked on, in a sentence.
    pub fn told(&self) -> String {
        let Some(thing) = self.now() else { return String::new() };
        let count = self.things.iter().filter(|thing| thing.mask.is_some()).count();
        let all = match count {
            0 | 1 => String::new(),
            _ => format!(" There are {count} things in all."),
        };
        let part = super::share(thing.area(), self.size.pixels());
        let name = format!("{} {}", capital(&thing.label), thing.id);
        match (&thing.mask, thing.score()) {
            (None, _) => format!("Nothing is cut out yet: press a thing in the picture.{all}"),
            (Some(_), _) if thing.area() == 0 => {
                format!("Not a pixel belongs to it: point at another place of the thing.{all}")
            }
            (Some(_), Some(score)) => format!(
                "{name} covers {part} of the picture; the model believes to have met {} of its outline.{all}",
                super::believed(score)
            ),
            (Some(_), None) => format!("{name} covers {part} of the picture.{all}"),
        }
    }
}

/// The candidates whose masks are of the picture.
fn choices(candidates: &[Candidate], size: Size) -> Vec<Choice> {
    let sound = candidates.iter().filter(|candidate| fits(&candidate.mask, size));
    let choice = |c: &Candidate| Choice { mask: Arc::new(c.mask.clone()), score: c.score };
    sound.map(choice).collect()
}

/// The rectangle around a mask.
pub fn around(mask: &Mask) -> Option<Area> {
    let [xmin, ymin, xmax, ymax] = mask::bounds(mask)?.map(|edge| edge as f32);
    Some(Area { xmin, ymin, xmax, ymax })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::canvas::mask::Span;

    pub(crate) const SIZE: Size = Size { width: 4, height: 3 };

    pub(crate) fn work() -> Work {
        Work::new(SIZE)
    }

    /// A candidate that is a rectangle: left, top, right, bottom.
    pub(crate) fn candidate([left, top, right, bottom]: [u32; 4], score: f32) -> Candidate {
        let rows = (top..bottom).map(|y| Span { y, from: left, to: right }).collect();
        Candidate { mask: of_spans(SIZE, rows), score, area: None }
    }

    fn spot(x: f32, y: f32) -> Spot {
        Spot { x, y, side: Side::Inside }
    }

    fn stroke(x: f64, y: f64, side: Side) -> Stroke {
        Stroke { path: vec![Point { x, y }], radius: 0.1, side }
    }

    fn answer(work: &mut Work, candidates: &[Candidate]) {
        let (id, prompt) = work.asked().unwrap();
        work.hear(id, &prompt, candidates);
    }

    #[test]
    fn a_point_is_asked_once_and_answered() {
        let mut work = work();
        assert_eq!(work.asked(), None);
        work.point(spot(1.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 2, 2], 0.9), candidate([0, 0, 1, 1], 0.8)]);
        assert_eq!(work.asked(), None);
        assert_eq!(work.now().unwrap().area(), 4);
        work.choose(1);
        assert_eq!((work.now().unwrap().area(), work.now().unwrap().score()), (1, Some(0.8)));
        assert_eq!(work.asked(), None, "another choice asks nothing");
        work.frame(Area { xmin: 0.0, ymin: 0.0, xmax: 2.0, ymax: 2.0 });
        assert_eq!(work.asked().unwrap().1.points, [spot(1.0, 1.0)]);
    }

    #[test]
    fn an_answer_that_comes_too_late_changes_nothing() {
        let mut work = work();
        work.point(spot(1.0, 1.0));
        let (id, prompt) = work.asked().unwrap();
        work.point(spot(2.0, 2.0));
        let before = work.clone();
        work.hear(id, &prompt, &[candidate([0, 0, 2, 2], 0.9)]);
        assert_eq!(work, before);
        work.remove(id);
        work.hear(id, &prompt, &[candidate([0, 0, 2, 2], 0.9)]);
        assert_eq!(work.meant(true), None);
    }

    #[test]
    fn strokes_stay_on_whatever_is_chosen() {
        let mut work = work();
        work.stroke(stroke(3.5, 2.5, Side::Inside));
        assert_eq!((work.now().unwrap().area(), work.now().unwrap().score()), (1, None));
        assert_eq!(work.asked(), None, "what is painted asks nothing");
        work.point(spot(1.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 2, 2], 0.9), candidate([0, 0, 1, 1], 0.8)]);
        assert_eq!(work.now().unwrap().area(), 5);
        work.stroke(stroke(0.5, 0.5, Side::Outside));
        assert_eq!(work.now().unwrap().area(), 4);
        work.choose(1);
        assert_eq!(work.now().unwrap().area(), 1);
    }

    #[test]
    fn things_come_and_go() {
        let mut work = work();
        work.begin();
        assert_eq!(work.things.len(), 1, "a thing for which nothing was done serves");
        work.point(spot(1.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 4, 2], 0.9)]);
        work.begin();
        work.point(spot(1.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 2, 1], 0.9)]);
        assert_eq!(work.at(Point { x: 1.0, y: 0.5 }), Some(2), "the smaller of two");
        assert_eq!(work.at(Point { x: 3.0, y: 0.5 }), Some(1));
        assert_eq!(work.at(Point { x: 3.0, y: 2.5 }), None);
        work.change(2, |thing| thing.used = false);
        assert_eq!(work.at(Point { x: 1.0, y: 0.5 }), Some(1), "what is hidden is not pressed");
        work.remove(2);
        assert_eq!((work.things.len(), work.current), (2, 3));
        work.clear();
        assert_eq!((work.things.len(), work.meant(true)), (1, None));
    }

    #[test]
    fn edits_are_of_all_that_is_shown_or_of_the_rest() {
        let mut work = work();
        assert_eq!((work.meant(true), work.meant(false)), (None, None), "nothing is cut out yet");
        let thing =
            |rectangle| (String::from("a"), Prompt::default(), vec![candidate(rectangle, 0.5)]);
        assert_eq!(
            work.add(vec![thing([0, 0, 2, 3]), thing([1, 0, 3, 3]), thing([0, 0, 0, 0])]),
            2
        );
        let pixels = |inside| work.meant(inside).map(|mask| area(&mask));
        assert_eq!((pixels(true), pixels(false)), (Some(9), Some(3)));
        work.change(3, |thing| thing.used = false);
        assert_eq!(work.meant(true).map(|mask| area(&mask)), Some(6));
        work.add(vec![thing([0, 0, 4, 3])]);
        assert_eq!(work.meant(false), None, "there is no rest");
    }

    #[test]
    fn masks_of_another_size_are_not_taken() {
        let mut work = work();
        let mut odd = candidate([0, 0, 2, 2], 0.9);
        odd.mask.runs.push(1);
        assert_eq!(work.add(vec![("a".into(), Prompt::default(), vec![odd])]), 0);
        assert_eq!(work.things.len(), 1);
    }

    #[test]
    fn what_there_is_is_told() {
        let mut work = work();
        assert!(work.told().starts_with("Nothing is cut out yet"));
        work.point(spot(1.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 4, 1], 0.5)]);
        let told = "Thing 1 covers 33.3 % of the picture; the model believes to have met 50 % of its outline.";
        assert_eq!(work.told(), told);
        work.point(spot(2.0, 1.0));
        answer(&mut work, &[candidate([0, 0, 0, 0], 0.5)]);
        assert!(work.told().starts_with("Not a pixel belongs to it"));
    }
}
