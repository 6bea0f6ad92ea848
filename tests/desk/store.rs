//! A database in a test: a file of its own, or a database of its own on the tests' PostgreSQL
//! server. A test can take the bot's store away.

use std::path::Path;

use sqlx::{AnyConnection, Connection as _};

use crate::replicas::postgres::Postgres;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The bot's store, or Core.
pub enum Store {
    /// Address of a file.
    File(String),
    /// A database on the server.
    Postgres(Postgres),
}

/// Keeps the database unavailable until [`Gone::comes_back`].
pub enum Gone<'a> {
    /// The file is locked, as by an operator's shell. It accepts no write.
    Locked(AnyConnection),
    /// The database accepts no connection.
    Shut(&'a Postgres),
    /// New connections are read-only.
    ReadOnly(&'a Postgres),
}

impl Store {
    /// Creates a store. SQLite keeps it in `file`.
    pub async fn new(engine: Engine, file: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self::File(format!("sqlite://{}?mode=rwc", file.display())),
            Engine::Postgres => Self::Postgres(Postgres::new().await),
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::File(url) => url,
            Self::Postgres(postgres) => &postgres.url,
        }
    }

    /// Takes the store away from the bot.
    pub async fn goes(&self) -> Gone<'_> {
        match self {
            Self::File(url) => {
                sqlx::any::install_default_drivers();
                let mut store = AnyConnection::connect(url).await.unwrap();
                sqlx::raw_sql("pragma busy_timeout = 10000; begin immediate")
                    .execute(&mut store)
                    .await
                    .unwrap();
                Gone::Locked(store)
            }
            Self::Postgres(postgres) => {
                postgres.shuts().await;
                Gone::Shut(postgres)
            }
        }
    }

    /// Fails the server over to a standby that is still read-only.
    ///
    /// # Panics
    /// With a file, which has no server.
    pub async fn fails_over(&self) -> Gone<'_> {
        match self {
            Self::File(_) => panic!("only a server fails over"),
            Self::Postgres(postgres) => {
                postgres.becomes_read_only().await;
                Gone::ReadOnly(postgres)
            }
        }
    }

    /// Removes the store at the end of a test.
    pub async fn drops(self) {
        if let Self::Postgres(postgres) = self {
            postgres.drops().await;
        }
    }
}

impl Gone<'_> {
    pub async fn comes_back(self) {
        match self {
            Self::Locked(store) => store.close().await.unwrap(),
            Self::Shut(postgres) => postgres.opens().await,
            Self::ReadOnly(postgres) => postgres.becomes_writable().await,
        }
    }
}
