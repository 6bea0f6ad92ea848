//! HTTP client of the AWS SDK. It refuses plain http to another machine, also if the environment, a
//! profile or a redirect names such an address. It compares the `Date` of each answer with the
//! clock.

use std::net::Ipv6Addr;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use url::{Host, Url};

use crate::config::is_confidential;
use crate::server_clocks::{ServerClocks, TimeSource};

/// Address of EC2's metadata service over IPv6 (EC2 user guide, "Instance metadata").
const METADATA_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// A client that guards another one.
#[derive(Debug)]
pub(crate) struct GuardedClient {
    pub(crate) inner: SharedHttpClient,
    pub(crate) clocks: Arc<ServerClocks>,
}

impl HttpClient for GuardedClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        let clocks = Arc::clone(&self.clocks);
        SharedHttpConnector::new(GuardedConnector { inner, clocks })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct GuardedConnector {
    inner: SharedHttpConnector,
    clocks: Arc<ServerClocks>,
}

impl HttpConnector for GuardedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if !may_send_to(request.uri()) {
            let reason = "plain http to another machine is refused: check the endpoint";
            return HttpConnectorFuture::ready(Err(ConnectorError::user(reason.into())));
        }
        let (clocks, sent_at) = (Arc::clone(&self.clocks), self.clocks.clock().now());
        let answering = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answering.await?;
            if let Some(date) = answer.headers().get("date") {
                clocks.compare(TimeSource::Aws, date, sent_at);
            }
            Ok(answer)
        })
    }
}

/// Returns true for https, loopback, and the metadata services of EC2 and ECS, which have
/// link-local addresses and plain http only.
fn may_send_to(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let is_metadata_service = match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => address == METADATA_IPV6,
        _ => false,
    };
    is_confidential(&url) || is_metadata_service
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_the_machine() {
        for (uri, sent) in [
            ("https://lambda.eu-west-1.amazonaws.com/x", true),
            ("http://127.0.0.1:8400/aws", true),
            ("http://localhost/aws", true),
            ("http://169.254.169.254/latest/api/token", true),
            ("http://169.254.170.2/v2/credentials", true),
            ("http://[fd00:ec2::254]/latest/api/token", true),
            ("http://lambda.example.com/x", false),
            ("http://10.0.0.7/x", false),
            ("http://[fd00:ec2::255]/x", false),
            ("lambda.example.com", false),
        ] {
            assert_eq!(may_send_to(uri), sent, "{uri}");
        }
    }
}
