//! Detection of card numbers in stored text.
//!
//! The number of a payment card must not be stored with a spend: everything that stores it falls under the card
//! schemes' rules (PCI DSS, requirement 3). The caller's own ids may be as long, so a text counts as a card number
//! only if it is written like one, in groups, or has a name that says so, and has a scheme's prefix and length and a
//! valid check digit (ISO/IEC 7812-1).

/// The groups in which cards have their digits printed.
const GROUPS: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]];

/// The range of a scheme's prefixes, and the lengths of its numbers.
struct Scheme {
    first: u32,
    last: u32,
    lengths: &'static [usize],
}

/// The schemes' ranges, by their first four digits.
const SCHEMES: [Scheme; 12] = [
    Scheme { first: 4000, last: 4999, lengths: &[13, 16, 19] },
    Scheme { first: 5100, last: 5599, lengths: &[16] },
    Scheme { first: 2221, last: 2720, lengths: &[16] },
    Scheme { first: 3400, last: 3499, lengths: &[15] },
    Scheme { first: 3700, last: 3799, lengths: &[15] },
    Scheme { first: 6011, last: 6011, lengths: &[16, 17, 18, 19] },
    Scheme { first: 6440, last: 6599, lengths: &[16, 17, 18, 19] },
    Scheme { first: 3528, last: 3589, lengths: &[16, 17, 18, 19] },
    Scheme { first: 3000, last: 3059, lengths: &[14, 16, 19] },
    Scheme { first: 3600, last: 3699, lengths: &[14, 16, 19] },
    Scheme { first: 3800, last: 3999, lengths: &[14, 16, 19] },
    Scheme { first: 6200, last: 6299, lengths: &[16, 17, 18, 19] },
];

/// The length of the shortest of them.
const FEWEST_DIGITS: usize = 14;

/// Whether `text` contains a card number, in groups as on a card.
pub(crate) fn has_card_number(text: &str) -> bool {
    // Most texts have few digits and need no further parsing.
    if text.bytes().filter(u8::is_ascii_digit).count() < FEWEST_DIGITS {
        return false;
    }
    let runs = text.split(|letter: char| !letter.is_ascii_digit() && letter != ' ' && letter != '-');
    { runs }.any(|run| {
        let groups: Vec<&str> = run.split([' ', '-']).collect();
        (0..groups.len()).any(|start| {
            GROUPS.iter().any(|lengths| {
                let Some(own) = groups.get(start..start.saturating_add(lengths.len())) else { return false };
                own.iter().map(|group| group.len()).eq(lengths.iter().copied())
                    && is_card_number(&own.concat())
            })
        })
    })
}

/// Whether `text`, stored under `name`, is a card number: in groups, or bare under a name that says so.
pub(crate) fn is_named_card_number(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let says_so = name.contains("card") || { words }.any(|word| matches!(word, "pan" | "cc" | "ccnumber"));
    has_card_number(text) || (says_so && is_card_number(text.trim()))
}

/// Whether `digits` have a scheme's prefix and length and a valid check digit.
fn is_card_number(digits: &str) -> bool {
    let prefix = digits.get(..4).and_then(|prefix| prefix.parse::<u32>().ok());
    let Some(prefix) = prefix.filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit())) else {
        return false;
    };
    let of = |scheme: &Scheme| {
        (scheme.first..=scheme.last).contains(&prefix) && scheme.lengths.contains(&digits.len())
    };
    SCHEMES.iter().any(of) && has_valid_check_digit(digits)
}

/// The Luhn algorithm (ISO/IEC 7812-1, annex B).
fn has_valid_check_digit(digits: &str) -> bool {
    let value = |(place, digit): (usize, char)| {
        let digit = digit.to_digit(10).unwrap_or_default();
        let doubled = digit.saturating_mul(2);
        match place % 2 {
            0 => digit,
            _ if doubled > 9 => doubled.saturating_sub(9),
            _ => doubled,
        }
    };
    digits.chars().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_groups_as_on_a_card_is_found() {
        for text in [
            "4111 1111 1111 1111",
            "paid with 5555-5555-5555-4444.",
            "amex 3782 822463 10005",
            "3056 930902 5904",
            "order 12 4111 1111 1111 1111",
        ] {
            assert!(has_card_number(text), "{text}");
        }
    }

    #[test]
    fn a_text_with_fewer_digits_than_any_groups_have_is_not_searched() {
        assert_eq!(GROUPS.iter().map(|lengths| lengths.iter().sum()).min(), Some(FEWEST_DIGITS));
    }

    #[test]
    fn ids_and_other_numbers_are_not() {
        for text in [
            "4111111111111111",
            "order 4111111111111111",
            "4111 1111 1111 1112",
            "9111 1111 1111 1111",
            "1234 5678",
            "2026-04-15 12:00",
            "550e8400-e29b-41d4-a716-446655440000",
            "41 11 1111 1111 1111 11",
        ] {
            assert!(!has_card_number(text), "{text}");
        }
    }

    #[test]
    fn a_bare_number_counts_under_a_name_that_says_so() {
        for name in ["card", "card_number", "creditCard", "pan", "cc"] {
            assert!(is_named_card_number(name, "4111111111111111"), "{name}");
        }
        for name in ["order", "invoice_id", "company", "account"] {
            assert!(!is_named_card_number(name, "4111111111111111"), "{name}");
        }
        assert!(!is_named_card_number("card", "1234567890123"));
    }
}
