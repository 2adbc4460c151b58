//! The payment channel.

use std::fmt;
use std::str::FromStr;

use crate::values::{UnknownVariant, as_text};

/// The payment provider of a purchase, by the name that its adapter gives it: 1 to 16 lower-case letters, digits and
/// `_`. It appears as text in URLs, databases and settings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// The name, padded with zeros.
    bytes: [u8; Self::LONGEST],
}

impl Channel {
    const LONGEST: usize = 16;
    /// No provider: gift subscriptions are not charged, and nothing is bought through this channel.
    pub const GIFT: Self = Self::named("gift");

    /// The provider with this name, for constants: `const STRIPE: Channel = Channel::named("stripe")`.
    ///
    /// # Panics
    ///
    /// If the name is invalid; in a constant, compilation fails.
    pub const fn named(name: &str) -> Self {
        let channel = Self::of(name.as_bytes());
        assert!(channel.is_some(), "a channel's name is 1 to 16 lower-case letters, digits and `_`");
        match channel {
            Some(channel) => channel,
            // It is asserted above.
            None => Self { bytes: [0; Self::LONGEST] },
        }
    }

    const fn of(mut name: &[u8]) -> Option<Self> {
        if name.is_empty() || name.len() > Self::LONGEST {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        let mut free: &mut [u8] = &mut bytes;
        while let ([byte @ (b'a'..=b'z' | b'0'..=b'9' | b'_'), rest @ ..], [to, more @ ..]) = (name, free) {
            *to = *byte;
            (name, free) = (rest, more);
        }
        if name.is_empty() { Some(Self { bytes }) } else { None }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let end = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(Self::LONGEST);
        self.bytes.get(..end).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = UnknownVariant;

    fn from_str(text: &str) -> Result<Self, UnknownVariant> {
        Self::of(text.as_bytes())
            .ok_or_else(|| UnknownVariant { text: text.to_owned(), kind: "payment channel" })
    }
}

as_text!(Channel);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_nothing_else_is_one() {
        for name in ["stripe", "a", "0123456789abcdef", "my_provider"] {
            assert_eq!(name.parse::<Channel>().map(|channel| channel.to_string()), Ok(name.to_owned()));
        }
        for name in ["", "Stripe", "a b", "0123456789abcdefg", "a:b", "\0", "é"] {
            assert!(name.parse::<Channel>().is_err(), "{name}");
        }
        assert_ne!("gift".parse::<Channel>(), "gifts".parse::<Channel>());
    }
}
