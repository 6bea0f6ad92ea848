//! What an operator watches: the metrics after a walk.

mod walk;
