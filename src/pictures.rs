//! The port of pictures: QR codes and charts as PNG.

use commands::model::fault::Fault;
use commands::ports::access::Pictures;
use commands::screens::chart::Chart;
use secrecy::SecretString;

use crate::{chart, qr};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PngPictures;

impl Pictures for PngPictures {
    fn qr(&self, text: &SecretString) -> Result<Vec<u8>, Fault> {
        qr::draw(text)
    }

    fn chart(&self, chart: &Chart) -> Result<Vec<u8>, Fault> {
        chart::draw(chart)
    }
}
