//! Starts the page.

fn main() {
    page::start();
}
