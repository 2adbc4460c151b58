//! The code that redeems a gift.

/// The code that redeems a gift: 128 random bits as 26 letters and digits, in groups, such as `7Z3K9-…`. It has no
/// letters that look like digits, and is parsed in any case, with or without hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GiftCode(String);

/// Crockford's base 32: no I, L, O or U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 digits of 5 bits carry 128.
const LENGTH: usize = 26;
/// The digits of a group; the last one has one more.
const GROUP: usize = 5;

impl GiftCode {
    /// The code of these `random` bits, which must come from a secure source.
    pub fn new(random: [u8; 16]) -> Self {
        let mut left = u128::from_be_bytes(random);
        let mut digits = [b'0'; LENGTH];
        for digit in digits.iter_mut().rev() {
            let place = usize::try_from(left & 31).unwrap_or(0);
            *digit = DIGITS.get(place).copied().unwrap_or(b'0');
            left >>= 5;
        }
        Self(grouped(digits.iter().copied().map(char::from)))
    }

    /// Parses a code in any spelling; none if it is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 100 {
            return None;
        }
        let mut digits = Vec::new();
        for typed in text.chars().filter(|typed| !typed.is_whitespace() && *typed != '-') {
            let meant = match typed.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if !DIGITS.iter().any(|digit| char::from(*digit) == meant) {
                return None;
            }
            digits.push(meant);
        }
        (digits.len() == LENGTH).then(|| Self(grouped(digits.into_iter())))
    }

    /// The full code, as shown to the buyer and as stored.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its last four digits, for display.
    pub fn last4(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

fn grouped(digits: impl Iterator<Item = char>) -> String {
    let mut text = String::with_capacity(LENGTH.saturating_add(4));
    for (place, digit) in digits.enumerate() {
        let begins = place > 0 && place.is_multiple_of(GROUP) && place < LENGTH.saturating_sub(1);
        if begins {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

impl std::fmt::Debug for GiftCode {
    /// Redacted in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "…{}", self.last4())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_however_it_is_typed() {
        for random in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let code = GiftCode::new(random);
            assert_eq!(code.reveal().len(), 30, "{}", code.reveal());
            let plain = code.reveal().replace('-', "");
            for typed in [
                code.reveal().to_owned(),
                plain.clone(),
                plain.to_lowercase(),
                format!(" {} \n", plain.replace('0', "o").replace('1', "l")),
            ] {
                assert_eq!(GiftCode::parse(&typed), Some(code.clone()), "{typed}");
            }
        }
        assert_ne!(GiftCode::new([0; 16]), GiftCode::new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
        assert_eq!(GiftCode::new([255; 16]).reveal(), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ");
    }

    #[test]
    fn what_cannot_be_a_code_is_none() {
        let code = GiftCode::new([7; 16]).reveal().to_owned();
        for text in
            ["", "-", "gift", &code[1..], &format!("{code}0"), &code.replace('-', "_"), &"0".repeat(200)]
        {
            assert_eq!(GiftCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_code_never_prints_in_full() {
        let code = GiftCode::new([7; 16]);
        assert!(!format!("{code:?}").contains(&code.reveal()[..6]));
    }
}
