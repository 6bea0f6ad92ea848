//! The agents' guides: their pictures, taken in a real browser by `docs/pictures.sh`, and that what
//! they say is on the screen.

mod catalogue;
mod clocks;
mod documents;
mod picture;
mod roads;
mod stage;
