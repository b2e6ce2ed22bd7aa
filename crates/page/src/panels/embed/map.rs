//! Texts as points on a plane.

use leptos::prelude::*;

use super::{FIRST, SECOND};
use crate::{
    desk::views::asks,
    embed::{lists::read, plane::plane, session::Session, table::Placed},
    format::percent,
    part::part,
};

/// The map in its own units, with a margin for points at the edge.
const WIDE: f32 = 640.0;
const HIGH: f32 = 420.0;
const MARGIN: f32 = 24.0;
/// Height of a line of letters.
const LINE: f32 = 17.0;
/// More points than this are not drawn.
const MOST_POINTS: usize = 1_000;
/// Up to this many, every point shows its text at once.
const FEW: usize = 16;
/// Letters of a text that are shown beside its point.
const LETTERS: usize = 34;

/// A text on the map.
#[derive(Clone, Debug, PartialEq)]
struct Point {
    text: String,
    list: &'static str,
    x: f32,
    y: f32,
    /// Where its words stand.
    words_y: f32,
}

const LISTS: [&str; 2] = ["first", "second"];

#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    points: Vec<Point>,
    /// What the map cannot show, and what it leaves out.
    note: String,
}

/// Both lists as points on a plane.
#[component]
pub fn Map(
    /// Whose texts.
    session: Session,
) -> impl IntoView {
    let drawn = session.desk.result::<Drawn>();
    let draw = move || {
        let of = |typed: RwSignal<String>| typed.with_untracked(|typed| read(typed)).all;
        let (first, second) = (of(session.first), of(session.second));
        let count = first.len();
        if count + second.len() < 2 {
            let missing = "a map needs two texts at least: write them into the lists";
            return session.desk.notice.set(Some(missing.into()));
        }
        session.place(vec![(FIRST, first), (SECOND, second)], move |placed| {
            drawn.try_set(Some(laid_out(&placed.concat(), count)));
        });
    };
    view! {
        <div class="actions">
            {asks(session.desk, "Draw the map", draw)}
            <p class="quiet">
                "Of the texts of both lists. What is near on the map is often, not always, near in meaning."
            </p>
        </div>
        {part(move || drawn.get().map(picture))}
    }
    .into_any()
}

/// The points on the map; those before `count` are of the first list.
fn laid_out(all: &[Placed], count: usize) -> Drawn {
    let some = &all[..all.len().min(MOST_POINTS)];
    let vectors: Vec<_> = some.iter().map(|placed| placed.at.vector.as_slice()).collect();
    let flat = plane(&vectors);
    let reach = [0, 1].map(|axis: usize| {
        let most = flat.points.iter().map(|point| point[axis].abs()).fold(0.0, f32::max);
        if most > 0.0 { most } else { 1.0 }
    });
    let place = |(at, (placed, point)): (usize, (&Placed, &[f32; 2]))| {
        let along = |axis: usize, length: f32| {
            length / 2.0 + point[axis] / reach[axis] * (length / 2.0 - MARGIN)
        };
        let (x, y) = (along(0, WIDE), along(1, HIGH));
        let list = LISTS[usize::from(at >= count)];
        Point { text: placed.text.clone(), list, x, y, words_y: y }
    };
    let mut points: Vec<_> = some.iter().zip(&flat.points).enumerate().map(place).collect();
    if points.len() <= FEW {
        spread(&mut points);
    }
    let [across, down] = flat.shown.map(|share| percent((share * 1e4) as u64, 10_000));
    let left = match all.len() - some.len() {
        0 => String::new(),
        more => format!(" Only the first {MOST_POINTS} texts are drawn; {more} more are left out."),
    };
    let note = format!(
        "Principal components: across shows {across} % of all differences, down {down} %.{left}"
    );
    Drawn { points, note }
}

/// Moves words down or up until no two lines lie on each other.
fn spread(points: &mut [Point]) {
    points.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut ceiling = f32::MIN;
    for point in points.iter_mut() {
        point.words_y = point.words_y.max(ceiling);
        ceiling = point.words_y + LINE;
    }
    let mut floor = HIGH - MARGIN / 2.0;
    for point in points.iter_mut().rev() {
        point.words_y = point.words_y.min(floor);
        floor = point.words_y - LINE;
    }
}

fn picture(Drawn { points, note }: Drawn) -> AnyView {
    let few = points.len() <= FEW;
    view! {
        <figure class="map">
            <svg viewBox=format!("0 0 {WIDE} {HIGH}") class:few=few role="list" aria-label="Map of the texts">
                {points.into_iter().map(drawn).collect_view()}
            </svg>
            <figcaption>
                <span class="key first">{FIRST}</span>
                <span class="key second">{SECOND}</span>
                <small>{note}</small>
            </figcaption>
        </figure>
    }
    .into_any()
}

fn drawn(Point { text, list, x, y, words_y }: Point) -> AnyView {
    let (anchor, words_x) = if x > WIDE * 0.55 { ("end", x - 12.0) } else { ("start", x + 12.0) };
    let begin: String = text.chars().take(LETTERS).collect();
    let begin = if begin.len() < text.len() { format!("{begin}…") } else { begin };
    // A circle, or a square: told apart without colours.
    let corner = if list == LISTS[0] { "6" } else { "1" };
    view! {
        <g class=format!("point {list}") role="listitem" tabindex="0" aria-label=format!("{text}, {list} list")>
            <rect x=(x - 6.0).to_string() y=(y - 6.0).to_string() width="12" height="12" rx=corner></rect>
            <text x=words_x.to_string() y=(words_y + 5.0).to_string() text-anchor=anchor aria-hidden="true">{begin}</text>
        </g>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use api::embed::Embedding;

    use super::*;

    #[test]
    fn every_point_and_its_words_lie_on_the_map() {
        let placed = |at: usize| {
            let vector = vec![(at % 3) as f32, (at % 5) as f32 * 0.01, 1.0];
            let at = Rc::new(Embedding { vector, tokens: 3, read_tokens: 3 });
            Placed { text: "x".into(), at }
        };
        let all: Vec<_> = (0..FEW).map(placed).collect();
        let Drawn { points, note } = laid_out(&all, 4);
        assert!(note.contains('%'), "{note}");
        assert_eq!(points.iter().filter(|point| point.list == "first").count(), 4);
        let lines: Vec<_> = points.iter().map(|point| point.words_y).collect();
        assert!(lines.windows(2).all(|two| two[1] - two[0] >= LINE - 0.01), "{lines:?}");
        assert!(points.iter().all(|p| (0.0..=WIDE).contains(&p.x) && (0.0..=HIGH).contains(&p.y)));
    }
}
