//! Fields of stored data that a newer version of the bot wrote.
//!
//! Each struct that is stored has such a part, so that an older version writes back what it does
//! not know. An enum has none: an unknown variant, or an unknown field of a variant, makes the row
//! unreadable, and this version leaves the row alone. So new fields belong to structs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The fields of a stored struct that this version does not know. Boxed, because there are none
/// except during an upgrade. `Debug` shows their number only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnknownFields(Option<Box<Map<String, Value>>>);

impl UnknownFields {
    /// No fields, as in all data that this version makes.
    pub const NONE: Self = Self(None);
}

impl fmt::Debug for UnknownFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnknownFields({})", self.0.as_ref().map_or(0, |fields| fields.len()))
    }
}

impl Serialize for UnknownFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().flat_map(|fields| fields.iter()))
    }
}

impl<'de> Deserialize<'de> for UnknownFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::deserialize(deserializer)?;
        Ok(Self((!fields.is_empty()).then(|| Box::new(fields))))
    }
}
