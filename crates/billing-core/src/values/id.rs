//! How a typed id is made, printed and read.

use uuid::Uuid;

/// Where new ids come from. Production hands out UUIDv7, so that ids sort by the moment they were made;
/// tests count.
///
/// Ids are an argument like time is: nothing in this crate makes one by itself.
pub trait IdSource: Send + Sync {
    /// A UUID that was never handed out before.
    fn next_uuid(&self) -> Uuid;

    /// 128 bits that nobody can guess, for what is as good as money to whoever knows it; none if there are none to be
    /// had: nothing that needs them may go on then.
    fn secret(&self) -> Option<[u8; 16]> {
        None
    }
}

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id that starts with `{prefix}`")]
pub struct ParseIdError {
    /// What was read.
    pub text: String,
    /// The prefix of the kind that was asked for.
    pub prefix: &'static str,
}

/// Declares one kind of id: a UUID behind a type of its own, printed as prefix and 32 hexadecimal digits.
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id out of `ids`.
            pub fn new(ids: &dyn $crate::values::IdSource) -> Self {
                Self(ids.next_uuid())
            }

            /// The id that wraps `uuid`; for stores that read a row.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID; for stores that write a row.
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
                // `try_parse` also takes hyphens and braces: one id has one spelling.
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
