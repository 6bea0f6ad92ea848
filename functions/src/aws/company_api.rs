//! The company's own HTTP API, for customers' addresses or for access links. Requests are signed
//! with the function's role (AWS Signature Version 4, service `execute-api`).

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::environment::InvalidEnvironment;
use super::log;
use crate::contract::Locale;
use crate::ports::{
    CompanyLink, Customers, Fault, LinkApi, LinkApiError, LinkOrder, LookUpError, Recipient,
};

/// Timeout of a call.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Largest answer, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

const FAILED: Fault = Fault("the company's API failed");
const INVALID: Fault = Fault("the company's API gave no valid answer");

pub(super) struct CompanyApi {
    client: Client,
    base: Url,
    sdk: SdkConfig,
}

#[derive(Deserialize)]
struct Customer {
    address: String,
    name: String,
    locale: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    url: SecretString,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl CompanyApi {
    pub(super) fn new(sdk: &SdkConfig, url: &str) -> Result<Self, InvalidEnvironment> {
        let invalid = InvalidEnvironment {
            variable: "DIRECTORY_URL or ACCESS_LINKS_URL",
            hint: "write an https address",
        };
        let base = Url::parse(url).ok().filter(is_confidential).ok_or(invalid.clone())?;
        // A redirect would carry a signed request to another address.
        let client = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).build();
        Ok(Self { client: client.map_err(|_| invalid)?, base, sdk: sdk.clone() })
    }

    /// Sends a signed request. `path` are the segments after the base address.
    async fn send(
        &self,
        method: Method,
        path: &[&str],
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<(StatusCode, Vec<u8>), Fault> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Fault("the API's address has no path"))?
            .pop_if_empty()
            .extend(path);
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(key.map(|key| ("idempotency-key", key.to_owned())));
        let signature = self.signature(&method, &url, &headers, &body).await?;
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let failed = |_| {
            log::service_failed("company api", "no answer", None);
            FAILED
        };
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        if !status.is_success() && status != StatusCode::NOT_FOUND {
            log::service_failed("company api", "refused", Some(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                log::service_failed("company api", "the answer is too large", None);
                return Err(INVALID);
            }
        }
        Ok((status, body))
    }

    async fn signature(
        &self,
        method: &Method,
        url: &Url,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<Vec<(String, String)>, Fault> {
        use aws_sdk_dynamodb::config::ProvideCredentials as _;
        let unsigned = Fault("a request to the company's API could not be signed");
        let provider = self.sdk.credentials_provider().ok_or(unsigned)?;
        let credentials = provider.provide_credentials().await.map_err(|_| unsigned)?;
        let identity = credentials.into();
        let region = self.sdk.region().ok_or(unsigned)?;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region.as_ref())
            .name("execute-api")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unsigned)?;
        let signable = SignableRequest::new(
            method.as_str(),
            url.as_str(),
            headers.iter().map(|(name, value)| (*name, value.as_str())),
            SignableBody::Bytes(body.as_bytes()),
        );
        let signable = signable.map_err(|_| unsigned)?;
        let (instructions, _) = sign(signable, &params.into()).map_err(|_| unsigned)?.into_parts();
        let signed = instructions.headers();
        Ok(signed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[async_trait]
impl Customers for CompanyApi {
    async fn find(&self, id: &str) -> Result<Option<Recipient>, LookUpError> {
        if !is_segment(id) {
            return Ok(None);
        }
        let answer = self.send(Method::GET, &["customers", id], None, None).await;
        let (status, body) = answer.map_err(|_| LookUpError)?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        if !status.is_success() {
            return Err(LookUpError);
        }
        let customer: Customer = parse(&body).ok_or(LookUpError)?;
        Ok(Some(Recipient {
            address: customer.address,
            name: customer.name,
            locale: customer.locale.map(|tag| Locale::from_tag(&tag)),
        }))
    }
}

#[async_trait]
impl LinkApi for CompanyApi {
    async fn issue(&self, order: &LinkOrder<'_>) -> Result<CompanyLink, LinkApiError> {
        let body = json!({
            "session_id": order.session_id,
            "target": order.target,
            "customer_id": order.customer_id,
            "ecosystem_id": order.ecosystem_id,
            "agent_id": order.agent_id,
        });
        let answer = self.send(Method::POST, &["links"], Some(order.key), Some(body)).await;
        let body = accepted(answer)?;
        let link: Link = parse(&body).ok_or(LinkApiError::Fault(INVALID))?;
        let expires_at = link.expires_at.unix_timestamp() * 1_000;
        Ok(CompanyLink { url: link.url, expires_at })
    }

    async fn revoke(&self, session_id: &str) -> Result<(), LinkApiError> {
        let path = ["sessions", session_id];
        match self.send(Method::DELETE, &path, None, None).await {
            Ok((StatusCode::NOT_FOUND, _)) => Ok(()),
            answer => accepted(answer).map(drop),
        }
    }
}

/// Returns true for an https address, or for one on this machine.
fn is_confidential(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
}

/// Returns true if the text stays a segment of a path. A URL drops `.` and `..`.
fn is_segment(text: &str) -> bool {
    !["", ".", ".."].contains(&text)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let parsed = serde_json::from_slice(body).ok();
    if parsed.is_none() {
        log::service_failed("company api", "the answer has another shape", None);
    }
    parsed
}

fn accepted(answer: Result<(StatusCode, Vec<u8>), Fault>) -> Result<Vec<u8>, LinkApiError> {
    match answer {
        Ok((status, body)) if status.is_success() => Ok(body),
        Ok((status, _)) if status.is_client_error() => Err(LinkApiError::Refused),
        Ok(_) => Err(LinkApiError::Fault(FAILED)),
        Err(fault) => Err(LinkApiError::Fault(fault)),
    }
}

#[cfg(test)]
mod tests;
