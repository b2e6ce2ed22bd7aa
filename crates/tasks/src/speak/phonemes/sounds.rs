//! What is said, phone by phone.

use super::letters::is_vowel;

const STRESS: [char; 2] = ['ˈ', 'ˌ'];
/// Phones of more than one letter, the longest first.
const LONGER: &[&str] = &["aɪɚ", "aɪə", "tʃ", "dʒ", "aɪ", "eɪ", "ɔɪ", "aʊ", "oʊ"];
/// What belongs to the phone before it.
const MARKS: [char; 4] = ['ː', '\u{329}', '\u{303}', 'ʲ'];

/// The phones of a sound, each with the stress before it and its marks.
pub(super) fn phones(sound: &str) -> Vec<&str> {
    let mut phones = Vec::new();
    let mut rest = sound;
    while !rest.is_empty() {
        let bare = rest.trim_start_matches(STRESS);
        let one = || bare.chars().next().map_or(0, char::len_utf8);
        let longer = LONGER.iter().find(|longer| bare.starts_with(**longer));
        let marks = bare.split_at_checked(longer.map_or_else(one, |longer| longer.len()));
        let after = marks.map_or("", |(_, after)| after.trim_start_matches(MARKS));
        let (phone, left) = rest.split_at(rest.len() - after.len());
        phones.push(phone);
        rest = left;
    }
    phones
}

/// It begins with a vowel; or, if there is nothing, neither.
pub(super) fn begins_with_vowel(sound: &str) -> Option<bool> {
    sound.trim_start_matches(STRESS).chars().next().map(is_vowel)
}

pub(super) fn is_stressed(sound: &str) -> bool {
    sound.contains('ˈ')
}

/// A sound before another: an r is heard before a vowel.
pub(super) fn linked(sound: &mut String, after: &str) {
    let silent = sound.ends_with('ɚ') || sound.ends_with("ɜː");
    if silent && begins_with_vowel(after) == Some(true) {
        sound.push('ɹ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sound: &str, want: &[&str]) {
        assert_eq!(phones(sound), want, "{sound}");
    }

    #[test]
    fn phones_keep_their_stress_and_marks() {
        check("həlˈoʊ", &["h", "ə", "l", "ˈoʊ"]);
        check("fˈaɪɚ", &["f", "ˈaɪɚ"]);
        check("wˈɜːldz", &["w", "ˈɜː", "l", "d", "z"]);
        check("tʃˈɜːtʃ", &["tʃ", "ˈɜː", "tʃ"]);
        check("bˈʌʔn̩", &["b", "ˈʌ", "ʔ", "n̩"]);
        check("", &[]);
        check("ˈ", &["ˈ"]);
    }
}
