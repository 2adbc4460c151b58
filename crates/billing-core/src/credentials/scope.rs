//! What a caller may do.

use std::collections::BTreeSet;

use crate::values::{UnknownWord, words};

words! {
    /// One thing that a key or token may be allowed to do.
    Scope, "scope", {
        /// Read one's own account.
        BillingRead = "billing:read",
        /// Check in, buy and cancel for one's own account.
        BillingWrite = "billing:write",
        /// Read, spend, hold and grant for accounts; the host product's backend.
        CreditsWrite = "credits:write",
        /// Everything.
        BillingAdmin = "billing:admin",
    }
}

/// What a caller may do, taken together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// These scopes.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Whether `scope` is allowed: by itself, by `billing:admin`, which implies all, or by `credits:write`,
    /// which implies reading.
    pub fn allow(&self, scope: Scope) -> bool {
        let implied = scope == Scope::BillingRead && self.0.contains(&Scope::CreditsWrite);
        implied || self.0.contains(&scope) || self.0.contains(&Scope::BillingAdmin)
    }

    /// The scopes themselves.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Reads what a token carries: words set apart by spaces. Words that are not ours are another
    /// service's and mean nothing here.
    pub fn of_token(text: &str) -> Self {
        Self(text.split_whitespace().filter_map(|word| word.parse().ok()).collect())
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

impl std::str::FromStr for Scopes {
    type Err = UnknownWord;

    /// Reads scopes set apart by spaces, as [`Display`](std::fmt::Display) writes them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_whitespace().map(str::parse).collect::<Result<_, _>>().map(Self)
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
        let reader = Scopes::new([Scope::BillingRead]);
        assert!(!reader.allow(Scope::BillingWrite) && !reader.allow(Scope::BillingAdmin));
    }

    #[test]
    fn foreign_words_in_a_token_mean_nothing() {
        assert_eq!(Scopes::of_token("openid billing:read email"), Scopes::new([Scope::BillingRead]));
    }
}
