//! Enums with a text form.

/// The text is not a variant of the enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}")]
pub struct UnknownVariant {
    /// The input.
    pub text: String,
    /// The expected kind.
    pub kind: &'static str,
}

/// Declares an enum whose variants each have one text, used in JSON and in databases. An unknown text is an error,
/// never a silent default.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident, $kind:literal, { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// All variants in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The text in JSON and in databases.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::UnknownVariant;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::values::UnknownVariant { text: text.to_owned(), kind: $kind }),
                }
            }
        }
    };
}

pub(crate) use text_enum;
