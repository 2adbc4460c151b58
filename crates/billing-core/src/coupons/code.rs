//! Coupon codes.

/// A coupon's code: 3 to 40 of `A`-`Z`, `0`-`9`, `-` and `_`. It is stored in upper case, so codes are
/// case-insensitive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct CouponCode(String);

/// The text is not a valid coupon code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes 3 to 40 of A-Z, 0-9, - and _, in any case")]
pub struct InvalidCode;

impl CouponCode {
    /// Parses user input: in any case, with surrounding spaces.
    ///
    /// # Errors
    ///
    /// [`InvalidCode`] if it is too short, too long, or has an invalid character.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let code = text.trim().to_ascii_uppercase();
        let plain = code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_'));
        if plain && (3..=40).contains(&code.len()) { Ok(Self(code)) } else { Err(InvalidCode) }
    }

    /// The code in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CouponCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for CouponCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl<'de> serde::Deserialize<'de> for CouponCode {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = CouponCode::parse("SUMMER-25").unwrap();
        for text in ["summer-25", " Summer-25 ", "SUMMER-25\n"] {
            assert_eq!(CouponCode::parse(text), Ok(code.clone()), "{text}");
        }
    }

    #[test]
    fn what_people_would_mistake_is_no_code() {
        for text in ["", "  ", "ab", "a b", "käse", "ßß25", "50%", "a.b", &"x".repeat(41)] {
            assert_eq!(CouponCode::parse(text), Err(InvalidCode), "{text}");
        }
        assert!(CouponCode::parse(&"x".repeat(40)).is_ok());
    }
}
