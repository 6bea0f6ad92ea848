//! Ports in memory, for the sandbox and tests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use ring::hmac;

use crate::ports::{CodeMac, Fault, Random, Saved, Sessions};
use crate::session_state::SessionState;
use crate::system::SystemRandom;

/// Session states as JSON, as a table keeps them.
#[derive(Default)]
pub struct MemorySessions {
    states: Mutex<HashMap<String, (String, u64)>>,
}

impl MemorySessions {
    /// Returns everything that is stored, as text, to search it for secrets.
    pub fn dump(&self) -> String {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<String> =
            states.iter().map(|(id, (state, version))| format!("{id} {version} {state}")).collect();
        lines.join("\n")
    }
}

#[async_trait]
impl Sessions for MemorySessions {
    async fn load(&self, session_id: &str) -> Result<(SessionState, u64), Fault> {
        let states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((state, version)) = states.get(session_id) else {
            return Ok((SessionState::default(), 0));
        };
        let state = serde_json::from_str(state).map_err(|_| Fault("a state is not readable"))?;
        Ok((state, *version))
    }

    async fn save(
        &self,
        session_id: &str,
        state: &SessionState,
        version: u64,
    ) -> Result<Saved, Fault> {
        let state = serde_json::to_string(state).map_err(|_| Fault("a state is not writable"))?;
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = states.get(session_id).map_or(0, |(_, version)| *version);
        if newest != version {
            return Ok(Saved::Conflict);
        }
        states.insert(session_id.to_owned(), (state, version + 1));
        Ok(Saved::Done)
    }
}

/// A key that lives as long as the process.
pub struct MemoryMac(hmac::Key);

impl MemoryMac {
    /// Generates a key.
    pub fn random() -> Self {
        let mut key = [0; 32];
        SystemRandom.fill(&mut key);
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }
}

#[async_trait]
impl CodeMac for MemoryMac {
    async fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        hmac::sign(&self.0, message).as_ref().try_into().map_err(|_| Fault("a hash has 32 bytes"))
    }
}
