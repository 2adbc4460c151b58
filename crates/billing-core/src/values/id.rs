//! Typed ids.

use uuid::Uuid;

/// The source of new ids. Production uses UUIDv7, so that ids sort by creation time; tests count.
///
/// Ids are arguments, as time is: nothing in this crate generates them.
pub trait IdSource: Send + Sync {
    /// A new UUID.
    fn next_uuid(&self) -> Uuid;

    /// 128 unpredictable bits, for bearer secrets; none if the source fails, and the operation must fail then.
    fn secret(&self) -> Option<[u8; 16]> {
        None
    }
}

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id that starts with `{prefix}`")]
pub struct ParseIdError {
    /// The input.
    pub text: String,
    /// The expected prefix.
    pub prefix: &'static str,
}

/// Declares a kind of id: a UUID as a distinct type, printed as prefix and 32 hexadecimal digits.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// The prefix of the kind.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from `ids`.
            pub fn new(ids: &dyn $crate::values::IdSource) -> Self {
                Self(ids.next_uuid())
            }

            /// Wraps `uuid`; for stores.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID; for stores.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}{}", Self::PREFIX, self.0.simple())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let wrong = || $crate::values::ParseIdError { text: text.to_owned(), prefix: Self::PREFIX };
                let rest = text.strip_prefix(Self::PREFIX).ok_or_else(wrong)?;
                // `try_parse` also accepts hyphens and braces, but an id has one spelling.
                if rest.len() != 32 || rest.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(wrong());
                }
                uuid::Uuid::try_parse(rest).map(Self).map_err(|_| wrong())
            }
        }

        $crate::values::as_text!($name);
    };
}

pub(crate) use typed_id;
