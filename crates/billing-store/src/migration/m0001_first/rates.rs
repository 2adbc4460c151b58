//! Rate cards.

/// A card's row says which version is in force at which time; versions are immutable. Quotes refer to a card by its
/// immutable slug.
pub(super) const RATES: &str = "
CREATE TABLE rate_cards (
    id {id} PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    description text NOT NULL,
    active {bool} NOT NULL,
    versions text NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
CREATE TABLE rate_card_versions (
    card text NOT NULL REFERENCES rate_cards (slug),
    number {int} NOT NULL CHECK (number > 0),
    effective_at {int} NOT NULL,
    published_at {int} NOT NULL,
    markup text NOT NULL,
    meters text NOT NULL,
    PRIMARY KEY (card, number)
) {strict};
";
