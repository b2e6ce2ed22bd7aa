//! Numbers as printable characters: one from `!` on below 80, two from there.

const FIRST: char = '!';
const BASE: usize = 94;
const SHORT: usize = 80;

/// What is left of a text of numbers.
pub(super) struct Digits<'a>(std::str::Chars<'a>);

impl<'a> Digits<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self(text.chars())
    }

    pub(super) fn number(&mut self) -> Result<usize, String> {
        let first = self.digit()?;
        match first.checked_sub(SHORT) {
            None => Ok(first),
            Some(high) => Ok(SHORT + high * BASE + self.digit()?),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.as_str().is_empty()
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        match self.0.next() {
            None => Ok(()),
            Some(_) => Err("there is more than was asked for".into()),
        }
    }

    fn digit(&mut self) -> Result<usize, String> {
        let digit = self.0.next().ok_or("a number is missing")?;
        let value = u32::from(digit).checked_sub(u32::from(FIRST)).map(|value| value as usize);
        value.filter(|value| *value < BASE).ok_or_else(|| format!("{digit:?} is no digit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[usize]) {
        let mut digits = Digits::of(text);
        let got: Vec<_> = want.iter().map(|_| digits.number()).collect();
        assert_eq!(got, want.iter().map(|number| Ok(*number)).collect::<Vec<_>>());
        assert_eq!(digits.end(), Ok(()));
    }

    #[test]
    fn small_numbers_take_one_digit_and_large_ones_two() {
        check("!\"", &[0, 1]);
        check("pq!q~~~", &[79, 80, 173, 13 * 94 + 80 + 93]);
    }
}
