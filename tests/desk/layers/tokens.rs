//! Splits Rust source into tokens.

/// An identifier, a `::` or a single other character, outside of comments and literals.
#[derive(Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Token {
    pub fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Splits a source into tokens. A string becomes no token at all.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let char_at = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let start = at;
        let mut token = None;
        match chars[at] {
            '/' if char_at(at + 1) == '/' => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            '/' if char_at(at + 1) == '*' => at = after_block_comment(&chars, at),
            '"' => at = after_string(&chars, at),
            '\'' => at = after_quote(&chars, at),
            c if c.is_alphanumeric() || c == '_' => {
                while char_at(at).is_alphanumeric() || char_at(at) == '_' {
                    at += 1;
                }
                let word: String = chars[start..at].iter().collect();
                let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
                if ["r", "br", "cr"].contains(&word.as_str()) && char_at(at + hashes) == '"' {
                    at = after_raw_string(&chars, at + hashes, hashes);
                } else {
                    token = Some(word);
                }
            }
            ':' if char_at(at + 1) == ':' => {
                at += 2;
                token = Some("::".to_owned());
            }
            c => {
                at += 1;
                token = (!c.is_whitespace()).then(|| c.to_string());
            }
        }
        tokens.extend(token.map(|text| Token { text, line }));
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn after_block_comment(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at < chars.len() {
        match chars.get(at..at + 2) {
            Some(['/', '*']) => (at, depth) = (at + 2, depth + 1),
            Some(['*', '/']) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn after_string(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn after_raw_string(chars: &[char], quote: usize, hashes: usize) -> usize {
    let is_end = |at: usize| {
        chars[at] == '"'
            && chars[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    (quote + 1..chars.len()).find(|at| is_end(*at)).map_or(chars.len(), |at| at + 1 + hashes)
}

/// Skips a character literal, or the quote and the name of a lifetime.
fn after_quote(chars: &[char], from: usize) -> usize {
    match chars.get(from + 1..) {
        Some(['\\', _, rest @ ..]) => {
            from + 3 + rest.iter().take_while(|c| **c != '\'').count() + 1
        }
        Some([_, '\'', ..]) => from + 3,
        Some(rest) => {
            from + 1 + rest.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
        }
        None => from + 1,
    }
}
