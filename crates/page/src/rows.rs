//! Rows that stay while their keys do.

use leptos::prelude::*;

/// A row before it is drawn, its type forgotten: leptos' `For` is 8 kB for each type it is used with.
struct Row {
    key: String,
    draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// One row for each of `each`; a row is drawn again when its key is new.
pub fn rows<T: Send + 'static>(
    each: impl Fn() -> Vec<T> + Send + Sync + 'static,
    key: impl Fn(&T) -> String + Send + Sync + 'static,
    draw: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let row = move |item| Row { key: key(&item), draw: Box::new(move || draw(item)) };
    list(Box::new(move || each().into_iter().map(&row).collect()))
}

fn list(each: Box<dyn Fn() -> Vec<Row> + Send + Sync>) -> AnyView {
    view! { <For each=each key=|row| row.key.clone() children=|row| (row.draw)()/> }.into_any()
}
