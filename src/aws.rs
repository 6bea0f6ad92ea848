//! Configuration that both AWS clients share: TLS by rustls with ring, the desk's clock, timeouts.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Chain;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use secrecy::ExposeSecret;

use crate::aws_http::GuardedClient;
use crate::clock::SdkClock;
use crate::config::{AwsKeys, AwsSource};
use crate::server_clocks::ServerClocks;
use crate::sql_error::clock_hint;

/// Timeout of a connection: the default of the SDK.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);
/// Timeout of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(12);
/// Timeout of a whole call with its second attempt. A deferred reply has time for it.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Attempts for a call, because most calls are idempotent. The others disable retries themselves.
const MAX_ATTEMPTS: u32 = 2;

/// Loads the SDK's configuration from `source` and adds the shared settings. `clocks` learns the
/// time of AWS from each answer.
pub async fn load_config(source: &AwsSource, clocks: &Arc<ServerClocks>) -> SdkConfig {
    let clock = Arc::clone(clocks.clock());
    match source {
        AwsSource::Environment { region, keys } => {
            // Not the SDK's own lookup in variables: an empty `AWS_REGION` would be a region.
            let machine = ProviderConfig::without_region().with_http_client(http_client(clocks));
            let region = RegionProviderChain::first_try(region.clone().map(Region::new))
                .or_else(ProfileFileRegionProvider::new())
                .or_else(ImdsRegionProvider::builder().configure(&machine).build());
            let loader = aws_config::defaults(version()).region(region);
            let loader = match keys {
                Some(AwsKeys { access_key_id, secret_access_key, session_token }) => loader
                    .credentials_provider(Credentials::new(
                        access_key_id,
                        secret_access_key.expose_secret(),
                        session_token.as_ref().map(|token| token.expose_secret().to_owned()),
                        None,
                        "variables",
                    )),
                None => loader,
            };
            loader
                .http_client(http_client(clocks))
                .sleep_impl(SdkClock(clock))
                .time_source(SigningClock(Arc::clone(clocks)))
                .timeout_config(timeouts())
                .retry_config(retries())
                // Not needed, because replies are small and the whole call has a timeout.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .load()
                .await
        }
        AwsSource::Fixed { endpoint_url, region, access_key_id, secret_access_key } => {
            let credentials = Credentials::new(
                access_key_id,
                secret_access_key.expose_secret(),
                None,
                None,
                "fixed",
            );
            // Without the loader, because it reads the environment and files of the machine.
            SdkConfig::builder()
                .behavior_version(version())
                .region(Region::new(region.clone()))
                .endpoint_url(endpoint_url)
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .http_client(http_client(clocks))
                .sleep_impl(SdkClock(clock))
                .time_source(SigningClock(Arc::clone(clocks)))
                .timeout_config(timeouts())
                .retry_config(retries())
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build()
        }
    }
}

/// Clock of the SDK's signatures: AWS refuses those of a machine that differs by five minutes.
#[derive(Debug)]
struct SigningClock(Arc<ServerClocks>);

impl TimeSource for SigningClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0.aws_now().0).unwrap_or(0))
    }
}

/// Returns a pinned version, so that an update of the SDK changes no behavior.
fn version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

fn http_client(clocks: &Arc<ServerClocks>) -> SharedHttpClient {
    let inner = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    SharedHttpClient::new(GuardedClient { inner, clocks: Arc::clone(clocks) })
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS)
}

/// Reason why a call failed, for the log.
///
/// Contains nothing that was sent or received, because services quote addresses in their messages.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallError(String);

impl CallError {
    pub(crate) fn timed_out() -> Self {
        Self("no answer in time".to_owned())
    }
}

/// Reduces an error of the SDK to what may be logged.
impl<E: ProvideErrorMetadata + Error + 'static> From<SdkError<E>> for CallError {
    fn from(error: SdkError<E>) -> Self {
        Self(match &error {
            SdkError::ServiceError(service) => {
                let name = service.err().code().unwrap_or("an unnamed error");
                format!("the service answered {name}")
            }
            SdkError::TimeoutError(_) => return Self::timed_out(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(connector) if connector.is_io() || connector.is_timeout() => {
                    format!("not reached: {}", error_chain(connector))
                }
                // Missing credentials are found only here.
                Some(connector) => format!("call not sent: {}", error_chain(connector)),
                None => "not reached".to_owned(),
            },
            // The configuration is wrong, such as region or credentials. Nothing was sent.
            SdkError::ConstructionFailure(_) => format!("call not sent: {}", error_chain(&error)),
            SdkError::ResponseError(_) => "unreadable answer".to_owned(),
            _ => "unknown kind of SDK error".to_owned(),
        })
    }
}

