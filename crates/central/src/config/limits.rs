//! `[service.limits]`: how much of the service its clients may take.
//!
//! The defaults fit 20,000 file descriptors, see [`LimitsConfig::descriptors`].

use std::time::Duration;

use serde::Deserialize;
use vyveska_board::settings::Bounded;

use super::ConfigError;
use super::check::check;

type HeadSeconds = Bounded<1, 60, 10>;
type IdleSeconds = Bounded<1, 600, 30>;
type TransferBytesPerSecond = Bounded<1, 1_000_000, 1_000>;
type ConnectionsPerAddress = Bounded<2, 200_000, 128>;
type WaitingConnections = Bounded<1, 200_000, 1_800>;
type PublicRequests = Bounded<1, 200_000, 1_000>;
type AdminRequests = Bounded<1, 10_000, 100>;
type DisplayRequests = Bounded<1, 200_000, 1_000>;
type RequestsPerDisplay = Bounded<1, 1_000, 8>;
type DisplayRequestsPerAddress = Bounded<1, 200_000, 250>;
type DisplayStreams = Bounded<1, 200_000, 13_000>;
type StreamsPerDisplay = Bounded<1, 100, 2>;
type DisplayStreamsPerAddress = Bounded<1, 200_000, 1_000>;

/// What is open beside connections and documents: the database, logs, feeds, programs that prepare documents; and the
/// few connections of displays that enrol.
const OTHER_DESCRIPTORS: u64 = 1_000;

/// `[service.limits]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// How long the head of a request may take to come, in seconds.
    pub head_seconds: u32,
    /// After how many seconds without a request a connection ends.
    pub idle_seconds: u32,
    /// How fast a body must come and a response be taken at least.
    pub transfer_bytes_per_second: u32,
    /// Connections of one address that are not a display's: at most half of them wait for a request, at most half have one.
    /// Behind a proxy the requests are counted for each client, and the waiting connections not at all.
    pub connections_per_address: u32,
    /// Connections that wait for a request; the one that has waited longest ends for another.
    pub waiting_connections: u32,
    /// Requests of the public, until the response has been sent; further ones are refused.
    pub public_requests: u32,
    /// Requests of the admin, until the response has been sent; further ones are refused.
    pub admin_requests: u32,
    /// Requests of displays, without their event streams; further ones are refused.
    pub display_requests: u32,
    pub requests_per_display: u32,
    /// Requests of all displays at one address; behind a proxy they are counted for each client.
    pub display_requests_per_address: u32,
    /// Event streams; further ones are refused.
    pub display_streams: u32,
    /// Event streams of one display; the oldest ends for another.
    pub streams_per_display: u32,
    /// Event streams of all displays at one address, counted in the same way; further ones are refused.
    pub display_streams_per_address: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            head_seconds: HeadSeconds::default_value(),
            idle_seconds: IdleSeconds::default_value(),
            transfer_bytes_per_second: TransferBytesPerSecond::default_value(),
            connections_per_address: ConnectionsPerAddress::default_value(),
            waiting_connections: WaitingConnections::default_value(),
            public_requests: PublicRequests::default_value(),
            admin_requests: AdminRequests::default_value(),
            display_requests: DisplayRequests::default_value(),
            requests_per_display: RequestsPerDisplay::default_value(),
            display_requests_per_address: DisplayRequestsPerAddress::default_value(),
            display_streams: DisplayStreams::default_value(),
            streams_per_display: StreamsPerDisplay::default_value(),
            display_streams_per_address: DisplayStreamsPerAddress::default_value(),
        }
    }
}

impl LimitsConfig {
    pub fn head_time(&self) -> Duration {
        Duration::from_secs(self.head_seconds.into())
    }

    pub fn idle_time(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.into())
    }

    /// How long the body of a request may take to come.
    pub fn body_time(&self, bytes: u64) -> Duration {
        self.head_time() + self.transfer_time(bytes)
    }

    /// How long so many bytes take at the least speed.
    pub fn transfer_time(&self, bytes: u64) -> Duration {
        Duration::from_secs(bytes) / self.transfer_bytes_per_second
    }

    /// The file descriptors that are open when every limit is reached; a request may have a document open.
    pub fn descriptors(&self) -> u64 {
        let requests = [
            self.public_requests,
            self.admin_requests,
            self.display_requests,
        ];
        let requests: u64 = requests.into_iter().map(u64::from).sum();
        let connections = u64::from(self.waiting_connections) + u64::from(self.display_streams);
        connections + 2 * requests + OTHER_DESCRIPTORS
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check::<HeadSeconds>("service.limits.head_seconds", self.head_seconds)?;
        check::<IdleSeconds>("service.limits.idle_seconds", self.idle_seconds)?;
        check::<TransferBytesPerSecond>(
            "service.limits.transfer_bytes_per_second",
            self.transfer_bytes_per_second,
        )?;
        check::<ConnectionsPerAddress>(
            "service.limits.connections_per_address",
            self.connections_per_address,
        )?;
        check::<WaitingConnections>(
            "service.limits.waiting_connections",
            self.waiting_connections,
        )?;
        check::<PublicRequests>("service.limits.public_requests", self.public_requests)?;
        check::<AdminRequests>("service.limits.admin_requests", self.admin_requests)?;
        check::<DisplayRequests>("service.limits.display_requests", self.display_requests)?;
        check::<RequestsPerDisplay>(
            "service.limits.requests_per_display",
            self.requests_per_display,
        )?;
        check::<DisplayRequestsPerAddress>(
            "service.limits.display_requests_per_address",
            self.display_requests_per_address,
        )?;
        check::<DisplayStreams>("service.limits.display_streams", self.display_streams)?;
        check::<StreamsPerDisplay>(
            "service.limits.streams_per_display",
            self.streams_per_display,
        )?;
        check::<DisplayStreamsPerAddress>(
            "service.limits.display_streams_per_address",
            self.display_streams_per_address,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_fit_the_descriptors_of_a_machine() {
        assert_eq!(LimitsConfig::default().descriptors(), 20_000);
    }
}
