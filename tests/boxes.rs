//! How well found boxes agree with true ones: see `recipes/detect/scores.py`.

use api::picture::Found;
use serde_json::Value;

/// Left, top, right, bottom.
pub fn sides(found: &Found) -> Vec<f32> {
    let area = found.area;
    vec![area.xmin, area.ymin, area.xmax, area.ymax]
}

fn overlap(a: &[f32], b: &[f32]) -> f32 {
    let side = |at: usize| (a[at + 2].min(b[at + 2]) - a[at].max(b[at])).max(0.);
    let area = |a: &[f32]| (a[2] - a[0]) * (a[3] - a[1]);
    let both = side(0) * side(1);
    both / (area(a) + area(b) - both)
}

/// What a found thing and a true one have in common.
pub type Thing = (String, Vec<f32>);

/// For each found thing, the surest first, whether it is the first on a true one of its label.
pub fn hits(found: &[&Found], things: &[Thing]) -> Vec<bool> {
    let mut free: Vec<&Thing> = things.iter().collect();
    let hit = |one: &&Found| {
        let sides = sides(one);
        let fits = |thing: &Thing| thing.0 == one.label && overlap(&sides, &thing.1) >= 0.5;
        let nearest = |&a: &usize, &b: &usize| {
            overlap(&sides, &free[a].1).total_cmp(&overlap(&sides, &free[b].1))
        };
        let best = (0..free.len()).filter(|at| fits(free[*at])).max_by(nearest);
        best.map(|at| free.remove(at)).is_some()
    };
    found.iter().map(hit).collect()
}

/// The area under precision by recall for one label over all pictures.
pub fn average_precision(label: &str, all: &[(Vec<Found>, Vec<Thing>)]) -> f64 {
    let (mut marked, mut total) = (Vec::new(), 0);
    for (found, things) in all {
        total += things.iter().filter(|thing| thing.0 == label).count();
        let own: Vec<&Found> = found.iter().filter(|one| one.label == label).collect();
        marked.extend(own.iter().map(|one| one.score).zip(hits(&own, things)));
    }
    marked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut hit, mut curve) = (0, Vec::new());
    for (seen, (_, right)) in (1..).zip(&marked) {
        hit += usize::from(*right);
        curve.push((f64::from(hit as u32) / f64::from(seen), *right));
    }
    let mut best = 0f64;
    let raised = curve.iter().rev().map(|(precision, right)| {
        best = best.max(*precision);
        if *right { best } else { 0. }
    });
    raised.sum::<f64>() / total as f64
}

/// A thing of a file that an `evaluate.py` wrote.
pub fn of(value: &Value) -> Thing {
    let sides = serde_json::from_value(value["box"].clone()).unwrap();
    (value["label"].as_str().unwrap().into(), sides)
}
