//! The allowed origins of return URLs.

use url::{Origin, Url};

/// The origins to which a checkout may redirect. Anything else would be an open redirect under our name, which enables
/// phishing.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Vec<Origin>);

/// The text is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an origin such as https://app.example.com")]
pub struct InvalidOrigin {
    /// The input.
    pub text: String,
}

/// Why a redirect to a URL is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// It is not an absolute http or https URL without user name, password or control characters.
    #[error("`{field}` is not an absolute http(s) URL")]
    Malformed {
        /// The field of the request.
        field: &'static str,
    },
    /// Its origin is not allowed.
    #[error("`{field}` leads to {origin}, which is not among the allowed origins")]
    OriginNotAllowed {
        /// The field of the request.
        field: &'static str,
        /// The origin.
        origin: String,
    },
}

impl UrlRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "invalid_url",
            Self::OriginNotAllowed { .. } => "url_not_allowed",
        }
    }
}

impl AllowedOrigins {
    /// Parses the origins in `texts`.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] names the first invalid one: it has a path, a user name, or a scheme other than http and
    /// https.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidOrigin> {
        texts.into_iter().map(parse_origin).collect::<Result<_, _>>().map(Self)
    }

    /// The normalized origin of `url`.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] if it is not an absolute http or https URL.
    pub fn origin_of(url: &str) -> Result<String, InvalidOrigin> {
        let invalid = || InvalidOrigin { text: url.to_owned() };
        let parsed = Url::parse(url).map_err(|_| invalid())?;
        if matches!(parsed.scheme(), "http" | "https") {
            Ok(parsed.origin().ascii_serialization())
        } else {
            Err(invalid())
        }
    }

    /// Checks that `url`, the value of `field`, may be redirected to.
    ///
    /// # Errors
    ///
    /// [`UrlRefusal`] if it is malformed or its origin is not allowed.
    pub fn check(&self, field: &'static str, url: &str) -> Result<(), UrlRefusal> {
        let malformed = || UrlRefusal::Malformed { field };
        // The parser accepts what browsers interpret differently: backslashes, tabs, line ends.
        if url.len() > 2000 || url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(malformed());
        }
        let parsed = Url::parse(url).map_err(|_| malformed())?;
        // Some parsers read `https:host` and `https:///host` as `https://host`.
        let plain = url.starts_with("http://") || url.starts_with("https://");
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let userinfo =
            !parsed.username().is_empty() || parsed.password().is_some() || authority(rest).contains('@');
        if !plain || userinfo || rest.starts_with('/') || !parsed.has_host() {
            return Err(malformed());
        }
        let origin = parsed.origin();
        if self.0.contains(&origin) {
            return Ok(());
        }
        Err(UrlRefusal::OriginNotAllowed { field, origin: origin.ascii_serialization() })
    }
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn parse_origin(text: &str) -> Result<Origin, InvalidOrigin> {
    let invalid = || InvalidOrigin { text: text.to_owned() };
    let url = Url::parse(text).map_err(|_| invalid())?;
    let origin = url.origin();
    let bare = origin.ascii_serialization() == text.trim_end_matches('/').to_ascii_lowercase();
    // The parser drops an explicit default port (`https://host:443`), so the comparison does, too.
    let bare =
        bare || url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !text.contains('@');
    if !bare || !matches!(url.scheme(), "http" | "https") || !origin.is_tuple() {
        return Err(invalid());
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> AllowedOrigins {
        AllowedOrigins::parse(["https://app.example.com", "http://localhost:3000/"]).unwrap()
    }

    #[test]
    fn urls_on_listed_origins_pass() {
        for url in [
            "https://app.example.com",
            "https://app.example.com/dashboard?success=true#top",
            "https://APP.example.com:443/x",
            "http://localhost:3000/back?session={CHECKOUT_SESSION_ID}",
        ] {
            assert_eq!(origins().check("success_url", url), Ok(()), "{url}");
        }
    }

    #[test]
    fn everything_that_a_browser_might_take_elsewhere_is_refused() {
        for url in [
            "",
            "/dashboard",
            "//app.example.com",
            "app.example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://app.example.com/",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://app.example.com.evil.test/",
            "https://evil.test/https://app.example.com",
            "https://app.example.com@evil.test/",
            "https://user@app.example.com/",
            "https://@app.example.com/",
            "https://evil.test\\@app.example.com/",
            "https://app.example.com\\.evil.test/",
            "https://app.example.com\t.evil.test/",
            "https://app.example.com\n/",
            " https://app.example.com/",
            "http://app.example.com/",
            "https://app.example.com:8443/",
            "http://localhost:3001/",
            "https://xn--pp-xka.example.com/",
            "https://[::1]/",
        ] {
            assert!(origins().check("success_url", url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone() {
        for text in
            ["app.example.com", "https://app.example.com/x", "https://u@app.example.com", "ftp://x", "*", ""]
        {
            assert!(AllowedOrigins::parse([text]).is_err(), "{text}");
        }
    }
}