/// Returns an error and all its causes in one line, with a hint if the clock can be the cause.
pub(crate) fn error_chain(error: &(dyn Error + 'static)) -> String {
    let chain = Chain::new(error).map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let hint = clock_hint(&chain);
    chain + hint
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use aws_sdk_lambda::Client;
    use commands::model::time::Timestamp;
    use commands::ports::clock::Clock;

    use super::*;
    use crate::aws_stub::{AwsStub, StubReply};

    /// A clock whose sleeps end at once if `ends` says so, and otherwise never. Records all sleeps.
    struct TestClock {
        slept: Mutex<Vec<Duration>>,
        ends: fn(Duration) -> bool,
    }

    #[async_trait]
    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            Timestamp(1_700_000_000_000)
        }

        async fn sleep(&self, duration: Duration) {
            self.slept.lock().unwrap().push(duration);
            if !(self.ends)(duration) {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn invoke(status: u16, ends: fn(Duration) -> bool) -> (String, usize, Vec<Duration>) {
        let clock = Arc::new(TestClock { slept: Mutex::default(), ends });
        let stub = AwsStub::start(move |_| StubReply::error(status, "hush@example.com")).await;
        let error = Client::new(&stub.sdk_config(clock.clone()).await)
            .invoke()
            .function_name("f")
            .send()
            .await
            .unwrap_err();
        let slept = clock.slept.lock().unwrap().clone();
        (CallError::from(error).to_string(), stub.requests().len(), slept)
    }

    #[tokio::test]
    async fn call_is_tried_twice_and_timed_by_given_clock() {
        let (_, attempts, slept) = invoke(503, |duration| duration < CONNECT_TIMEOUT).await;
        assert_eq!(attempts, 2);
        for limit in [CONNECT_TIMEOUT, ATTEMPT_TIMEOUT, CALL_TIMEOUT] {
            assert!(slept.contains(&limit), "{limit:?} in {slept:?}");
        }
    }

    #[tokio::test]
    async fn call_times_out_as_a_whole() {
        let (error, attempts, _) = invoke(503, |duration| duration == CALL_TIMEOUT).await;
        assert_eq!((error.as_str(), attempts), ("no answer in time", 0));
    }

    #[tokio::test]
    async fn error_message_of_service_is_not_quoted() {
        let (error, ..) = invoke(400, |_| false).await;
        assert!(
            error.starts_with("the service answered")
                && !error.contains("is not what it should be"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn unreachable_service_is_not_reached() {
        let source = AwsSource::Fixed {
            endpoint_url: "http://127.0.0.1:1".to_owned(),
            region: "eu-west-1".to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: "test".into(),
        };
        let clock = Arc::new(TestClock {
            slept: Mutex::default(),
            ends: |duration| duration < CONNECT_TIMEOUT,
        });
        let error = Client::new(&load_config(&source, &ServerClocks::new(clock)).await)
            .invoke()
            .function_name("f")
            .send()
            .await
            .unwrap_err();
        let reason = CallError::from(error).to_string();
        assert!(reason.starts_with("not reached: "), "{reason}");
    }

    #[tokio::test]
    async fn unencrypted_endpoint_on_another_machine_is_never_called() {
        let source = AwsSource::Fixed {
            endpoint_url: "http://aws.invalid".to_owned(),
            region: "eu-west-1".to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: "test".into(),
        };
        let clock = Arc::new(TestClock { slept: Mutex::default(), ends: |_| false });
        let error = Client::new(&load_config(&source, &ServerClocks::new(clock)).await)
            .invoke()
            .function_name("f")
            .send()
            .await
            .unwrap_err();
        let reason = CallError::from(error).to_string();
        assert!(reason.starts_with("call not sent: ") && reason.contains("plain http"), "{reason}");
    }
}
