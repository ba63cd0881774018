//! The database that a bench measures: SQLite in the data folder or, with `--postgres`, PostgreSQL.

use vyveska_central::Config;
use vyveska_central::storage::testing::PostgresServer;

/// Has the service use an empty schema of a server of this process where that is asked for; its name.
pub(crate) async fn choose(config: &mut Config) -> &'static str {
    if !std::env::args().any(|argument| argument == "--postgres") {
        return "SQLite";
    }
    let address = PostgresServer::of_this_process().schema().await;
    config.service.database = Some(address.into());
    "PostgreSQL"
}
