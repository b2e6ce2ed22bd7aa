//! How a word is said by its letters: from its end to its beginning, each by what stands around it and by what the
//! letters after it have made.

use super::tree::Tree;

/// Letters have these numbers; outside a word there is 0.
pub(super) const ALPHABET: &str = "'abcdefghijklmnopqrstuvwxyz";
pub(super) const LETTERS: usize = ALPHABET.len();
const BEFORE: usize = 5;
const AFTER: usize = 6;
const LAST: usize = 4;
/// What trees are asked: letters before, after and at the end; letters and vowels to either side; what was made after;
/// kinds of the letters around. As in `recipes/phonemes/trees.py`.
pub(super) const COLUMNS: usize = BEFORE + AFTER + LAST + 4 + 5 + 6;
/// Letters and vowels are counted up to this.
pub(super) const FAR: u16 = 7;
const PRIMARY: char = 'ˈ';
const SECONDARY: char = 'ˌ';

/// What letters can make.
pub(super) struct Chunk {
    pub(super) text: String,
    vowel: bool,
    primary: bool,
    stressed: bool,
}

impl Chunk {
    pub(super) fn of(text: &str) -> Self {
        let primary = text.contains(PRIMARY);
        let stressed = primary || text.contains(SECONDARY);
        Self { vowel: text.contains(is_vowel), primary, stressed, text: text.to_owned() }
    }
}

/// A letter's tree, and which chunks its answers are.
pub(super) struct Letter {
    pub(super) made: Vec<u16>,
    pub(super) tree: Tree,
}

/// What every letter makes.
pub(super) struct Letters {
    pub(super) chunks: Vec<Chunk>,
    /// By the letter's number less one.
    pub(super) letters: Vec<Letter>,
}

impl Letters {
    /// How a word is said.
    pub(super) fn say(&self, word: &str) -> String {
        let word = codes(word);
        let starts = vowels_before(&word);
        let mut made = Made::default();
        let mut said: Vec<&str> = Vec::with_capacity(word.len());
        for at in (0..word.len()).rev() {
            let letter = usize::from(code_at(&word, at, 0)).checked_sub(1);
            let Some(letter) = letter.and_then(|letter| self.letters.get(letter)) else { continue };
            let answer = letter.tree.answer(&columns(&word, &starts, at, &made));
            let number = letter.made.get(answer).copied().unwrap_or_default();
            if let Some(chunk) = self.chunks.get(usize::from(number)) {
                made.add(chunk, number);
                said.push(&chunk.text);
            }
        }
        said.reverse();
        said.concat()
    }
}

/// What the letters after one have made.
#[derive(Default)]
struct Made {
    next: u16,
    after: u16,
    vowel: u16,
    stressed: u16,
    /// Vowels since one that is stressed.
    since: u16,
}

impl Made {
    fn add(&mut self, chunk: &Chunk, number: u16) {
        self.after = std::mem::replace(&mut self.next, number);
        if chunk.vowel {
            self.vowel = number;
            self.since = if chunk.stressed { 0 } else { (self.since + 1).min(FAR) };
            self.stressed = self.stressed.max(u16::from(chunk.primary));
        }
    }
}

pub(super) fn is_vowel(sound: char) -> bool {
    "aeiouæɐɑɔəɚɛɜɪʊʌᵻ\u{329}".contains(sound)
}

/// The numbers of a word's letters.
pub(super) fn codes(word: &str) -> Vec<u16> {
    let number = |letter| ALPHABET.find(letter).and_then(|at| u16::try_from(at + 1).ok());
    word.chars().filter_map(number).collect()
}

/// 0 outside a word, 1 of a vowel, 2 of another letter.
pub(super) fn kind(letter: u16) -> u16 {
    let text = usize::from(letter).checked_sub(1).and_then(|at| ALPHABET.get(at..=at));
    text.map_or(0, |letter| if "aeiouy".contains(letter) { 1 } else { 2 })
}

/// Groups of vowels that begin before each letter, and in the whole word.
pub(super) fn vowels_before(word: &[u16]) -> Vec<usize> {
    let mut counts = vec![0];
    let (mut count, mut last) = (0, 0);
    for &letter in word {
        let now = kind(letter);
        count += usize::from(now == 1 && last != 1);
        counts.push(count);
        last = now;
    }
    counts
}

/// The letter so many places on.
fn code_at(word: &[u16], at: usize, on: isize) -> u16 {
    at.checked_add_signed(on).and_then(|at| word.get(at)).copied().unwrap_or_default()
}

/// A count as a column, up to a limit.
pub(super) fn capped(count: usize, limit: u16) -> u16 {
    u16::try_from(count).unwrap_or(limit).min(limit)
}

fn columns(word: &[u16], starts: &[usize], at: usize, made: &Made) -> Vec<u16> {
    let mut columns = Vec::with_capacity(COLUMNS);
    columns.extend((1..=BEFORE).map(|n| code_at(word, at, -(n as isize))));
    columns.extend((1..=AFTER).map(|n| code_at(word, at, n as isize)));
    columns.extend((1..=LAST).map(|n| code_at(word, word.len(), -(n as isize))));
    let before = |at: usize| starts.get(at).copied().unwrap_or_default();
    let all = before(word.len());
    columns.extend(
        [at, word.len() - 1 - at, before(at), all - before(at + 1)].map(|n| capped(n, FAR)),
    );
    columns.extend([made.next, made.after, made.vowel, made.stressed, made.since]);
    columns.extend([-3, -2, -1, 1, 2, 3].map(|on| kind(code_at(word, at, on))));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_knows_what_is_around_it() {
        let word = codes("queue's");
        let made = Made { next: 4, after: 3, vowel: 2, stressed: 1, since: 5 };
        let got = columns(&word, &vowels_before(&word), 1, &made);
        let want = [
            &[18, 0, 0, 0, 0][..],
            &[6, 22, 6, 1, 20, 0],
            &[20, 1, 6, 22],
            &[1, 5, 0, 0],
            &[4, 3, 2, 1, 5],
            &[0, 0, 2, 1, 1, 1],
        ];
        assert_eq!(got, want.concat());
        assert_eq!(got.len(), COLUMNS);
    }

    #[test]
    fn what_was_made_is_kept_up_to_the_last_vowel() {
        let mut made = Made::default();
        for (number, text) in [(7, "t"), (8, "ˌɪ"), (9, "n̩"), (3, "dˈæ"), (4, "")] {
            made.add(&Chunk::of(text), number);
        }
        let got = [made.next, made.after, made.vowel, made.stressed, made.since];
        assert_eq!(got, [4, 3, 3, 1, 0]);
    }
}
