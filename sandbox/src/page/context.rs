//! The parts of the sandbox that the page shows.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::aws::Aws;
use crate::discord::Discord;
use crate::mail::Mailbox;
use crate::seed::Seed;

/// The services behind the page.
#[derive(Clone)]
pub struct PageContext {
    /// Messages, people and commands.
    pub discord: Arc<Discord>,
    /// The mailbox in the right column.
    pub mail: Arc<Mailbox>,
    /// Reports what becomes of a mail.
    pub aws: Arc<Aws>,
    /// People and customers, for the left column.
    pub seed: Arc<Seed>,
    /// Ends the event streams. Otherwise they keep a stopping server waiting.
    pub stopping: CancellationToken,
}
