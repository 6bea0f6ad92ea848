//! The QR image of a panel.

use crate::flows::support::access_screens::{qr_link, qr_picture};
use crate::model::session::Session;
use crate::ports::Ports;
use crate::screens::screen::Screen;

/// Adds the QR image of the session's newest link, unless the panel is stripped. An image that
/// cannot be drawn is left out. It was drawn once before its link was saved.
pub(crate) fn with_qr(ports: &Ports, session: &Session, mut screen: Screen) -> Screen {
    if let Some((target, url)) =
        qr_link(session, ports.clock.now()).filter(|_| !session.clocks.stripped)
    {
        match ports.pictures.qr(url) {
            Ok(png) => screen.picture = Some(qr_picture(target, png, session.locale)),
            Err(fault) => fault.log(&ports.keys.reference()),
        }
    }
    screen
}
