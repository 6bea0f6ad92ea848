//! Screens as plain data: panels, forms, texts in two languages, and the codec of custom ids.

pub mod address_form;
pub mod agent_id;
pub mod alert_press;
pub mod chart;
pub mod command_mentions;
pub mod csv_file;
pub mod custom_id;
pub mod customer_id;
pub mod desk_id;
pub mod launch_id;
pub mod numbers;
pub mod refusal_texts;
pub mod screen;
pub mod stats_id;
pub mod text;
pub mod trail_id;
pub mod widgets;
