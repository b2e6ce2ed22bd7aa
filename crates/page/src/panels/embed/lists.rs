//! Two lists as a table of how alike their texts are.

use leptos::prelude::*;

use super::{FIRST, SECOND, TEXTS};
use crate::{
    desk::{
        Desk,
        field::Field,
        views::{asks, copies, entry, notice},
    },
    embed::{
        lists::read,
        session::Session,
        table::{MOST_CELLS, Placed, Table, cut, shown, vectors_json},
    },
    icon::Icon,
    menu::Menu,
    part::{during, part},
    picker::title,
};

/// Rows and columns that are drawn; files hold all.
const MOST_SHOWN: usize = 40;
/// Steps of the colours, to each side of 0.
const STEPS: f32 = 10.0;

/// Every text of one list beside every one of another.
#[component]
pub fn Lists(
    /// Whose texts.
    session: Session,
) -> impl IntoView {
    let table = session.desk.result::<Table>();
    let compare = move || {
        let of = |typed: RwSignal<String>| typed.with_untracked(|typed| read(typed)).all;
        let (first, second) = (of(session.first), of(session.second));
        match checked(first.len(), second.len()) {
            Err(why) => session.desk.notice.set(Some(why)),
            Ok(()) => session.place(vec![(FIRST, first), (SECOND, second)], move |placed| {
                table.try_set(<[_; 2]>::try_from(placed).ok().map(|[a, b]| Table::new(a, b)));
            }),
        }
    };
    view! {
        <div class="lists">
            <Field desk=session.desk kind=TEXTS name=FIRST typed=session.first/>
            <Field desk=session.desk kind=TEXTS name=SECOND typed=session.second/>
        </div>
        <div class="actions">
            {asks(session.desk, "Compare", compare)}
            {during(move || table.with(Option::is_some), move || save(session.desk, table))}
        </div>
        {part(move || table.with(|table| table.as_ref().map(|table| heatmap(session, table))))}
    }
    .into_any()
}

fn checked(rows: usize, columns: usize) -> Result<(), String> {
    match (rows, columns) {
        (0, _) => Err("the first list is empty: write one text a line".into()),
        (_, 0) => Err("the second list is empty: write one text a line".into()),
        _ if rows.saturating_mul(columns) > MOST_CELLS => Err(format!(
            "{rows} × {columns} pairs are too many for a table (at most {MOST_CELLS}): shorten a list, or use \
             Search"
        )),
        _ => Ok(()),
    }
}

/// What can be taken away.
fn save(desk: Desk, table: RwSignal<Option<Table>, LocalStorage>) -> AnyView {
    let written = move |write: fn(&Table, &str) -> String| {
        let name = title(&desk.model.get_untracked());
        table.with_untracked(|table| {
            table.as_ref().map(|table| write(table, &name)).unwrap_or_default()
        })
    };
    let save = move |name: &'static str, write| desk.save(name, &written(write));
    view! {
        {copies(desk, "Copy table", move || written(|table, _| table.tabbed()))}
        <Menu name="Save" icon=Icon::Download>
            {entry("Table as CSV", move || save("cosines.csv", |table, _| table.csv()))}
            {entry("Table as JSON", move || save("cosines.json", Table::json))}
            {entry("Vectors as JSON", move || save("vectors.json", vectors))}
        </Menu>
    }
    .into_any()
}

fn vectors(table: &Table, model: &str) -> String {
    let all: Vec<Placed> = [&table.first[..], &table.second[..]].concat();
    vectors_json(model, &all)
}

fn heatmap(session: Session, table: &Table) -> AnyView {
    let (rows, columns) = (table.first.len().min(MOST_SHOWN), table.second.len().min(MOST_SHOWN));
    let all = (table.first.len(), table.second.len());
    let more = ((rows, columns) != all).then(|| {
        format!("The first {rows} × {columns} of {} × {}; the files hold all.", all.0, all.1)
    });
    let long = cut(&[&table.first[..], &table.second[..]].concat(), session.window_tokens());
    let head = table.second[..columns].iter();
    let head = head.map(|placed| view! { <th scope="col">{placed.text.clone()}</th> });
    let row = |at: usize| {
        let cosines = &table.row(at)[..columns];
        let best = cosines.iter().copied().fold(f32::MIN, f32::max);
        let cell = |cosine: &f32| {
            let (class, number) = (class(*cosine, best), shown(*cosine));
            view! { <td class=class>{number}</td> }
        };
        let cells = cosines.iter().map(cell).collect_view();
        view! { <tr><th scope="row">{table.first[at].text.clone()}</th>{cells}</tr> }
    };
    view! {
        {long.map(notice)}
        <div class="scroll heat" role="region" tabindex="0" aria-label="How alike the texts are">
            <table>
                <caption>"Cosine of each pair; the nearest of each row is bold."</caption>
                <thead><tr><td></td>{head.collect_view()}</tr></thead>
                <tbody>{(0..rows).map(row).collect_view()}</tbody>
            </table>
        </div>
        {more.map(|more| view! { <p class="quiet">{more}</p> })}
    }
    .into_any()
}

/// The colour of a cosine, and whether it is the best of its row.
fn class(cosine: f32, best: f32) -> String {
    let step = (cosine.abs().min(1.0) * STEPS).round() as u32;
    let side = if cosine < 0.0 { "cold" } else { "warm" };
    format!("{side}-{step}{}", if cosine >= best { " best" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_for_every_cosine() {
        assert_eq!(class(0.7027, 0.7027), "warm-7 best");
        assert_eq!(class(-0.26, 0.1), "cold-3");
        assert_eq!(class(1.000_001, 2.0), "warm-10");
        assert!(checked(0, 1).is_err() && checked(1, 0).is_err() && checked(2_000, 2_000).is_err());
        assert!(checked(1_000, 1_000).is_ok());
    }
}
