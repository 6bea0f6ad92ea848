//! Fields that a signature or a MAC covers, as bytes.

/// Stands for the length of an absent text. No text is that long.
const ABSENT: u64 = u64::MAX;
/// Room for a usual event.
const CAPACITY: usize = 512;

/// A list of fields. Each text is preceded by its length, so that no two lists give the same bytes.
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// Starts a list. `kind` tells it from lists that mean something else.
    pub(crate) fn of(kind: &str) -> Self {
        let mut fields = Self(Vec::with_capacity(CAPACITY));
        fields.text(Some(kind));
        fields
    }

    pub(crate) fn text(&mut self, text: Option<&str>) -> &mut Self {
        let length = text.map_or(ABSENT, |text| text.len() as u64);
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
        self
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds a number that may be absent, as a text.
    pub(crate) fn optional(&mut self, number: Option<i64>) -> &mut Self {
        self.text(number.map(|number| number.to_string()).as_deref())
    }

    /// Adds bytes of a fixed length.
    pub(crate) fn bytes<const N: usize>(&mut self, bytes: &[u8; N]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_read_alike_differ() {
        let list = |one: Option<&str>, other: Option<&str>| {
            Fields::of("list").text(one).text(other).as_bytes().to_vec()
        };
        let lists = [
            list(Some("ab"), Some("c")),
            list(Some("a"), Some("bc")),
            list(Some("abc"), Some("")),
            list(Some("abc"), None),
            list(None, Some("abc")),
            Fields::of("other").text(Some("ab")).text(Some("c")).as_bytes().to_vec(),
        ];
        for (n, one) in lists.iter().enumerate() {
            assert!(lists[n + 1..].iter().all(|other| one != other), "list {n}");
        }
        let number = |number| Fields::of("list").optional(number).as_bytes().to_vec();
        assert_ne!(number(None), number(Some(0)));
    }
}
