//! The permissions of callers.

use std::collections::BTreeSet;

use crate::values::{UnknownVariant, text_enum};

text_enum! {
    /// A permission of a key or token.
    Scope, "scope", {
        /// Read the caller's own account.
        BillingRead = "billing:read",
        /// Check in, buy and cancel for the caller's own account.
        BillingWrite = "billing:write",
        /// Read, spend and hold for accounts; the host product's backend.
        CreditsWrite = "credits:write",
        /// Grant credits and set up accounts; the host product's backend.
        CreditsGrant = "credits:grant",
        /// Everything.
        BillingAdmin = "billing:admin",
    }
}

/// A set of scopes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// These scopes.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Whether `scope` is allowed: directly, by `billing:admin`, which implies all, or by a backend's scope, which
    /// implies reading.
    pub fn allow(&self, scope: Scope) -> bool {
        let backend = [Scope::CreditsWrite, Scope::CreditsGrant].iter().any(|own| self.0.contains(own));
        let implied = scope == Scope::BillingRead && backend;
        implied || self.0.contains(&scope) || self.0.contains(&Scope::BillingAdmin)
    }

    /// The scopes themselves.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Parses a token's scopes: separated by the space U+0020 only (RFC 6749 §3.3), so other white space is part of a
    /// scope. Unknown scopes belong to other services and are ignored.
    pub fn of_token(text: &str) -> Self {
        Self::of_words(text.split(' '))
    }

    /// Parses a token's scopes given as a list, one item per scope.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(words.into_iter().filter_map(|word| word.parse().ok()).collect())
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl std::str::FromStr for Scopes {
    type Err = UnknownVariant;

    /// Parses scopes separated by the space U+0020, as [`Display`](std::fmt::Display) writes them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(' ').filter(|word| !word.is_empty());
        words.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_implies_all_and_a_backend_may_read() {
        let admin = Scopes::new([Scope::BillingAdmin]);
        assert!(Scope::ALL.iter().all(|scope| admin.allow(*scope)));
        let backend = Scopes::new([Scope::CreditsWrite]);
        assert!(backend.allow(Scope::BillingRead) && !backend.allow(Scope::BillingWrite));
        assert!(!backend.allow(Scope::CreditsGrant), "who spends does not give");
        let giver = Scopes::new([Scope::CreditsGrant]);
        assert!(giver.allow(Scope::BillingRead) && !giver.allow(Scope::CreditsWrite));
        let reader = Scopes::new([Scope::BillingRead]);
        assert!(!reader.allow(Scope::BillingWrite) && !reader.allow(Scope::BillingAdmin));
    }

    #[test]
    fn foreign_words_in_a_token_mean_nothing() {
        assert_eq!(Scopes::of_token("openid billing:read email"), Scopes::new([Scope::BillingRead]));
    }

    #[test]
    fn nothing_but_a_space_sets_scopes_apart() {
        let both = Scopes::new([Scope::BillingRead, Scope::BillingWrite]);
        for text in ["billing:read billing:write", " billing:write  billing:read "] {
            assert_eq!((Scopes::of_token(text), text.parse()), (both.clone(), Ok(both.clone())), "{text:?}");
        }
        for other in ['\t', '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{a0}', '\u{2003}', '\u{3000}', ','] {
            let text = format!("billing:read{other}billing:admin");
            assert_eq!(Scopes::of_token(&text), Scopes::default(), "{text:?}");
            assert!(text.parse::<Scopes>().is_err(), "{text:?}");
            let around = format!("{other}billing:read{other}");
            assert_eq!(Scopes::of_token(&around), Scopes::default(), "{around:?}");
            assert!(around.parse::<Scopes>().is_err(), "{around:?}");
        }
        assert_eq!(
            Scopes::of_words(["billing:read billing:admin", "billing:write"]),
            Scopes::new([Scope::BillingWrite])
        );
    }
}
