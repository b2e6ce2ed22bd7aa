//! Small pictures, drawn with the colour of the text beside them.

use leptos::prelude::*;

/// A picture by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they mean")]
pub enum Icon {
    Branch,
    Brush,
    Camera,
    Caption,
    Chat,
    Check,
    Close,
    Compare,
    Copy,
    Cut,
    Depth,
    Detect,
    Down,
    Download,
    Edit,
    Eraser,
    Exclude,
    Frame,
    Hand,
    Include,
    Find,
    Languages,
    Label,
    Left,
    Link,
    Match,
    Menu,
    Microphone,
    Minus,
    Moon,
    Narrate,
    New,
    Open,
    Picture,
    Pulse,
    Redo,
    Question,
    Refresh,
    Right,
    Screen,
    Send,
    Settings,
    Shelf,
    Shorten,
    Speaker,
    Stop,
    Sun,
    Swap,
    Undo,
    Unload,
    Whole,
}

impl Icon {
    /// Strokes on a field of 24 by 24.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Branch => "M6 4v16M6 14c8 0 12-2 12-8M15 8l3-3 3 3",
            Self::Brush => "M19 4l-8 8M11 12l2 2 7-9M11 12c-3 0-4 2-4 4s-2 3-4 3c2 2 9 2 10-3",
            Self::Camera => "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
            Self::Caption => "M4 4h16v9H4zM7 10l3-3 3 3M4 17h16M4 21h10",
            Self::Chat => "M4 5h16v11h-8l-5 4v-4H4z",
            Self::Check => "M5 13l4 4L19 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Compare => "M4 6h7M4 12h5M4 18h7M20 6h-5M20 12h-7M20 18h-5",
            Self::Copy => "M9 9h10v11H9zM15 9V4H5v11h4",
            Self::Cut => {
                "M6 15a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM6 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8.500 8L20 19M8.500 16L20 5"
            }
            Self::Depth => "M9 9h6v6H9zM3 3h18v18H3zM3 3l6 6M21 3l-6 6M3 21l6-6M21 21l-6-6",
            Self::Detect => "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9 9h6v6H9z",
            Self::Down => "M12 5v14M6 13l6 6 6-6",
            Self::Download => "M12 4v11M7 11l5 5 5-5M5 20h14",
            Self::Edit => "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
            Self::Eraser => "M4 15l9-9 7 7-6 6H8zM9 10l7 7M14 19h6",
            Self::Exclude => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8 12h8",
            Self::Frame => "M4 7h16v10H4zM3 6h2v2H3zM19 16h2v2h-2z",
            Self::Hand => "M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3",
            Self::Include => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8 12h8M12 8v8",
            Self::Find => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4 4",
            Self::Languages => "M4 6h9M8 4v2M11 6c0 4-3 7-7 9M6 9l6 6M12 20l4-10 4 10M14 17h5",
            Self::Label => "M4 4h8l8 8-8 8-8-8zM8 8h.1",
            Self::Left => "M14 6l-6 6 6 6",
            Self::Link => "M10 14l4-4M11 7l2-2a4 4 0 0 1 6 6l-2 2M13 17l-2 2a4 4 0 0 1-6-6l2-2",
            Self::Match => "M4 4h16v7H4zM8 20h12M4 16l2 2 4-4",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Microphone => "M9 6v5a3 3 0 0 0 6 0V6a3 3 0 0 0-6 0zM6 11a6 6 0 0 0 12 0M12 17v4",
            Self::Minus => "M5 12h14",
            Self::Moon => "M19 14.5A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.5z",
            Self::Narrate => {
                "M3 5h11v14H3zM3 16l4-4 3 3 4-4M17 9a4 4 0 0 1 0 6M19 6a8 8 0 0 1 0 12"
            }
            Self::New => "M12 5v14M5 12h14",
            Self::Open => "M4 19V5h6l2 3h8v3M4 19l3-8h14l-3 8z",
            Self::Picture => "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.1",
            Self::Pulse => "M3 12h4l3-7 4 14 3-7h4",
            Self::Redo => "M19 9H9a5 5 0 0 0 0 10h6M15 5l4 4-4 4",
            Self::Question => "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 17v.1M4 4h16v16H4z",
            Self::Refresh => "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
            Self::Right => "M10 6l6 6-6 6",
            Self::Screen => "M4 5h16v11H4zM9 20h6M12 16v4",
            Self::Send => "M12 19V5M6 11l6-6 6 6",
            Self::Settings => "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
            Self::Shelf => "M4 4v16h16V4M4 12h16M8 12V7h3v5M14 20v-5h3v5",
            Self::Shorten => "M4 6h16M4 11h16M4 16h7",
            Self::Speaker => "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18 6a8 8 0 0 1 0 12",
            Self::Stop => "M7 7h10v10H7z",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4"
            }
            Self::Swap => "M4 9h15M15 5l4 4-4 4M20 16H5M9 12l-4 4 4 4",
            Self::Undo => "M5 9h10a5 5 0 0 1 0 10H9M9 5L5 9l4 4",
            Self::Unload => "M12 15V4M7 9l5-5 5 5M5 20h14",
            Self::Whole => "M9 4H4v5M15 4h5v5M20 15v5h-5M4 15v5h5",
        }
    }

    /// The picture; screen readers pass over it.
    pub fn view(self) -> impl IntoView {
        view! {
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <path d=self.strokes()></path>
            </svg>
        }
    }
}
