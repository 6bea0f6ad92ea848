//! Keyed hashes by a KMS key of type `HMAC_256`.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;

use super::failure::Failed;
use crate::ports::{CodeMac, Fault};

pub(super) struct MacKey {
    client: Client,
    key_id: String,
}

impl MacKey {
    pub(super) fn new(sdk: &SdkConfig, key_id: String) -> Self {
        Self { client: Client::new(sdk), key_id }
    }
}

#[async_trait]
impl CodeMac for MacKey {
    async fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        let request = self
            .client
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(Blob::new(message));
        let made = request.send().await.map_err(|error| {
            Failed::log("kms", &error);
            Fault("the key does not answer")
        })?;
        let mac = made.mac.map(Blob::into_inner).unwrap_or_default();
        mac.try_into().map_err(|_| Fault("the key answered without a hash"))
    }
}
