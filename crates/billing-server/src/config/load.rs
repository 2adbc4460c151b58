//! Loading of settings.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use config::{Config, File, FileFormat, Value, ValueKind};

use super::problem::{unread, unusable};
use super::settings::{DEFAULT_DATABASE_URL, LISTS, NAMES, Settings};
use crate::cli::SettingFlags;

/// Settings by name, from variables.
type Variables = Vec<(&'static str, Value)>;

const PREFIX: &str = "BILLING_";
const DEFAULT_FILE: &str = "billing.toml";

/// The settings, and warnings about ignored variables.
pub(crate) fn load(
    flags: &SettingFlags,
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<(Settings, Vec<String>)> {
    let mut settings = Config::builder()
        .set_default("listen", "127.0.0.1:8080")?
        .set_default("database_url", DEFAULT_DATABASE_URL)?
        .set_default("database_connections", 20)?
        .set_default("allowed_origins", Vec::<String>::new())?
        .set_default("log_format", "text")?
        .set_default("renewal_grace_days", 3)?
        .set_default("past_due_grace_days", 14)?
        .set_default("clawback_policy", "debt")?
        .set_default("key_memory_seconds", 2)?
        .set_default("request_timeout", 65)?;
    let file = flags.config.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
    if flags.config.is_some() || file.exists() {
        settings = settings.add_source(File::from(file).format(FileFormat::Toml));
    }
    let (variables, remarks) = variables(environment)?;
    for (name, value) in variables {
        settings = settings.set_override(name, value)?;
    }
    for (name, flag) in
        [("listen", &flags.listen), ("database_url", &flags.database_url), ("public_url", &flags.public_url)]
    {
        settings = settings.set_override_option(name, flag.clone())?;
    }
    let settings = settings.build().map_err(|error| {
        anyhow!("the settings in {} cannot be read: {}", file.display(), unread(file, &error))
    })?;
    let settings = settings
        .try_deserialize()
        .map_err(|error| anyhow!("a setting is not usable: {}", unusable(&error)))?;
    Ok((settings, remarks))
}

/// The environment variables that may be settings.
///
/// # Errors
///
/// One of them is not valid text. The message does not show it.
pub(crate) fn environment() -> anyhow::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => found.push((name, value)),
            Err(_) if name.starts_with(PREFIX) => bail!("the variable {name} is not Unicode text"),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// The settings of `BILLING_*` variables. Unknown ones cause a warning, not an error: container platforms inject
/// variables of their own.
fn variables(
    environment: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<(Variables, Vec<String>)> {
    let mut sent: BTreeMap<String, String> =
        environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    let mut found = Vec::new();
    for name in NAMES {
        let variable = format!("{PREFIX}{}", name.replace('.', "__").to_ascii_uppercase());
        let in_file = format!("{variable}_FILE");
        let text = match (sent.remove(&variable), sent.remove(&in_file)) {
            (Some(_), Some(_)) => bail!("{variable} and {in_file} are both set"),
            (Some(text), None) => text,
            (None, Some(path)) => {
                let text = std::fs::read_to_string(&path);
                let text = text.with_context(|| format!("{in_file} names a file that cannot be read"))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            (None, None) => continue,
        };
        found.push((*name, value(&variable, name, text)));
    }
    let remarks = sent.into_keys().map(|name| format!("the variable {name} sets nothing and is passed over"));
    Ok((found, remarks.collect()))
}

fn value(variable: &str, name: &str, text: String) -> Value {
    let origin = variable.to_owned();
    if !LISTS.contains(&name) {
        return Value::new(Some(&origin), ValueKind::String(text));
    }
    // An empty variable is an empty text, so that an empty secret is refused instead of ignored.
    let parts = text.split(',').map(|part| part.trim_matches(' '));
    let parts = parts.map(|part| Value::new(Some(&origin), ValueKind::String(part.to_owned())));
    Value::new(Some(&origin), ValueKind::Array(parts.collect()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use secrecy::ExposeSecret;

    use super::*;

    fn with(variables: &[(&str, &str)]) -> anyhow::Result<(Settings, Vec<String>)> {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&SettingFlags::default(), variables.into_iter())
    }

    #[test]
    fn nothing_has_to_be_set() {
        let (settings, remarks) = with(&[]).unwrap();
        assert_eq!(settings.listen, "127.0.0.1:8080");
        assert_eq!(settings.database_url.expose_secret(), "sqlite://billing.db");
        assert!(settings.sandbox_is_on(true) && !settings.sandbox_is_on(false));
        assert!(remarks.is_empty());
    }

    #[test]
    fn behind_a_proxy_the_sandbox_is_off_by_default() {
        let (settings, _) = with(&[("BILLING_PUBLIC_URL", "https://billing.example.com")]).unwrap();
        assert!(!settings.sandbox_is_on(true), "everybody on the internet buys for nothing");
    }

    #[test]
    fn flags_go_before_variables_and_variables_before_the_file() {
        let mut file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        writeln!(
            file,
            "listen = \"file:1\"\npublic_url = \"file\"\ndatabase_url = \"file\"\n[jwt]\nissuer = \"file\""
        )
        .unwrap();
        let flags = SettingFlags {
            config: Some(file.path().to_owned()),
            listen: Some("flag:1".to_owned()),
            ..SettingFlags::default()
        };
        let variables = [("BILLING_LISTEN", "variable:1"), ("BILLING_PUBLIC_URL", "variable")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (settings, _) = load(&flags, variables.into_iter()).unwrap();
        assert_eq!(settings.listen, "flag:1");
        assert_eq!(settings.public_url.as_deref(), Some("variable"));
        assert_eq!(settings.database_url.expose_secret(), "file");
        assert_eq!(settings.jwt.issuer.as_deref(), Some("file"));
    }

    #[test]
    fn lists_are_cut_at_commas_and_secrets_can_lie_in_files() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "whsec_one,whsec_two").unwrap();
        let path = file.path().display().to_string();
        let (settings, _) = with(&[
            ("BILLING_ALLOWED_ORIGINS", "https://a.example, https://b.example"),
            ("BILLING_STRIPE__WEBHOOK_SECRETS_FILE", &path),
        ])
        .unwrap();
        assert_eq!(settings.allowed_origins, ["https://a.example", "https://b.example"]);
        let secrets = settings.stripe.webhook_secrets.unwrap();
        let secrets: Vec<_> = secrets.iter().map(ExposeSecret::expose_secret).collect();
        assert_eq!(secrets, ["whsec_one", "whsec_two"]);
        assert!(with(&[("BILLING_LISTEN", "x"), ("BILLING_LISTEN_FILE", &path)]).is_err());
    }

    #[test]
    fn unknown_names_are_refused_in_the_file_and_remarked_on_as_variables() {
        let mut file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        writeln!(file, "lissten = \"127.0.0.1:1\"").unwrap();
        let flags = SettingFlags { config: Some(file.path().to_owned()), ..SettingFlags::default() };
        let problem = format!("{:#}", load(&flags, std::iter::empty()).unwrap_err());
        assert!(problem.contains("lissten"), "{problem}");
        let (_, remarks) = with(&[("BILLING_PORT_8080_TCP", "tcp://10.0.0.1"), ("OTHER", "x")]).unwrap();
        assert_eq!(remarks, ["the variable BILLING_PORT_8080_TCP sets nothing and is passed over"]);
    }

    #[test]
    fn a_file_that_is_named_has_to_be_there() {
        let flags = SettingFlags { config: Some("nowhere/billing.toml".into()), ..SettingFlags::default() };
        assert!(load(&flags, std::iter::empty()).is_err());
    }
}
