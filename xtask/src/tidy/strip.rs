//! Blanks out everything that is not code, so that words in comments or messages are not taken for calls.

/// The same text, with the same length and lines, with comments, strings and character literals as spaces.
///
/// The quotes of literals are replaced as well. Doc comments are comments.
pub(crate) fn strip(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(letter) = rest.chars().next() {
        let length = not_code(rest, before).unwrap_or(0);
        let (piece, after) = rest.split_at(length.max(letter.len_utf8()));
        if length == 0 {
            code.push_str(piece);
        } else {
            code.extend(piece.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        }
        before = piece.chars().next_back().unwrap_or(' ');
        rest = after;
    }
    code
}

/// The length of the comment or literal at the start of `rest`, in bytes, if there is one.
fn not_code(rest: &str, before: char) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    if rest.starts_with('"') {
        return Some(string(rest));
    }
    // A prefix counts only at the start of a word: `br"` is a string, the `r` of `for` is not.
    if before.is_alphanumeric() || before == '_' {
        return None;
    }
    let after = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len().checked_sub(after.len()).filter(|prefix| (1..=2).contains(prefix))?;
    let length = if rest.get(..prefix)?.ends_with('r') { raw_string(after)? } else { quoted(after)? };
    length.checked_add(prefix)
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut skip = false;
    for (index, pair) in rest.as_bytes().windows(2).enumerate() {
        if skip {
            skip = false;
            continue;
        }
        match pair {
            b"/*" => depth = depth.saturating_add(1),
            b"*/" => depth = depth.saturating_sub(1),
            _ => continue,
        }
        skip = true;
        if depth == 0 {
            return index.saturating_add(2);
        }
    }
    rest.len()
}

fn quoted(rest: &str) -> Option<usize> {
    if rest.starts_with('"') { Some(string(rest)) } else { character(rest) }
}

fn string(rest: &str) -> usize {
    end_of_literal(rest, '"').unwrap_or(rest.len())
}

/// `'x'` and `'\n'`, but not the lifetime `'x`.
fn character(rest: &str) -> Option<usize> {
    let mut letters = rest.strip_prefix('\'')?.chars();
    let first = letters.next()?;
    if first == '\\' || letters.next() == Some('\'') { end_of_literal(rest, '\'') } else { None }
}

/// The byte after the closing quote; a backslash escapes the next letter.
fn end_of_literal(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return index.checked_add(1),
            _ => {}
        }
    }
    None
}

/// `"…"` or `#"…"#` after an `r`; `None` for a raw identifier such as `r#type`.
fn raw_string(after: &str) -> Option<usize> {
    let body = after.trim_start_matches('#');
    let hashes = after.len().checked_sub(body.len())?;
    let inner = body.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inner.find(&end)?;
    hashes.checked_add(1)?.checked_add(length)?.checked_add(end.len())
}

#[cfg(test)]
mod tests {
    use super::strip;

    /// The remaining text, without spaces.
    fn left(text: &str) -> String {
        let code = strip(text);
        assert_eq!(code.lines().count(), text.lines().count(), "{text}");
        code.split_whitespace().collect()
    }

    #[test]
    fn comments_go() {
        assert_eq!(left("a // tokio::\nb /* x /* y */ z */ c /// doc\n//! doc\nd"), "abcd");
        assert_eq!(left("a /**/ b /*/ c */ d"), "abd");
    }

    #[test]
    fn literals_go() {
        assert_eq!(left(r#"a("std::fs \" // no", b"x", c"y") // z"#), "a(,,)");
        assert_eq!(left("a(r\"\\\", br#\"x \" y\"#, cr##\"\"#\"##) b"), "a(,,)b");
        assert_eq!(left("a('\"', '\\'', b'x', '\\u{1F600}', 'é') b"), "a(,,,,)b");
    }

    #[test]
    fn code_stays() {
        assert_eq!(
            left("fn f<'a>(x: &'a str) -> r#type { for_r(x) }"),
            "fnf<'a>(x:&'astr)->r#type{for_r(x)}"
        );
        assert_eq!(left("struct bcr; let b = c / r * d;"), "structbcr;letb=c/r*d;");
        assert_eq!(left("var\"x\""), "var");
    }

    #[test]
    fn a_file_that_ends_too_early_ends_the_search() {
        assert_eq!(left("a /* b"), "a");
        assert_eq!(left("a \"b"), "a");
        assert_eq!(left("a 'b"), "a'b");
    }
}
