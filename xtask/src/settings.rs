//! The environment variables of these commands.

/// The variable's value; unset and empty are the same.
#[expect(
    clippy::disallowed_methods,
    reason = "the ban is for the service; a build tool has no settings file"
)]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
