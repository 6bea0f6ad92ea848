//! The bot's store in a test's world: a file of its own, or a database of its own on the PostgreSQL
//! server of the tests; and how it goes.

use std::path::Path;

use sqlx::{AnyConnection, Connection as _};

use crate::replicas::postgres::Postgres;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The store of a world.
pub enum Store {
    /// A file, at this address.
    File(String),
    /// A database on the server.
    Postgres(Postgres),
}

/// The store is gone as long as this is there.
pub enum Gone<'a> {
    /// Another process has the file's lock, as an operator's shell can: it takes no write.
    Locked(AnyConnection),
    /// The database lets nobody in.
    Shut(&'a Postgres),
}

impl Store {
    /// A new one; a file is in this folder.
    pub async fn new(engine: Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => {
                Self::File(format!("sqlite://{}?mode=rwc", folder.join("desk.db").display()))
            }
            Engine::Postgres => Self::Postgres(Postgres::new().await),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        match self {
            Self::File(url) => url,
            Self::Postgres(postgres) => &postgres.url,
        }
    }

    /// It goes.
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

    /// Nobody needs it any more.
    pub async fn drops(self) {
        if let Self::Postgres(postgres) = self {
            postgres.drops().await;
        }
    }
}

impl Gone<'_> {
    /// It is back.
    pub async fn comes_back(self) {
        match self {
            Self::Locked(store) => store.close().await.unwrap(),
            Self::Shut(postgres) => postgres.opens().await,
        }
    }
}
