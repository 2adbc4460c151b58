//! Explains in one sentence why a database cannot be opened, and what to do. It never quotes the URL, which contains a
//! password.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use sea_orm::DbErr;
use sqlx::postgres::PgConnectOptions;

use crate::ConnectError;
use crate::error::{database_code, sqlx_error};

pub(super) fn silent(options: &PgConnectOptions, after: Duration) -> ConnectError {
    let (place, seconds) = (guarded_place(options), after.as_secs());
    unreachable(format!(
        "{place} did not answer within {seconds} s: check host and port in BILLING_DATABASE_URL, and firewalls"
    ))
}

pub(super) fn postgres(options: &PgConnectOptions, error: &sqlx::Error) -> ConnectError {
    let place = match error {
        // No server was reached: the part in the place of the host may be the rest of a password.
        sqlx::Error::Io(error) if !was_reached(error.kind()) => guarded_place(options),
        _ => place(options),
    };
    let text = match error {
        sqlx::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::NotFound => {
                format!("nothing listens at {place}: start Postgres, or correct BILLING_DATABASE_URL")
            }
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset => {
                format!("{place} closed the connection: is it Postgres?")
            }
            _ => format!("{place} cannot be reached: check host and port in BILLING_DATABASE_URL ({error})"),
        },
        sqlx::Error::Tls(error) => {
            format!("no TLS connection to {place}: {error}; check sslmode and certificates")
        }
        sqlx::Error::Protocol(_) => format!("what answers at {place} does not speak as Postgres does"),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("28P01" | "28000") => {
                format!("{place} refuses the user: check user and password in BILLING_DATABASE_URL")
            }
            Some("3D000") => match options.get_database() {
                Some(name) => {
                    format!("{place} has no database \"{name}\": create it, for example with createdb {name}")
                }
                None => {
                    format!("{place} has no database of the user's name: name one in BILLING_DATABASE_URL")
                }
            },
            Some("42501") => format!("{place} denies the user access to the database: grant it CONNECT"),
            Some("53300") => format!("{place} has no connection to spare: raise its max_connections"),
            Some("57P03") => format!("{place} is starting up or shutting down: try again shortly"),
            _ => format!("{place} refuses the connection: {}", error.message()),
        },
        other => format!("{place} cannot be reached: {other}"),
    };
    unreachable(text)
}

/// For a failure behind the pool: the first connection had succeeded just before.
pub(super) fn postgres_mapped(error: &DbErr) -> ConnectError {
    let text = match sqlx_error(error).and_then(sqlx::Error::as_database_error) {
        Some(error) => format!("Postgres refuses the connection: {}", error.message()),
        None => "Postgres cannot be reached any more: try again shortly".to_owned(),
    };
    unreachable(text)
}

pub(super) fn sqlite(error: &DbErr) -> ConnectError {
    // Both the mapper and the driver quote what they cannot parse, including secrets.
    if matches!(sqlx_error(error), None | Some(sqlx::Error::Configuration(_))) {
        return ConnectError::UnusableUrl;
    }
    let code = database_code(error);
    let text = match code.as_deref() {
        Some("26") => "the file is not a SQLite database: choose another in BILLING_DATABASE_URL",
        Some("11") => "the file is damaged: restore it from a backup",
        Some("13" | "4874") => "there is no room left on the file system of the database: make room",
        Some("14") => "the file, or its folder, cannot be opened: check who owns it and its permissions",
        Some("5" | "261") => "another process keeps the file locked: end it, or wait for it",
        Some("8" | "264" | "520" | "776" | "1032" | "1288" | "1544") => {
            "the file cannot be written to: check its permissions and those of its folder"
        }
        _ => return unreachable(format!("the SQLite file cannot be opened: {}", driver_text(error))),
    };
    unreachable(text.to_owned())
}

fn driver_text(error: &DbErr) -> String {
    sqlx_error(error).map_or_else(|| "the driver gave no reason".to_owned(), ToString::to_string)
}

fn unreachable(text: String) -> ConnectError {
    ConnectError::Unreachable(text)
}

fn was_reached(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::UnexpectedEof
            | ErrorKind::BrokenPipe
    )
}

/// As [`place`], for a host that is an address; any other text may be the rest of a password with an `@` in it.
fn guarded_place(options: &PgConnectOptions) -> String {
    let host = options.get_host();
    let is_address = host == "localhost" || host.parse::<IpAddr>().is_ok();
    if options.get_socket().is_some() || is_address { place(options) } else { "Postgres".to_owned() }
}

/// Host and port, or the folder of the socket.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => format!("Postgres at {}", folder.display()),
        None => format!("Postgres at {}:{}", options.get_host(), options.get_port()),
    }
}
