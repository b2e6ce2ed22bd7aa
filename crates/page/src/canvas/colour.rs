//! A colour for every label, the same wherever it is shown.

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Steps around the circle of hues.
const HUES: u32 = 24;

impl Colour {
    /// The colour of a label.
    pub fn of(label: &str) -> Self {
        // FNV-1a: small, and the same on every machine.
        let hash = label
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        // Its low bits depend on few of the text's.
        let mixed = hash ^ hash >> 15;
        let lightness = [0.38, 0.55, 0.72][(mixed / HUES % 3) as usize];
        Self::from_hue(f64::from(mixed % HUES) * 360.0 / f64::from(HUES), lightness)
    }

    /// The blue in which masks are usually shown.
    pub const DODGER: Self = Self([30, 144, 255]);

    /// A grey between black, 0, and white, 255.
    pub fn grey(value: u8) -> Self {
        Self([value; 3])
    }

    /// A full colour of a hue in degrees and a lightness between 0 and 1.
    fn from_hue(hue: f64, lightness: f64) -> Self {
        let reach = 0.85 * lightness.min(1.0 - lightness);
        Self([0.0, 8.0, 4.0].map(|shift| {
            let k = (shift + hue / 30.0) % 12.0;
            let value = lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
            (value * 255.0).round() as u8
        }))
    }

    /// Black or white, whichever is read more easily on it.
    pub fn ink(self) -> Self {
        let [black, white] = [Self([0; 3]), Self([255; 3])];
        if self.contrast(black) > self.contrast(white) { black } else { white }
    }

    /// How much two colours differ in brightness: 1 to 21 (WCAG 2, contrast ratio).
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = self.0.map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// As style sheets write it.
    pub fn css(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hue_has_its_colour() {
        for (hue, want) in
            [(0.0, "#ec1313"), (120.0, "#13ec13"), (240.0, "#1313ec"), (60.0, "#ecec13")]
        {
            assert_eq!(Colour::from_hue(hue, 0.5).css(), want, "{hue}");
        }
    }

    #[test]
    fn words_on_every_colour_can_be_read() {
        let labels = (0..2_000).map(|number| format!("thing {number}"));
        for label in labels.chain(["cat".into(), String::new()]) {
            let colour = Colour::of(&label);
            assert!(colour.contrast(colour.ink()) >= 4.5, "{label}: {colour:?}");
            assert_eq!(colour, Colour::of(&label));
        }
    }

    #[test]
    fn the_things_of_a_picture_seldom_share_a_colour() {
        let kinds = [
            "circle", "square", "triangle", "star", "ring", "cross", "heart", "arrow", "house",
            "tree", "car", "cup", "fish", "ball",
        ];
        let colours: std::collections::BTreeSet<_> =
            kinds.map(|kind| Colour::of(kind).css()).into();
        assert!(colours.len() >= kinds.len() - 2, "{colours:?}");
    }
}
