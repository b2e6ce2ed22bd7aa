//! Numbers as people read them.

/// A number with a comma between thousands: `5120` becomes `5,120`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_stands_between_thousands() {
        let pairs = [(0, "0"), (999, "999"), (5120, "5,120"), (1_000_000, "1,000,000")];
        for (number, want) in pairs {
            assert_eq!(grouped(number), want);
        }
    }
}
