//! Price quotes.

/// One version of one card, as text `<slug>@<number>`.
///
/// Versions are immutable, so naming one locks a price: `default@3` always means the rates of version 3. A quote does
/// not expire, and it is no secret: a caller that may spend may also choose the version.
///
/// ```
/// use billing_core::catalog::Quote;
///
/// let quote: Quote = "default@3".parse()?;
/// assert_eq!((quote.card.as_str(), quote.version), ("default", 3));
/// assert_eq!(quote.to_string(), "default@3");
/// # Ok::<(), billing_core::catalog::InvalidQuote>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quote {
    /// The card's slug.
    pub card: String,
    /// The version's number.
    pub version: u32,
}

/// The text is not a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a quote such as default@3")]
pub struct InvalidQuote;

impl std::fmt::Display for Quote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.card, self.version)
    }
}

impl std::str::FromStr for Quote {
    type Err = InvalidQuote;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (card, number) = text.split_once('@').ok_or(InvalidQuote)?;
        let quote = Self { card: card.to_owned(), version: number.parse().map_err(|_| InvalidQuote)? };
        // A quote has one spelling: `default@03` is not one.
        let ours = super::super::check_slug(card).is_ok() && quote.version > 0 && quote.to_string() == text;
        if ours { Ok(quote) } else { Err(InvalidQuote) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_has_one_spelling() {
        for text in ["default@1", "a-b_c@4294967295"] {
            assert_eq!(text.parse::<Quote>().map(|quote| quote.to_string()).as_deref(), Ok(text));
        }
        for text in
            ["", "@", "default", "default@", "@1", "default@0", "default@01", "default@+1", "Default@1"]
        {
            assert_eq!(text.parse::<Quote>(), Err(InvalidQuote), "{text}");
        }
        assert!("default@4294967296".parse::<Quote>().is_err());
        assert!("default@1@2".parse::<Quote>().is_err());
    }
}
