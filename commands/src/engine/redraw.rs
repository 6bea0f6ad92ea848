//! Draws panels without a click, and reads the customer record that a panel shows.

use std::sync::Arc;

use crate::engine::desk::Desk;
use crate::engine::picture::with_qr;
use crate::engine::{minimal, panel};
use crate::flows::step::Step;
use crate::model::customer::CustomerRecord;
use crate::model::fault::Fault;
use crate::model::flow_state::SupportState;
use crate::model::session::{Session, Work};
use crate::ports::chat::ChatError;
use crate::ports::sessions::{SessionHandle, View};

/// Result of an edit of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    /// The panel is drawn, or Discord refuses every form of it.
    Drawn,
    /// Discord did not accept the call. Another one can succeed.
    Failed,
    /// All tokens of this panel have expired.
    NoToken,
}

impl Desk {
    /// Edits the panel with the newest token.
    pub(crate) async fn edit_panel(&self, handle: &SessionHandle, step: &Step) -> Edited {
        let Some(token) = step.session.panel_token(step.now) else {
            return Edited::NoToken;
        };
        let record = self.record_for_panel(handle).await;
        let generation = step.session.generation;
        let (refusal, page) = (step.refusal.as_ref(), handle.page(generation));
        let screen = panel::render(&step.session, record.as_deref(), refusal, page, step.now);
        let screen = with_qr(&self.ports, &step.session, screen);
        handle.set_view(generation, View::Panel(page));
        let replacements = minimal::replacements(&step.session, &screen);
        let mut edited = self.ports.chat.edit(&token, screen).await;
        for replacement in replacements {
            let Err(ChatError::Refused(fault)) = &edited else { break };
            self.log(fault);
            edited = self.ports.chat.edit(&token, replacement).await;
        }
        match edited {
            Ok(()) => Edited::Drawn,
            Err(ChatError::Refused(fault)) => {
                self.log(&fault);
                Edited::Drawn
            }
            Err(error) => {
                tracing::debug!(%error, "cannot edit the panel");
                if matches!(error, ChatError::Gone) { Edited::NoToken } else { Edited::Failed }
            }
        }
    }

    /// Returns the customer in clear, from memory if the record is young enough, or else from Core.
    pub(crate) async fn customer_record(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        if let Some(record) = handle.fresh_customer_record(self.ports.clock.now()) {
            return Ok(Some(record));
        }
        self.read_customer(handle).await
    }

    /// Reads the session's customer from Core.
    pub(crate) async fn read_customer(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        let session = handle.session();
        let (Some(id), Work::Support(kind, _)) = (session.core_id(), &session.work) else {
            return Ok(None);
        };
        let read_at = self.ports.clock.now();
        let record = self.ports.directory.read(id, *kind).await?.map(Arc::new);
        handle.set_customer_record(record.clone(), read_at);
        Ok(record)
    }

    /// Returns the customer in clear for a view of details. If Core fails, an older record from
    /// memory is shown, because a view grants nothing.
    pub(crate) async fn record_to_view(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        match (self.customer_record(handle).await, handle.customer_record()) {
            (Err(fault), Some(older)) => {
                self.log(&fault);
                Ok(Some(older))
            }
            (record, _) => record,
        }
    }

    /// Returns the customer in clear for a panel, from memory or else from Core. The click on the
    /// panel reads what it relies on.
    pub(crate) async fn record_to_draw(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<Arc<CustomerRecord>>, Fault> {
        match handle.customer_record() {
            Some(record) => Ok(Some(record)),
            None => self.read_customer(handle).await,
        }
    }

    /// Returns the customer in clear if the panel shows it. If Core fails, the panel is drawn
    /// without it.
    pub(crate) async fn record_for_panel(
        &self,
        handle: &SessionHandle,
    ) -> Option<Arc<CustomerRecord>> {
        if !needs_record(&handle.session()) {
            return handle.customer_record();
        }
        self.record_to_draw(handle).await.unwrap_or_else(|fault| {
            self.log(&fault);
            None
        })
    }
}

/// Returns true if the panel shows data of the customer that only Core has.
pub(crate) fn needs_record(session: &Session) -> bool {
    !session.clocks.stripped
        && matches!(
            session.work,
            Work::Support(_, SupportState::Choosing { .. } | SupportState::Acting { .. })
        )
}
